"""Reviews, claims and verdicts over HTTP, on a made-up county: who sees what, and what a verdict does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import pytest
import pytest_asyncio
import sqlalchemy as sa

from services.matcher.delivery.live import Live
from services.matcher.disclosure.request import Breadth
from services.matcher.identity import handlers
from services.matcher.identity.reading import look
from services.matcher.identity.verdicts import VerdictRepository
from services.matcher.tables import DISCLOSURE, REVIEW_CLAIM
from services.matcher.work import Work
from shared.web.auth import Caller
from tests.contract.county import HOME, County
from tests.databases import Databases
from tests.unit.identity.reviewing import county_in, get, judged, liaison, pair, post, waits

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    async with county_in(tmp_path_factory.mktemp("reviews"), databases) as one:
        yield one


async def test_both_records_stand_side_by_side_as_each_program_writes_them(county: County) -> None:
    review, (client, person) = await pair(county, "Abrego")
    for program, own, other, mine in (
        ("cws", "Elena", "Luisa", client),
        ("calworks", "Luisa", "Elena", person),
    ):
        answer = await get(county, f"/v1/reviews/{review}", liaison(county, program))
        shown = answer.json()
        rows = {row["field"]: row for row in shown["compared"]}
        assert rows["middle_name"] == {
            "field": "middle_name",
            "own": own,
            "other": other,
            "says": "different",
        }
        assert rows["birth_date"]["says"] == "same"
        assert rows["last_name"]["other"] == "Abrego"
        assert shown["own"] == mine
        assert shown["reasons"]
        assert shown["ground"] == {"basis": "ADMIN_10850", "purpose": "P1"}
        assert sum(part["weight"] for part in shown["weights"]) == pytest.approx(shown["total"])
        theirs = person if program == "cws" else client
        assert theirs not in answer.text + str(answer.headers)


async def test_a_look_is_accounted_for(county: County) -> None:
    review, (_, person) = await pair(county, "Barragan")
    await get(county, f"/v1/reviews/{review}", liaison(county, "cws", "li-1"))
    async with county.decider.database.reading() as connection:
        rows = (await connection.execute(sa.select(DISCLOSURE).where(DISCLOSURE.c.alert == review))).all()
    (row,) = [row for row in rows if row.stage == "read"]
    assert (row.category, row.purpose, row.role, row.inbox) == ("K1", "P1", "linkages_liaison", "li-1")
    assert (row.subject, row.holder, row.outcome, row.alert_type) == (person, "CalWORKs", "PERMIT", "A02")


async def test_where_the_county_does_not_share_them_the_other_sides_values_are_masked(county: County) -> None:
    review, _ = await pair(county, "Cisneros")
    app = county.apps["matcher"].state

    class Closed(Work):
        """A county that reads the law narrowly."""

        async def __aenter__(self) -> Self:
            await super().__aenter__()
            bases = self.policy.legal_bases.model_copy(update={"admin_10850": Breadth.NONE})
            self.policy = self.policy.model_copy(update={"legal_bases": bases})
            return self

    caller = Caller("li-2", HOME, "cws", frozenset({"linkages_liaison"}), "li-2")
    async with Closed(app.database, app.keys[HOME], HOME, asyncio.Event(), Live()) as work:
        side = await look(work, caller, await handlers.review_of(work, caller, review))
    rows = {one.field: one for one in side.compared}
    assert side.ground is None
    assert (rows["middle_name"].own, rows["middle_name"].other) == ("Elena", "differs")
    assert rows["last_name"].other == "agrees"
    assert rows["middle_name"].says == "different"
    assert side.weights
    async with county.decider.database.reading() as connection:
        rows_ = (await connection.execute(sa.select(DISCLOSURE).where(DISCLOSURE.c.alert == review))).all()
    assert {(row.outcome, row.inbox) for row in rows_ if row.stage == "read"} == {("DENY", "li-2")}


async def test_the_queue_is_read_page_by_page_the_oldest_first(county: County) -> None:
    for name in ("Duarte", "Escobedo", "Fregoso"):
        await pair(county, name)
    whole = (await get(county, "/v1/reviews?limit=200", liaison(county))).json()["items"]
    since = [one["since"] for one in whole]
    assert since == sorted(since)
    assert len(whole) >= 3
    found, cursor = [], None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        shown = (await get(county, "/v1/reviews", liaison(county), params=params)).json()
        found += shown["items"]
        cursor = shown.get("next")
        if cursor is None:
            break
    assert found == whole


@pytest.mark.parametrize("cursor", ["x", "eA==", "LTEvYQ==", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkvYQ=="])
async def test_a_cursor_of_somebody_elses_is_refused(county: County, cursor: str) -> None:
    for path in ("/v1/reviews", "/v1/verdicts"):
        assert (await get(county, path, liaison(county), params={"cursor": cursor})).status_code == 400


async def test_one_liaison_at_a_time_looks_at_a_review(county: County) -> None:
    review, _ = await pair(county, "Galindo")
    # Two workers of one name, one in each program, are two people.
    one, other = liaison(county, "cws", "li-3"), liaison(county, "calworks", "li-3")
    first = await post(county, f"/v1/reviews/{review}/claim", one)
    assert first.json()["claimed_by"] == "me"
    left = datetime.fromisoformat(first.json()["claimed_until"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    again = await post(county, f"/v1/reviews/{review}/claim", one)
    assert again.json()["claimed_until"] > first.json()["claimed_until"]

    seen = (await get(county, f"/v1/reviews/{review}", other)).json()
    assert seen["claimed_by"] == "other"
    assert "li-3" not in str(seen)
    body = {"verdict": "same", "reason": "It is she."}
    for path, sent in (("claim", None), ("release-claim", None), ("verdict", body)):
        refused = await post(county, f"/v1/reviews/{review}/{path}", other, sent)
        assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (409, "review-claimed")

    assert (await post(county, f"/v1/reviews/{review}/release-claim", one)).json()["claimed_by"] == "nobody"
    assert (await post(county, f"/v1/reviews/{review}/claim", other)).json()["claimed_by"] == "me"


async def test_a_claim_runs_out(county: County) -> None:
    review, (client, _) = await pair(county, "Huerta")
    one, other = liaison(county, worker="li-4"), liaison(county, worker="li-5")
    await post(county, f"/v1/reviews/{review}/claim", one)
    async with county.decider.database.transaction() as connection:
        past = datetime.now(UTC) - timedelta(seconds=1)
        await connection.execute(REVIEW_CLAIM.update().where(REVIEW_CLAIM.c.cws == client).values(until=past))
    late = await post(county, f"/v1/reviews/{review}/verdict", one, {"verdict": "same", "reason": "x"})
    assert (late.status_code, late.json()["type"].rsplit("/", 1)[-1]) == (409, "review-not-claimed")
    assert (await post(county, f"/v1/reviews/{review}/claim", other)).json()["claimed_by"] == "me"


async def test_a_verdict_sent_twice_with_its_key_is_given_once(county: County) -> None:
    review, _ = await pair(county, "Ibarra")
    token, key = liaison(county, worker="li-6"), {"idempotency-key": "k-1"}
    await post(county, f"/v1/reviews/{review}/claim", token)
    body = {"verdict": "unsure", "reason": "Nobody could be reached."}
    answers = [
        await post(county, f"/v1/reviews/{review}/verdict", token, body, headers=key) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["location"].endswith(answers[0].json()["id"])
    listed = (await get(county, "/v1/verdicts", token)).json()["items"]
    assert [one["id"] for one in listed if one["review"] == review] == [answers[0].json()["id"]]


async def test_who_is_unsure_leaves_the_pair_to_others(county: County) -> None:
    review, _ = await pair(county, "Jaramillo")
    await judged(county, review, "unsure", liaison(county))
    assert await waits(county, review)
    shown = (await get(county, f"/v1/reviews/{review}", liaison(county, worker="li-7"))).json()
    assert shown["claimed_by"] == "nobody"


@pytest.mark.parametrize("verdict", ["same", "different"])
async def test_a_verdict_ends_the_review_until_it_is_taken_back(county: County, verdict: str) -> None:
    review, _ = await pair(county, {"same": "Lozano", "different": "Manriquez"}[verdict])
    token = liaison(county)
    given = await judged(county, review, verdict, token)
    assert not await waits(county, review)
    async with county.decider.database.reading() as connection:
        row = await VerdictRepository(connection, HOME).pair(review)
    assert (row.decision if row is not None else None) == {"same": "linked", "different": None}[verdict]

    undone = await post(county, f"/v1/verdicts/{given}/undo", token, {"reason": "It was the sister."})
    assert undone.status_code == 200
    assert undone.json()["reason"] == "The school knows."
    assert undone.json()["undone_reason"] == "It was the sister."
    assert undone.json()["version"] == 2
    again = await post(county, f"/v1/verdicts/{given}/undo", token, {"reason": "Once more."})
    assert again.json() == undone.json()
    await county.settle()
    assert await waits(county, review)


async def test_the_words_of_a_verdict_stay_in_the_program_in_which_they_were_written(county: County) -> None:
    review, _ = await pair(county, "Naranjo")
    given = await judged(county, review, "unsure", liaison(county, worker="li-8"))

    async def seen(token: str) -> dict[str, Any]:
        items = (await get(county, "/v1/verdicts?limit=200", token)).json()["items"]
        return next(one for one in items if one["id"] == given)

    assert (await seen(liaison(county, worker="li-8")))["by"] == "me"
    colleague = await seen(liaison(county, worker="li-9"))
    assert (colleague["by"], colleague["reason"]) == ("colleague", "The school knows.")
    other = await seen(liaison(county, "calworks"))
    assert other["by"] == "other_program"
    assert "reason" not in other
    refused = await post(county, f"/v1/verdicts/{given}/undo", liaison(county, "calworks"), {"reason": "No."})
    assert refused.status_code == 403


async def test_verdicts_are_listed_the_newest_first_page_by_page(county: County) -> None:
    for name in ("Ledesma", "Montoya"):
        review, _ = await pair(county, name)
        await judged(county, review, "unsure", liaison(county))
    whole = (await get(county, "/v1/verdicts?limit=200", liaison(county))).json()["items"]
    at = [one["at"] for one in whole]
    assert at == sorted(at, reverse=True)
    first = (await get(county, "/v1/verdicts?limit=1", liaison(county))).json()
    params = {"limit": 200, "cursor": first["next"]}
    rest = (await get(county, "/v1/verdicts", liaison(county), params=params)).json()
    assert first["items"] + rest["items"] == whole


async def test_a_sealed_persons_review_and_verdict_are_not_there(county: County) -> None:
    review, (client, _) = await pair(county, "Olivares")
    token = liaison(county)
    given = await judged(county, review, "unsure", token)
    supervisor = county.token("cws_supervisor", program="cws")
    answer = await county.call("cws", "POST", f"/v1/clients/{client}/seal", supervisor, json={})
    assert answer.status_code == 204, answer.text
    for relay in county.relays:
        await relay.round()
    await county.reader.round()  # indexed, and nothing decided yet
    assert (await get(county, f"/v1/reviews/{review}", token)).status_code == 404
    assert (await post(county, f"/v1/reviews/{review}/claim", token)).status_code == 404
    undoing = await post(county, f"/v1/verdicts/{given}/undo", token, {"reason": "x"})
    assert undoing.status_code == 404
    for path, name in (("/v1/reviews?limit=200", review), ("/v1/verdicts?limit=200", given)):
        assert name not in (await get(county, path, token)).text
    await county.settle()


async def test_unlinking_takes_back_what_was_told_because_of_the_link(county: County) -> None:
    family = await county.family(HOME, "Reyes")
    link = family.refs["matcher"]["links"]
    worker = county.token("er_worker", "case_worker", program="cws")

    async def standing() -> set[str]:
        items = (await get(county, "/v1/alerts?limit=200", worker)).json()["items"]
        return {one["type"] for one in items if one["state"] == "open"} & {"A10", "A26"}

    assert await standing() == {"A10"}
    answer = await post(county, f"/v1/links/{link}/unlink", liaison(county), {"reason": "They are cousins."})
    assert answer.status_code == 201, answer.text
    assert answer.json()["verdict"] == "different"
    await county.settle()
    assert await standing() == {"A26"}
    gone = await post(county, f"/v1/links/{link}/unlink", liaison(county), {"reason": "Once more."})
    assert gone.status_code == 404


async def test_a_review_is_no_link_and_a_link_no_review(county: County) -> None:
    review, _ = await pair(county, "Pedroza")
    body = {"reason": "x"}
    assert (await post(county, f"/v1/links/{review}/unlink", liaison(county), body)).status_code == 404
    await judged(county, review, "same", liaison(county))
    assert (await get(county, f"/v1/reviews/{review}", liaison(county))).status_code == 404
    assert (await post(county, f"/v1/links/{review}/unlink", liaison(county), body)).status_code == 201


async def test_a_verdict_needs_one_of_three_and_a_reason(county: County) -> None:
    review, _ = await pair(county, "Quintero")
    for body in (
        {},
        {"verdict": "same"},
        {"verdict": "same", "reason": " "},
        {"verdict": "perhaps", "reason": "x"},
        {"verdict": "same", "reason": "x" * 501},
    ):
        answer = await post(county, f"/v1/reviews/{review}/verdict", liaison(county), body)
        assert answer.status_code == 422
        assert answer.json()["errors"]
        assert "perhaps" not in answer.text
