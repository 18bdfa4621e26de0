"""What too many records share, over HTTP, on a made-up county: what a liaison is told of it, and what nobody is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zlib import crc32

import pytest
import pytest_asyncio

from services.matcher import dead_letters, index
from services.matcher.disclosure.policy import CountyPolicy, county_policy
from services.matcher.identity.blocking import KINDS, NEVER_CAPPED, STANDARD
from services.matcher.identity.capped import SAYS, UNKNOWN
from shared.bus import CWS_TOPIC, Message, Record
from tests.contract import capping
from tests.contract.county import ELSEWHERE, HOME, County
from tests.databases import Databases
from tests.unit.identity.reviewing import county_in, get, liaison

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST_NAMES = ("Ana", "Bao", "Carla", "Dong", "Elsa", "Felix", "Gita", "Hugo", "Iris", "Juan", "Kim", "Lena")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    async with county_in(tmp_path_factory.mktemp("capped"), databases) as one:
        await capping.sweep(one)
        yield one


def strangers(number: int, last_name: str, **shared: Any) -> list[dict[str, Any]]:
    """People who have nothing in common but what is given, and the family name, whose own birthdays they have."""
    first = date(1940, 1, 2) + timedelta(days=crc32(last_name.encode()) % 7000)
    return [
        {
            "first_name": FIRST_NAMES[place],
            "last_name": last_name,
            "birth_date": (first + place * timedelta(days=371)).isoformat(),
            "sex": "F",
            **shared,
        }
        for place in range(number)
    ]


@dataclass
class Swept:
    """The blocks that were capped by what came last, as a liaison of each program is told of them."""

    seen: dict[str, list[dict[str, Any]]]
    refs: dict[str, list[str]]

    def of(self, kind: str, program: str = "cws") -> dict[str, Any]:
        """The one of a kind."""
        (found,) = [one for one in self.seen[program] if one["kind"] == kind]
        return found


async def listed(county: County, token: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await get(county, "/v1/capped-blocks?limit=200", token)).json()["items"]
    return items


async def come(county: County, **people: list[dict[str, Any]]) -> Swept:
    """People come to the programs, and are counted."""
    before = {one["id"] for one in await listed(county, liaison(county))}
    refs = {
        program: await capping.come(county, program, of_program) for program, of_program in people.items()
    }
    await county.settle()
    await capping.sweep(county)
    seen = {
        program: [one for one in await listed(county, liaison(county, program)) if one["id"] not in before]
        for program in ("cws", "calworks")
    }
    return Swept(seen, refs)


def same_person(**more: Any) -> dict[str, Any]:
    """Somebody with everything that records can have in common."""
    return {
        "first_name": "Socorro",
        "last_name": "Villalobos",
        "birth_date": "1981-06-12",
        "sex": "F",
        "ssn": "612-44-8390",
        "cin": "91234567A2",
        "addresses": [{"street": "77 Alder St", "city": "Salinas", "state": "CA", "zip": "93901"}],
        "phones": ["831-555-0171"],
        **more,
    }


async def test_each_kind_that_can_be_capped_is_told_in_words() -> None:
    assert set(SAYS) == (KINDS - NEVER_CAPPED) | {UNKNOWN}
    assert len(set(SAYS.values())) == len(SAYS)


async def test_the_kind_of_each_block_is_known_though_a_key_does_not_tell_it(county: County) -> None:
    swept = await come(county, cws=[same_person()] * 2, calworks=[same_person()] * 2)
    for program in ("cws", "calworks"):
        assert {one["kind"] for one in swept.seen[program]} == STANDARD - NEVER_CAPPED
        assert all(one["says"] == SAYS[one["kind"]] for one in swept.seen[program])
        assert all(one["own"] == 2 for one in swept.seen[program] if one["kind"] == "ssn")
        said = str([one | {"id": "a keyed hash", "since": "a time"} for one in swept.seen[program]])
        assert not [value for value in ("Socorro", "Alder", "1981", "8390", "0171") if value in said]


async def test_a_small_number_of_the_other_programs_records_is_told_to_nobody(county: County) -> None:
    phone = {"phones": ["831-555-0182"]}
    swept = await come(
        county, cws=strangers(11, "Oyelaran", **phone), calworks=strangers(3, "Petrov", **phone)
    )
    assert (swept.of("phone")["own"], swept.of("phone").get("other")) == (11, None)
    of_calworks = swept.of("phone", "calworks")
    assert (of_calworks["own"], of_calworks["other"]) == (3, 11)
    assert of_calworks["id"] == swept.of("phone")["id"]


async def test_none_and_a_few_of_the_other_program_look_alike(county: County) -> None:
    one = await come(county, cws=strangers(4, "Quiroga", phones=["831-555-0183"]))
    few = await come(
        county,
        cws=strangers(4, "Rastogi", phones=["831-555-0184"]),
        calworks=strangers(1, "Szabo", phones=["831-555-0184"]),
    )
    differ = {"id", "since"}
    assert {k: v for k, v in one.of("phone").items() if k not in differ} == {
        k: v for k, v in few.of("phone").items() if k not in differ
    }


async def test_a_liaison_sees_which_records_of_the_own_program_share_it_and_no_other(county: County) -> None:
    phone = {"phones": ["831-555-0185"]}
    swept = await come(county, cws=strangers(5, "Tamayo", **phone), calworks=strangers(3, "Udo", **phone))
    for program, other in (("cws", "calworks"), ("calworks", "cws")):
        block, token = swept.of("phone", program), liaison(county, program)
        whole = await get(county, f"/v1/capped-blocks/{block['id']}", token)
        assert {**whole.json(), "records": sorted(swept.refs[program])} == whole.json() | block
        assert not [ref for ref in swept.refs[other] if ref in whole.text + str(whole.headers)]
        found, cursor = [], None
        while True:
            params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            answer = (await get(county, f"/v1/capped-blocks/{block['id']}", token, params=params)).json()
            assert len(answer["records"]) <= 2
            found += answer["records"]
            if (cursor := answer.get("next")) is None:
                break
        assert found == sorted(swept.refs[program])


async def test_the_list_is_read_page_by_page_though_more_is_capped_meanwhile(county: County) -> None:
    token = liaison(county)
    await come(county, cws=strangers(4, "Vang", phones=["831-555-0186"]))
    whole = await listed(county, token)
    assert [one["since"] for one in whole] == sorted((one["since"] for one in whole), reverse=True)
    first = (await get(county, "/v1/capped-blocks?limit=1", token)).json()
    newer = await come(county, cws=strangers(4, "Weiss", phones=["831-555-0187"]))
    found, cursor = first["items"], first["next"]
    while cursor:
        params = {"limit": 2, "cursor": cursor}
        answer = (await get(county, "/v1/capped-blocks", token, params=params)).json()
        found, cursor = found + answer["items"], answer.get("next")
    assert [one["id"] for one in found] == [one["id"] for one in whole]
    assert newer.of("phone")["id"] not in {one["id"] for one in found}


async def test_a_sealed_record_is_not_in_it_and_a_block_that_is_small_again_is_not_there(
    county: County,
) -> None:
    swept = await come(county, cws=strangers(4, "Xiong", phones=["831-555-0188"]))
    path, token = f"/v1/capped-blocks/{swept.of('phone')['id']}", liaison(county)
    supervisor, (sealed, *others) = county.token("cws_supervisor", program="cws"), swept.refs["cws"]
    answer = await county.call("cws", "POST", f"/v1/clients/{sealed}/seal", supervisor, json={})
    assert answer.status_code == 204, answer.text
    for relay in county.relays:
        await relay.round()
    await county.reader.round()  # indexed, and not counted yet
    left = await get(county, path, token)
    assert (left.json()["own"], left.json()["records"]) == (3, sorted(others))
    assert sealed not in left.text
    await capping.sweep(county)
    assert (await get(county, path, token)).status_code == 404
    assert path.rpartition("/")[2] not in (await get(county, "/v1/capped-blocks?limit=200", token)).text


async def test_a_record_on_hold_is_not_shown_since_it_may_be_a_sealing(county: County) -> None:
    swept = await come(county, cws=strangers(4, "Yamane", phones=["831-555-0189"]))
    held, *others = swept.refs["cws"]
    headers = (("ce_county", HOME.encode()),)
    letter = Record(CWS_TOPIC, 0, 99, Message(held.encode(), b"nobody can read this", headers))
    async with county.decider.database.transaction() as connection:
        await dead_letters.bury(connection, [(letter, "unreadable")], datetime.now(UTC))
    answer = await get(county, f"/v1/capped-blocks/{swept.of('phone')['id']}", liaison(county))
    assert answer.json()["records"] == sorted(others)


async def test_another_county_has_its_own_list(county: County) -> None:
    swept = await come(county, cws=strangers(4, "Zepeda", phones=["831-555-0190"]))
    there = county.token("linkages_liaison", program="cws", county=ELSEWHERE)
    assert await listed(county, there) == []
    stranger = await get(county, f"/v1/capped-blocks/{swept.of('phone')['id']}", there)
    assert stranger.status_code == 404
    await capping.come(county, "cws", strangers(4, "Zepeda", phones=["831-555-0190"]), ELSEWHERE)
    await county.settle()
    await capping.sweep(county)
    assert [one["kind"] for one in await listed(county, there)] == ["phone"]
    assert swept.of("phone")["id"] not in str(await listed(county, there))


async def test_where_hashes_are_kept_in_place_of_values_the_kind_is_not_known(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hashing(code: str, on: Any) -> CountyPolicy:
        policy: CountyPolicy = county_policy(code, on).model_copy(update={"index_profile": "hashed"})
        return policy

    monkeypatch.setattr(index, "county_policy", hashing)
    swept = await come(county, cws=strangers(4, "Aldana", phones=["831-555-0191"], ssn="612-44-8391"))
    assert {one["kind"] for one in swept.seen["cws"]} == {"ssn", UNKNOWN}
    assert swept.of(UNKNOWN)["own"] == 4


@pytest.mark.parametrize("ident", ["none", "00", "0" * 32, "Z" * 32, "ABCDEF" + "0" * 26])
async def test_what_no_block_is_called_is_not_there(county: County, ident: str) -> None:
    answer = await get(county, f"/v1/capped-blocks/{ident}", liaison(county))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "cursor", ["x", "AAA=", "MS9ub25l", "MS8=MS8=", "LTE=", "OTk5OTk5OTk5OTk5OTk5OTk5OTkvMDA="]
)
async def test_a_cursor_that_is_not_ours_is_refused(county: County, cursor: str) -> None:
    answer = await get(county, "/v1/capped-blocks", liaison(county), params={"cursor": cursor})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("role", ["er_worker", "cws_supervisor", "linkages_coordinator", "privacy_officer"])
async def test_nobody_but_a_liaison_is_told(county: County, role: str) -> None:
    token = county.token(role, program="cws", county=HOME)
    for path in ("/v1/capped-blocks", f"/v1/capped-blocks/{'0' * 32}"):
        assert (await get(county, path, token)).status_code == 403
