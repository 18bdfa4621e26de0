"""Releases over HTTP: drafts and what completes them, parts that are taken back, and one that replaces another."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.contract.county import County, release_of
from tests.databases import Databases
from tests.unit.disclosure.families import Family, come, look
from tests.unit.identity.reviewing import county_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

SPECIALIST_SEES = {"K0", "K2"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    async with county_in(tmp_path_factory.mktemp("releases"), databases) as one:
        yield one


async def send(county: County, family: Family, path: str, body: Any = None) -> Any:
    """What the family's social worker posts about releases, and the answer."""
    token = county.token("er_worker", program="cws", county=family.county, worker=family.social)
    more = {} if body is None else {"json": body}
    return await county.call("matcher", "POST", f"/v1/releases{path}", token, **more)


async def recorded(county: County, family: Family, **other: Any) -> dict[str, Any]:
    """The mother signs for both."""
    body = {**release_of((family.mother, "self"), (family.girl, "parent_guardian")), **other}
    answer = await send(county, family, "", body)
    assert answer.status_code == 201, answer.text
    await county.settle()
    found: dict[str, Any] = answer.json()
    return found


async def shown(county: County, family: Family) -> set[str]:
    """The categories that the family's eligibility worker sees."""
    return {
        item["category"]
        for alert in await look(county, family)
        for item in alert["items"]
        if item["basis"] == "ROI"
    }


async def told(county: County, kind: str) -> int:
    """How many events of releases were published."""
    token = county.token("integration", program="cws", scope="events:read")
    answer = await county.call(
        "matcher", "GET", "/v1/events", token, params={"types": f"linkages.release.{kind}.v1", "limit": 200}
    )
    return len(answer.text.splitlines())


async def test_a_draft_opens_nothing_until_what_it_lacks_is_supplied(county: County) -> None:
    family = await come(county, "Drew", 2001)
    before = await told(county, "recorded")
    draft = await recorded(county, family, signature="oral")
    assert draft["status"] == "draft"
    assert [one["check"] for one in draft["lacks"]] == ["V7"]
    assert await shown(county, family) == set()
    assert await told(county, "recorded") == before

    answer = await send(county, family, f"/{draft['ref']}/complete", {"language": "vi"})
    assert [one["check"] for one in answer.json()["lacks"]] == ["V7", "V10"]
    assert await shown(county, family) == set()

    answer = await send(
        county, family, f"/{draft['ref']}/complete", {"signature": "paper", "interpreter": True}
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    assert "lacks" not in answer.json()
    await county.settle()
    assert await shown(county, family) >= SPECIALIST_SEES
    assert await told(county, "recorded") == before + 1


async def test_only_a_draft_is_completed(county: County) -> None:
    family = await come(county, "Dorn", 2002)
    release = await recorded(county, family)
    answer = await send(county, family, f"/{release['ref']}/complete", {"signature": "paper"})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("release-no-draft")


async def test_what_completes_a_draft_is_checked_as_the_form_was(county: County) -> None:
    family = await come(county, "Dane", 2003)
    draft = await recorded(county, family, signature="oral")
    answer = await send(county, family, f"/{draft['ref']}/complete", {"known_false": True})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/known_false"]


async def test_a_category_that_is_taken_back_is_not_read_again_and_the_others_are(county: County) -> None:
    family = await come(county, "Part", 2004)
    before = await told(county, "revoked")
    release = await recorded(county, family)
    assert await shown(county, family) >= SPECIALIST_SEES
    answer = await send(county, family, f"/{release['ref']}/revoke", {"categories": ["K0"]})
    assert (answer.status_code, answer.json()["status"]) == (200, "active")
    assert await shown(county, family) == {"K2"}  # at once, before anything is decided again
    await county.settle()
    assert await shown(county, family) == {"K2"}
    assert await told(county, "revoked") == before + 1

    again = await send(county, family, f"/{release['ref']}/revoke", {"categories": ["K0"]})
    assert again.json() == answer.json()
    assert await told(county, "revoked") == before + 1


@pytest.mark.parametrize(
    ("number", "part"), [(2005, {"recipients": ["calworks"]}), (2006, {"recipients": ["eligibility_worker"]})]
)
async def test_a_recipient_who_is_taken_out_reads_nothing_more(
    county: County, number: int, part: dict[str, Any]
) -> None:
    family = await come(county, f"Recip{number}", number)
    release = await recorded(county, family)
    assert await shown(county, family)
    await send(county, family, f"/{release['ref']}/revoke", part)
    assert await shown(county, family) == set()
    await county.settle()
    assert await shown(county, family) == set()


async def test_a_person_who_is_taken_out_is_not_told_of_and_the_other_is(county: County) -> None:
    family = await come(county, "Persson", 2007)
    release = await recorded(county, family)
    await send(county, family, f"/{release['ref']}/revoke", {"persons": [family.mother]})
    await county.settle()
    about = {i["person"] for a in await look(county, family) for i in a["items"] if i["basis"] == "ROI"}
    assert about <= {family.kid}


async def test_what_was_said_aloud_is_revoked_at_once_and_written_later(county: County) -> None:
    family = await come(county, "Oral", 2008)
    release = await recorded(county, family)
    answer = (await send(county, family, f"/{release['ref']}/revoke", {"said": "oral"})).json()
    assert (answer["status"], answer["awaits_writing"]) == ("revoked", True)
    assert await shown(county, family) == set()
    written = (await send(county, family, f"/{release['ref']}/revoke", {"said": "written"})).json()
    assert "awaits_writing" not in written
    assert written["revoked_at"] == answer["revoked_at"]


async def test_a_revocation_without_a_body_takes_the_whole_back(county: County) -> None:
    family = await come(county, "Whole", 2009)
    release = await recorded(county, family)
    answer = await send(county, family, f"/{release['ref']}/revoke")
    assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    assert await shown(county, family) == set()


async def test_what_the_release_does_not_name_cannot_be_taken_back(county: County) -> None:
    family = await come(county, "Unnamed", 2010)
    release = await recorded(county, family)
    body = {"categories": ["K5", "K99"], "persons": ["cl_other"], "recipients": ["auditor"]}
    answer = await send(county, family, f"/{release['ref']}/revoke", body)
    assert answer.status_code == 422
    pointers = [one["pointer"] for one in answer.json()["errors"]]
    assert pointers == ["/categories/0", "/categories/1", "/persons/0", "/recipients/0"]


async def test_what_was_found_false_is_invalid_and_opens_nothing(county: County) -> None:
    family = await come(county, "False", 2011)
    release = await recorded(county, family)
    answer = (await send(county, family, f"/{release['ref']}/revoke", {"found_false": True})).json()
    assert answer["status"] == "invalid"
    assert await shown(county, family) == set()


async def test_a_release_that_replaces_another_stands_in_its_place(county: County) -> None:
    family = await come(county, "Again", 2012)
    old = await recorded(county, family)
    new = await recorded(county, family, categories=["K2"], supersedes=old["ref"])
    token = county.token("er_worker", program="cws", worker=family.social)
    was = (await county.call("matcher", "GET", f"/v1/releases/{old['ref']}", token)).json()
    assert (was["status"], was["superseded_by"]) == ("superseded", new["ref"])
    assert await shown(county, family) == {"K2"}
    answer = await send(
        county,
        family,
        "",
        {**release_of((family.mother, "self")), "supersedes": old["ref"]},
    )
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/supersedes"]


async def test_a_draft_replaces_nothing_yet(county: County) -> None:
    family = await come(county, "Notyet", 2013)
    old = await recorded(county, family)
    draft = await recorded(county, family, categories=["K2"], supersedes=old["ref"], signature="oral")
    assert await shown(county, family) >= SPECIALIST_SEES
    await send(county, family, f"/{draft['ref']}/complete", {"signature": "paper"})
    await county.settle()
    assert await shown(county, family) == {"K2"}


async def test_who_may_not_sign_is_refused_by_field_and_code(county: County) -> None:
    family = await come(county, "Step", 2014)
    person = {"ref": family.girl, "signed_by": "parent_guardian", "signer": {"authority": "step_parent"}}
    body = {**release_of((family.girl, "parent_guardian")), "persons": [person]}
    answer = await send(county, family, "", body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/persons/0/signed_by"
    assert error["message"].startswith("S2: ")


async def test_an_age_that_the_record_knows_is_held_against_what_is_said(county: County) -> None:
    family = await come(county, "Aged", 2015)
    person = {"ref": family.mother, "signed_by": "self", "signer": {"standing": "nonminor_dependent"}}
    answer = await send(county, family, "", {**release_of((family.mother, "self")), "persons": [person]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"].startswith("S11: ")


async def test_all_that_was_said_of_a_form_is_read_back(county: County) -> None:
    family = await come(county, "Full", 2016)
    said = {
        "form": "Linkages ROI",
        "categories": ["all_records", "K12", "K14"],
        "purposes": ["at_my_request"],
        "form_version": "2026-01",
        "language": "es",
        "interpreter": False,
        "explained_by": "w_other",
        "signature": "electronic",
        "statements": ["right_to_revoke", "aid_not_conditioned", "redisclosure", "copy"],
        "sections": {
            "domestic_violence": {
                "survivor": family.mother,
                "signed_apart": True,
                "safe_contact": "advocate",
            },
            "hiv": [family.mother],
        },
    }
    day = release_of((family.mother, "self"))["signed_on"]
    ref = (await recorded(county, family, **said, explained_on=day))["ref"]
    token = county.token("er_worker", program="cws", worker=family.social)
    kept = (await county.call("matcher", "GET", f"/v1/releases/{ref}", token)).json()
    assert kept["status"] == "active"
    assert kept["categories"] == ["K0", "K1", "K2", "K3", "K4", "K6", "K7", "K12", "K14"]
    assert kept["purposes"] == ["P2", "P3", "P4", "P6", "P7"]
    assert kept["sections"]["domestic_violence"] == said["sections"]["domestic_violence"]
    assert kept["sections"]["hiv"] == [family.mother]
    for name in ("form_version", "language", "interpreter", "explained_by", "signature", "statements"):
        assert kept[name] == said[name]


async def test_who_records_it_explained_it_unless_somebody_else_is_named(county: County) -> None:
    family = await come(county, "Plain", 2017)
    release = await recorded(county, family)
    assert (release["explained_by"], release["explained_on"]) == (family.social, release["signed_on"])
