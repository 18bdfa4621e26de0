"""Made-up families whom both programs know, and liaisons who ask what was told of them, over HTTP."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from shared.calendars import PACIFIC, local_date
from tests.contract.county import HOME, County, release_of

EVERYTHING = ["K0", "K1", "K2", "K3", "K4", "K6", "K7"]


@dataclass(frozen=True)
class Family:
    """What a mother and her girl are called on both sides, and the two who work with them."""

    county: str
    mother: str
    girl: str
    adult: str
    kid: str
    social: str
    specialist: str

    @property
    def of_calworks(self) -> tuple[str, str, str]:
        """What nobody in Child Welfare Services should find."""
        return self.adult, self.kid, self.specialist


async def come(county: County, name: str, number: int, code: str = HOME, *, to_both: bool = True) -> Family:
    """They come to Child Welfare Services and, if to both, to CalWORKs."""
    days = timedelta(days=7 * number)  # families with birthdays in common might be one
    grown, small = (date(1960, 1, 2) + days).isoformat(), (date(1998, 1, 2) + days).isoformat()
    people = [
        {
            "first_name": "Ana",
            "last_name": name,
            "birth_date": grown,
            "sex": "F",
            "ssn": f"612-47-{number:04}",
        },
        {
            "first_name": "Luz",
            "last_name": name,
            "birth_date": small,
            "sex": "F",
            "ssn": f"613-52-{number:04}",
        },
    ]
    now, social, specialist = datetime.now(UTC).isoformat(), f"sw-{name}", f"es-{name}"
    referral = await county.made(
        "cws",
        "/v1/referrals",
        {
            "received_at": now,
            "response": "3_day",
            "participants": [
                {"role": role, "person": person}
                for role, person in zip(("parent", "child"), people, strict=True)
            ],
            "worker": {"ref": social, "supervisor": f"su-{name}"},
        },
        county.token("er_worker", program="cws", county=code, worker=social),
    )
    adult = kid = ""
    if to_both:
        application = await county.made(
            "calworks",
            "/v1/applications",
            {
                "received_at": now,
                "persons": [
                    {"role": role, "person": person}
                    for role, person in zip(("aided_adult", "aided_child"), people, strict=True)
                ],
                "worker": {"ref": specialist},
            },
            county.token("eligibility_worker", program="calworks", county=code, worker=specialist),
        )
        adult, kid = (one["person"] for one in application["persons"])
    await county.settle()
    mother, girl = (one["client"] for one in referral["participants"])
    return Family(code, mother, girl, adult, kid, social, specialist)


async def sign(county: County, family: Family, **other: Any) -> str:
    """The mother signs for both with her social worker; what the release is called."""
    body = {**release_of((family.mother, "self"), (family.girl, "parent_guardian")), **other}
    token = county.token("er_worker", program="cws", county=family.county, worker=family.social)
    release = await county.made("matcher", "/v1/releases", body, token)
    await county.settle()
    return str(release["ref"])


async def lose_the_child(county: County, family: Family) -> None:
    """The girl is placed out of the home."""
    yesterday = local_date(datetime.now(UTC), PACIFIC) - timedelta(days=1)
    token = county.token("er_worker", program="cws", county=family.county, worker=family.social)
    body = {"removed_on": yesterday.isoformat(), "all_eligible_removed": True}
    await county.made("cws", f"/v1/clients/{family.girl}/removals", body, token)
    await county.settle()


async def look(county: County, family: Family, program: str = "calworks") -> list[dict[str, Any]]:
    """The family's worker of a program opens the inbox."""
    worker, role = (
        (family.social, "er_worker") if program == "cws" else (family.specialist, "eligibility_worker")
    )
    token = county.token(role, program=program, county=family.county, worker=worker)
    items: list[dict[str, Any]] = (await county.call("matcher", "GET", "/v1/alerts", token)).json()["items"]
    return items


async def ask(
    county: County,
    ref: str,
    program: str = "cws",
    role: str = "linkages_liaison",
    worker: str = "",
    code: str = HOME,
    **params: Any,
) -> httpx.Response:
    """Ask for the accounting of a person."""
    token = county.token(role, program=program, county=code, worker=worker)
    return await county.call("matcher", "GET", f"/v1/people/{ref}/disclosures", token, params=params)


async def told(county: County, ref: str, program: str = "cws", **more: Any) -> list[dict[str, Any]]:
    """The whole accounting of a person."""
    answer = await ask(county, ref, program, limit=200, **more)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def gone(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What somebody was shown."""
    return [one for one in items if one["stage"] == "read" and one["outcome"] != "DENY"]


def withheld(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What nobody was shown."""
    return [one for one in items if one["outcome"] == "DENY"]
