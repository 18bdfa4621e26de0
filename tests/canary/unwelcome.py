"""Requests that are refused, each with a whole person in it: what is wrong must be told without saying of whom."""

import json
from typing import Any
from urllib.parse import quote

import httpx

from tests.canary.canaries import Crowd
from tests.canary.system import System


def spoilt(person: dict[str, Any]) -> list[Any]:
    """Persons that no office may send; each still tells who it is."""
    name, number = person["last_name"], person.get("ssn", "")
    return [
        person | {name: number},
        person | {"birth_date": f"{name} {person['birth_date']}"},
        person | {"ssn": f"{number}{number} {name}"},
        person | {"sex": name},
        person | {"phones": name},
        person | {"first_name": [person["first_name"], number]},
        person | {"addresses": [{"street": number, name: name}]},
        person | {"last_name": f"{name}\ud800"},
        person | {"sensitivity": number},
        [person],
        f"{name} {number}",
        {number: person},
    ]


async def send_unwelcome(
    system: System, crowd: Crowd, tokens: dict[str, str], plain: httpx.AsyncClient
) -> int:
    """How many were sent. AssertionError: one was taken."""
    er = next(worker for worker in crowd.county.workers if worker.job == "er")
    ew = next(worker for worker in crowd.county.workers if worker.job == "ew")
    sent = 0
    for family in crowd.county.families[:6]:
        intake = family.intakes[0]
        service, path, listed = (
            ("cws", "/v1/referrals", "participants")
            if intake.side == "cws"
            else ("calworks", "/v1/applications", "persons")
        )
        url, worker = f"{system.address(service)}{path}", er if intake.side == "cws" else ew
        person = dict(max(intake.records, key=lambda one: "ssn" in one.body).body)
        name, number = person["last_name"], person.get("ssn", "734-11-2222")
        headers = {"Authorization": f"Bearer {tokens[worker.ref]}"}
        bodies: list[bytes] = [
            json.dumps({listed: [{"person": one, "role": name, "record_id": number}], name: number}).encode()
            for one in spoilt(person)
        ]
        bodies += [
            json.dumps(person).encode()[:-3],
            f"{name};{number}".encode(),
            json.dumps(person).encode("utf-16"),
            *([json.dumps(person).encode() * 20_000] if not sent else []),
        ]
        answers = [
            await plain.post(
                url, headers=headers | {"Content-Type": kind, "Idempotency-Key": key}, content=body
            )
            for body in bodies
            for kind, key in (
                ("application/json", f"key-{sent}-{hash(body)}"),
                (quote(f"text/{name}"), number),
            )
        ]
        in_url = quote(f"{name} {number}")
        answers += [
            await plain.get(f"{system.address(service)}/v1/{in_url}", headers=headers),
            await plain.get(f"{system.address(service)}/v1/clients/{in_url}?name={in_url}", headers=headers),
            await plain.get(f"{system.address('matcher')}/v1/alerts?inbox={in_url}", headers=headers),
            await plain.get(f"{system.address('matcher')}/v1/alerts/{in_url}", headers=headers),
            await plain.get(f"{system.address('matcher')}/login?ticket={in_url}"),
            await plain.get(url, headers={"Authorization": f"Bearer {in_url}"}),
            await plain.get(url, headers=headers | {"X-Request-Id": in_url, "traceparent": in_url}),
            await plain.get(url, headers={"Cookie": f"session={in_url}"}),
            await plain.post(
                f"{system.address('matcher')}/v1/releases",
                headers=headers | {"Idempotency-Key": "1"},
                json={"persons": [{"ref": number, "signed_by": name}], "form": name},
            ),
        ]
        sent += len(answers)
        taken = [one.request.url.path for one in answers[:-9] if one.is_success]
        assert not taken, taken
    return sent
