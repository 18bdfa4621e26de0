"""The accounting of disclosures over HTTP: what a program's own liaison is told, and what nobody is."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import sqlalchemy as sa

from services.matcher.tables import DISCLOSURE
from tests.contract.county import ELSEWHERE, County
from tests.contract.operations import masked
from tests.databases import Databases
from tests.unit.disclosure.families import (
    EVERYTHING,
    ask,
    come,
    gone,
    look,
    lose_the_child,
    sign,
    told,
    withheld,
)
from tests.unit.identity import reviewing
from tests.unit.identity.reviewing import county_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    async with county_in(tmp_path_factory.mktemp("accounting"), databases) as one:
        yield one


async def test_what_went_over_by_a_release_is_told_with_it_and_names_no_worker_and_nobody_of_the_other_program(
    county: County,
) -> None:
    family = await come(county, "Abrego", 1001)
    release = await sign(county, family)
    assert gone(await told(county, family.mother)) == [], "nobody has looked yet"
    await look(county, family)
    answer = await ask(county, family.mother, limit=200)
    (one,) = [item for item in gone(answer.json()["items"]) if item["category"] == "K2"]
    assert (one["to_program"], one["to_role"], one["purpose"]) == ("calworks", "eligibility_worker", "P2")
    assert (one["outcome"], one["basis"], one["release"]) == ("PERMIT", "ROI", release)
    assert one["says"] == "That this program serves you"
    assert one["allowed_by"].startswith("The release that was signed on ")
    assert one["law"].startswith("Signed release")
    assert one["item"].startswith("rf_")
    assert not [name for name in (*family.of_calworks, family.social) if name in answer.text]


async def test_what_went_over_by_law_is_told_with_the_law_though_the_other_program_tells_nothing(
    county: County,
) -> None:
    family = await come(county, "Bermudez", 1002)
    await lose_the_child(county, family)
    assert await told(county, family.girl) == []
    await look(county, family)
    items = await told(county, family.girl)
    (one,) = [item for item in gone(items) if item["category"] == "K6"]
    assert (one["basis"], one["purpose"]) == ("ADMIN_10850", "P3")
    assert "release" not in one
    assert "WIC 10850" in one["law"]
    assert "10850" in one["allowed_by"]
    assert one["redaction"].startswith("the child, the date of removal")
    assert withheld(items), "now that it is known, what was withheld is told too"
    assert not [item for item in items if "to_role" in item], "CalWORKs has not let its workers be told"


async def test_what_was_withheld_is_told_with_its_reason_and_to_the_holder_alone(county: County) -> None:
    family = await come(county, "Carrasco", 1003)
    await sign(county, family, categories=[one for one in EVERYTHING if one != "K2"])
    await look(county, family)
    items = await told(county, family.mother)
    refused = [item for item in withheld(items) if item["category"] == "K2"]
    (last,) = [item for item in refused if item["stage"] == "read"]
    assert last["because"] == "The release does not name this kind of information."
    assert "category_not_named" in last["reasons"]
    assert last["to_role"] == "eligibility_worker"
    assert not {"basis", "release", "law", "allowed_by"} & last.keys()
    assert {item["category"] for item in gone(items)} == {"K0"}
    nobody = await ask(county, "cl_" + "a" * 26, "calworks")
    answer = await ask(county, family.mother, "calworks")
    assert answer.status_code == 404
    assert masked(answer) == masked(nobody)
    theirs = await told(county, family.adult, "calworks")
    assert {item["to_program"] for item in theirs} == {"cws"}
    assert not [item for item in theirs if item["item"].startswith(("cl_", "rf_", "ca_"))]


async def test_where_nothing_went_over_and_nothing_may_be_told_the_answer_is_that_of_somebody_unknown(
    county: County,
) -> None:
    known = await come(county, "Dominguez", 1004)
    unknown = await come(county, "Echevarria", 1005, to_both=False)
    of_both, of_one = await ask(county, known.mother), await ask(county, unknown.mother)
    assert of_both.status_code == of_one.status_code == 200
    assert of_both.json() == of_one.json() == {"items": []}
    assert (await ask(county, known.adult, "calworks")).json() == {"items": []}


async def test_a_release_for_one_way_does_not_tell_who_is_at_work_on_the_other_side(county: County) -> None:
    family = await come(county, "Figueroa", 1006)
    await sign(county, family, directions=["CWS->CalWORKs"])
    await look(county, family)
    items = await told(county, family.mother)
    assert gone(items)
    assert not [item for item in items if "to_role" in item]
    theirs = await told(county, family.adult, "calworks")
    assert gone(theirs) == []
    assert {item["to_role"] for item in withheld(theirs)} == {"er_worker"}, "whom to call there was released"
    assert any("direction_not_covered" in item["reasons"] for item in theirs)


async def test_a_release_that_was_revoked_still_shows_what_had_gone(county: County) -> None:
    family = await come(county, "Galarza", 1007)
    release = await sign(county, family)
    await look(county, family)
    before = gone(await told(county, family.mother))
    token = county.token("er_worker", program="cws", worker=family.social)
    await county.made("matcher", f"/v1/releases/{release}/revoke", {}, token)
    await county.settle()
    await look(county, family)
    items = await told(county, family.mother)
    now = gone(items)
    assert [one["item"] for one in now] == [one["item"] for one in before] != []
    assert {one["release"] for one in now} == {release}
    assert all("It was taken back on" in one["allowed_by"] for one in now)


async def test_a_sealed_person_is_as_one_that_never_was(county: County) -> None:
    family = await come(county, "Huerta", 1008)
    await sign(county, family)
    await look(county, family)
    assert await told(county, family.mother)
    token = county.token("cws_supervisor", program="cws")
    answer = await county.call(
        "cws", "POST", f"/v1/clients/{family.mother}/seal", token, json={}, headers={"if-match": "*"}
    )
    assert answer.is_success, answer.text
    await county.settle()
    sealed, nobody = await ask(county, family.mother), await ask(county, "cl_" + "a" * 26)
    assert sealed.status_code == 404
    assert masked(sealed) == masked(nobody)
    # Nobody of Child Welfare Services had looked, and that it knows her is not to be told any more.
    assert await told(county, family.adult, "calworks") == []


async def test_a_supervisor_asks_for_people_of_the_own_workers_alone(county: County) -> None:
    family = await come(county, "Ibarra", 1009)
    await sign(county, family)
    await look(county, family)
    mine = await told(county, family.mother, role="cws_supervisor", worker="su-Ibarra")
    assert mine == await told(county, family.mother)
    other = await ask(county, family.mother, role="cws_supervisor", worker="su-Abrego")
    assert other.status_code == 404
    assert (await ask(county, family.mother, role="er_worker", worker=family.social)).status_code == 403


async def test_another_family_and_another_county_do_not_show(county: County) -> None:
    here = await come(county, "Jimenez", 1010)
    there = await come(county, "Jimenez", 1010, ELSEWHERE)
    for family in (here, there):
        await sign(county, family)
        await look(county, family)
    assert (await ask(county, there.mother)).status_code == 404
    assert (await ask(county, here.mother, code=ELSEWHERE)).status_code == 404
    items = {one["item"] for one in await told(county, here.mother)}
    assert items.isdisjoint({one["item"] for one in await told(county, there.mother, code=ELSEWHERE)})
    another = await come(county, "Kahale", 1013)
    await sign(county, another)
    await look(county, another)
    assert items.isdisjoint({one["item"] for one in await told(county, another.mother)})
    assert items == {one["item"] for one in await told(county, here.mother)}


async def test_what_was_told_of_a_record_is_told_of_the_one_that_it_was_merged_into(county: County) -> None:
    family = await come(county, "Kealoha", 1014)
    await sign(county, family)
    await look(county, family)
    before = gone(await told(county, family.mother))
    survivor = await come(county, "Kealoha", 1014, to_both=False)
    token = county.token("er_worker", program="cws")
    await county.made("cws", f"/v1/clients/{family.mother}/merge", {"into": survivor.mother}, token)
    await county.settle()
    assert (await ask(county, family.mother)).status_code == 404
    assert gone(await told(county, survivor.mother)) == before != []


async def test_pages_are_stable_while_more_is_written_down(county: County) -> None:
    family = await come(county, "Kalani", 1011)
    await sign(county, family)
    await look(county, family)
    whole = await told(county, family.mother)
    assert len(whole) > 3
    assert [one["at"] for one in whole] == sorted((one["at"] for one in whole), reverse=True)
    found, cursor = [], None
    while True:
        answer = await ask(county, family.mother, limit=2, **({"cursor": cursor} if cursor else {}))
        found += answer.json()["items"]
        cursor = answer.json().get("next")
        if cursor is None:
            break
        assert f"cursor={cursor}" in answer.headers["link"].replace("%3D", "=")
        await look(county, family)  # the newest come before the first page
    assert found == whole
    assert len(await told(county, family.mother)) > len(whole)


@pytest.mark.parametrize("cursor", ["x", "eA==", "LTE=", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk="])
async def test_a_cursor_that_is_none_is_refused(county: County, cursor: str) -> None:
    assert (await ask(county, "cl_" + "a" * 26, cursor=cursor)).status_code == 400


async def test_each_reading_is_written_down_and_is_no_disclosure_itself(county: County) -> None:
    family = await come(county, "Lozano", 1012)
    await ask(county, family.mother, worker="li-reads")
    await ask(county, family.mother, "calworks", worker="li-tries")
    assert await told(county, family.mother) == []
    async with county.decider.database.reading() as connection:
        rows = (
            await connection.execute(sa.select(DISCLOSURE).where(DISCLOSURE.c.stage == "accounting"))
        ).all()
    (row,) = [one for one in rows if one.inbox == "li-reads"]
    assert (row.subject, row.program, row.role, row.outcome) == (
        family.mother,
        "cws",
        "linkages_liaison",
        "READ",
    )
    assert not [one for one in rows if one.inbox == "li-tries"]


async def test_a_look_at_a_doubtful_match_is_told_to_a_liaison_alone(county: County) -> None:
    review, (client, _) = await reviewing.pair(county, "Mejia")
    answer = await reviewing.get(
        county, f"/v1/reviews/{review}", reviewing.liaison(county, "calworks", "li-4")
    )
    assert answer.status_code == 200
    (one,) = await told(county, client)
    assert (one["category"], one["purpose"], one["to_program"]) == ("K1", "P1", "calworks")
    assert one["what_for"] == "To see if two records are about the same person"
    assert await told(county, client, role="cws_supervisor", worker="w-cws") == []
