"""What becomes of referrals, cases and removals: legal moves in their order, each told once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.cws_api.domain.case import MOVES
from shared.clock import FrozenClock
from tests.contract.program_world import Api
from tests.unit.cws.moves import a_case, family, misdated, moved, refused, told

TODAY, TOMORROW = "2026-03-02", "2026-03-03"


async def test_a_referral_is_closed_once_with_its_outcome(cws: Api, clock: FrozenClock) -> None:
    referral, _, _ = await family(cws)
    clock.advance(timedelta(days=3))
    path = f"/v1/referrals/{referral['ref']}/close"
    closed = await moved(cws, path, {"outcome": "community", "closed_on": "2026-03-04"})
    assert closed == {
        **referral,
        "status": "closed",
        "outcome": "community",
        "closed_on": "2026-03-04",
        "version": 2,
    }
    event = cws.published()[-1]
    assert (event.type, event.key) == ("linkages.cws.referral.closed.v1", referral["ref"])
    assert event.data == {"referral": referral["ref"], "outcome": "community", "closed_on": "2026-03-04"}
    assert event.headers["ce_effectivedate"] == "2026-03-04"
    again = await cws.post(path, {"outcome": "promoted", "closed_on": "2026-03-04"})
    refused(again, "referral-closed")
    assert len(told(cws, "referral.closed")) == 1


async def test_a_referral_is_not_closed_tomorrow_or_before_it_was_received(cws: Api) -> None:
    referral, _, _ = await family(cws, received_at="2026-03-01T07:30:00Z")  # 28 February in California
    path = f"/v1/referrals/{referral['ref']}/close"
    for day, message in (
        (TOMORROW, "must not be in the future"),
        ("2026-02-27", "must not be before the referral was received"),
    ):
        response = await cws.post(path, {"outcome": "no_service", "closed_on": day})
        assert misdated(response, "/closed_on") == message
    await moved(cws, path, {"outcome": "no_service", "closed_on": "2026-02-28"})


@pytest.mark.parametrize("outcome", ["evaluated_out", "no_service", "community", "promoted"])
async def test_a_case_is_opened_from_a_closed_referral_only_if_it_was_promoted(
    cws: Api, outcome: str
) -> None:
    referral, _, child = await family(cws)
    await moved(cws, f"/v1/referrals/{referral['ref']}/close", {"outcome": outcome, "closed_on": TODAY})
    body = {"child": child, "referral": referral["ref"], "component": "ER", "court": False}
    response = await cws.post("/v1/cases", {**body, "opened_on": TODAY})
    if outcome == "promoted":
        assert response.status_code == 201
    else:
        refused(response, "referral-closed")
        assert not told(cws, "case.opened")


async def test_a_case_is_closed_and_reopened_as_often_as_it_happens(cws: Api) -> None:
    case = await a_case(cws)
    path = f"/v1/cases/{case['ref']}"
    closing = {"reason_class": "family_stabilised", "closed_on": "2026-02-10"}
    closed = await moved(cws, f"{path}/close", closing)
    assert closed == {**case, "status": "closed", **closing, "version": 2}
    reopening = {"component": "FR", "reopened_on": "2026-02-20"}
    again = await moved(cws, f"{path}/reopen", reopening)
    assert again == {**case, "component": "FR", "version": 3}
    last = {"reason_class": "reunified", "closed_on": TODAY}
    assert (await moved(cws, f"{path}/close", last))["version"] == 4
    assert [(e.type.split(".", 2)[2], e.key, e.data) for e in cws.published()[-3:]] == [
        ("case.closed.v1", case["ref"], {"case": case["ref"], **closing}),
        ("case.reopened.v1", case["ref"], {"case": case["ref"], **reopening}),
        ("case.closed.v1", case["ref"], {"case": case["ref"], **last}),
    ]
    assert cws.published()[-2].headers["ce_effectivedate"] == "2026-02-20"


async def test_only_an_open_case_is_closed_and_only_a_closed_one_reopened(cws: Api) -> None:
    path = f"/v1/cases/{(await a_case(cws))['ref']}"
    close, reopen = (
        {"reason_class": "moved", "closed_on": TODAY},
        {"component": "FM", "reopened_on": TODAY},
    )
    refused(await cws.post(f"{path}/reopen", reopen), "case-open")
    await moved(cws, f"{path}/close", close)
    refused(await cws.post(f"{path}/close", close), "case-closed")
    await moved(cws, f"{path}/reopen", reopen)
    refused(await cws.post(f"{path}/reopen", reopen), "case-open")


async def test_the_moves_of_a_case_are_told_in_their_order(cws: Api) -> None:
    path = f"/v1/cases/{(await a_case(cws))['ref']}"

    async def dated(move: str, field: str, early: str, right: str, **body: Any) -> None:
        for day, word in ((TOMORROW, "future"), (early, "before")):
            assert word in misdated(await cws.post(f"{path}/{move}", {**body, field: day}), f"/{field}")
        await moved(cws, f"{path}/{move}", {**body, field: right})

    await dated("component", "changed_on", "2026-01-31", "2026-02-05", to_component="FR")
    await dated("close", "closed_on", "2026-02-04", "2026-02-10", reason_class="adopted")
    await dated("reopen", "reopened_on", "2026-02-09", "2026-02-10", component="PP")
    await dated("component", "changed_on", "2026-02-09", TODAY, to_component="FM", court=True)
    await dated("close", "closed_on", "2026-03-01", TODAY, reason_class="error")


async def test_a_closed_case_makes_room_for_another_and_is_not_reopened_beside_it(cws: Api) -> None:
    case = await a_case(cws)
    path = f"/v1/cases/{case['ref']}"
    await moved(cws, f"{path}/close", {"reason_class": "services_declined", "closed_on": TODAY})
    body = {"child": case["child"], "household": case["household"], "component": "ER", "court": False}
    await cws.made("/v1/cases", {**body, "opened_on": TODAY})
    reopening = {"component": "FM", "reopened_on": TODAY}
    refused(await cws.post(f"{path}/reopen", reopening), "child-has-case")
    assert (await cws.get(path)).json()["status"] == "closed"
    assert not told(cws, "case.reopened")


LEGAL = {
    ("ER", "FM"), ("ER", "FR"), ("ER", "PP"), ("FM", "FR"), ("FR", "FM"), ("FR", "PP"), ("FR", "ST"), ("PP", "FM"),
    ("PP", "ST"),
}  # fmt: skip


@pytest.mark.parametrize("before", sorted(MOVES))
async def test_a_case_moves_only_between_components_that_follow_each_other(cws: Api, before: str) -> None:
    case = await a_case(cws, before)
    for after in sorted(MOVES):
        path = f"/v1/cases/{case['ref']}/component"
        response = await cws.post(path, {"to_component": after, "changed_on": TODAY})
        if (before, after) not in LEGAL:
            detail = refused(response, "no-such-move")
            named = {one for one in MOVES if one in detail.split("moves to")[1].replace(",", " ").split()}
            assert named == {to for from_, to in LEGAL if from_ == before}
            continue
        assert response.status_code == 200, response.text
        assert response.json()["component"] == after
        assert cws.published()[-1].data == {
            "case": case["ref"],
            "from_component": before,
            "to_component": after,
            "court": False,
            "changed_on": TODAY,
        }
        await moved(cws, path.replace("component", "close"), {"reason_class": "error", "closed_on": TODAY})
        again = path.replace("component", "reopen")
        await moved(cws, again, {"component": before, "reopened_on": TODAY})
    assert len(told(cws, "case.component_changed")) == len([1 for from_, _ in LEGAL if from_ == before])


async def test_a_move_can_bring_the_court_in_and_leaves_it_in(cws: Api) -> None:
    case = await a_case(cws)
    path = f"/v1/cases/{case['ref']}/component"
    first = await moved(cws, path, {"to_component": "FR", "changed_on": TODAY, "court": True})
    second = await moved(cws, path, {"to_component": "FM", "changed_on": TODAY})
    assert (first["court"], second["court"]) == (True, True)
    assert [event.data["court"] for event in told(cws, "case.component_changed")] == [True, True]


async def test_what_is_closed_stays_as_it_is(cws: Api) -> None:
    case = await a_case(cws)
    path = f"/v1/cases/{case['ref']}"
    await moved(cws, f"{path}/close", {"reason_class": "emancipated", "closed_on": TODAY})
    refused(await cws.post(f"{path}/component", {"to_component": "FR", "changed_on": TODAY}), "case-closed")
    people = {"participants": [{"ref": case["child"], "role": "child"}]}
    response = await cws.call("PUT", f"{path}/participants", json=people, headers={"if-match": "*"})
    refused(response, "case-closed")


async def removed(cws: Api) -> tuple[str, dict[str, Any]]:
    """A child that was removed."""
    _, _, child = await family(cws)
    return child, await cws.made(f"/v1/clients/{child}/removals", {"removed_on": "2026-02-20"})


async def test_a_removed_child_comes_home_once_and_can_be_removed_again(cws: Api) -> None:
    child, removal = await removed(cws)
    path = f"/v1/removals/{removal['ref']}/return"
    home = await moved(cws, path, {"returned_on": "2026-03-01"})
    assert home == {**removal, "returned_on": "2026-03-01", "version": 2}
    event = cws.published()[-1]
    assert (event.type, event.key) == ("linkages.cws.child.returned.v1", child)
    assert event.data == {"child": child, "removal": removal["ref"], "returned_on": "2026-03-01"}
    assert event.headers["ce_effectivedate"] == "2026-03-01"
    refused(await cws.post(path, {"returned_on": TODAY}), "already-returned")
    second = await cws.made(f"/v1/clients/{child}/removals", {"removed_on": TODAY})
    assert second["ref"] != removal["ref"]
    assert len(told(cws, "child.removed")) == 2


async def test_a_child_does_not_return_tomorrow_or_before_it_was_removed(cws: Api) -> None:
    _, removal = await removed(cws)
    path = f"/v1/removals/{removal['ref']}/return"
    for day, message in (
        (TOMORROW, "must not be in the future"),
        ("2026-02-19", "must not be before removed_on"),
    ):
        assert misdated(await cws.post(path, {"returned_on": day}), "/returned_on") == message
    await moved(cws, path, {"returned_on": "2026-02-20"})


async def test_the_return_of_a_sealed_child_is_not_there(cws: Api) -> None:
    child, removal = await removed(cws)
    await cws.post(f"/v1/clients/{child}/seal", {}, "cws_supervisor")
    response = await cws.post(f"/v1/removals/{removal['ref']}/return", {"returned_on": TODAY})
    assert response.status_code == 404


async def every_move(cws: Api) -> list[tuple[str, dict[str, Any]]]:
    """An address and a body for each POST that changes something."""
    case = await a_case(cws)
    child, removal = case["child"], {"removed_on": "2026-02-20"}
    taken = await cws.made(f"/v1/clients/{child}/removals", removal)
    return [
        (f"/v1/referrals/{case['referral']}/close", {"outcome": "promoted", "closed_on": TODAY}),
        (f"/v1/cases/{case['ref']}/component", {"to_component": "FR", "changed_on": TODAY}),
        (f"/v1/cases/{case['ref']}/close", {"reason_class": "reunified", "closed_on": TODAY}),
        (f"/v1/cases/{case['ref']}/reopen", {"component": "FM", "reopened_on": TODAY}),
        (f"/v1/removals/{taken['ref']}/return", {"returned_on": TODAY}),
    ]


async def test_a_move_that_is_sent_twice_happens_once_and_is_answered_the_same(cws: Api) -> None:
    for number, (path, body) in enumerate(await every_move(cws)):
        headers = {"idempotency-key": f"k-{number}"}
        first = await cws.post(path, body, headers=headers)
        before = cws.stored.counts()
        second = await cws.post(path, body, headers=headers)
        assert first.status_code == second.status_code == 200, (path, first.text)
        assert (first.json(), first.headers["etag"]) == (second.json(), second.headers["etag"])
        assert cws.stored.counts() == before


async def test_a_move_happens_once_when_two_make_it_at_once(cws: Api) -> None:
    for path, body in await every_move(cws):
        before = cws.stored.counts()["outbox"]
        both = await asyncio.gather(cws.post(path, body), cws.post(path, body))
        assert sorted(one.status_code for one in both) == [200, 409], path
        assert cws.stored.counts()["outbox"] == before + 1


async def test_a_move_that_names_the_version_it_read_is_refused_on_another(cws: Api) -> None:
    for path, body in await every_move(cws):
        read = await cws.get(path.rsplit("/", 1)[0])
        stale = await cws.post(path, body, headers={"if-match": '"99"'})
        assert stale.status_code == 412, path
        fresh = await cws.post(path, body, headers={"if-match": read.headers["etag"]})
        assert fresh.status_code == 200, path


async def test_a_move_whose_event_cannot_be_written_does_not_happen(cws: Api) -> None:
    moves = await every_move(cws)
    with cws.stored.refusing("outbox"):
        for path, body in (moves[0], moves[1], moves[4]):
            address = path.rsplit("/", 1)[0]
            before = (await cws.get(address)).json()
            assert (await cws.post(path, body)).status_code == 500
            assert (await cws.get(address)).json() == before
