"""People whom both programs may know: alike enough that somebody has to look, not enough to be linked."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.matcher.identity.decision import pair_id

if TYPE_CHECKING:
    from tests.contract.county import County


async def come(county: "County", code: str, last_name: str, middle: tuple[str, str]) -> tuple[str, str]:
    """Somebody comes to each program under another middle name; what the two call them.

    People of another last name have another birthday, so that they are not doubtful with these.
    """
    born = date(1970, 1, 1) + timedelta(days=int.from_bytes(last_name.encode()) % 9973)
    person = {"first_name": "Rosa", "last_name": last_name, "birth_date": born.isoformat(), "sex": "F"}
    now = datetime.now(UTC).isoformat()
    intakes: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
        ("cws", "er_worker", "/v1/referrals", "participants", {"response": "3_day"}),
        ("calworks", "eligibility_worker", "/v1/applications", "persons", {}),
    )
    roles = {"cws": "parent", "calworks": "aided_adult"}
    called = {"cws": "client", "calworks": "person"}
    refs = []
    for (program, role, path, people, more), name in zip(intakes, middle, strict=True):
        body = {
            "received_at": now,
            people: [{"role": roles[program], "person": {**person, "middle_name": name}}],
            **more,
        }
        answer = await county.made(program, path, body, county.token(role, program=program, county=code))
        refs.append(str(answer[people][0][called[program]]))
    return refs[0], refs[1]


async def reviews(county: "County", code: str, linked: tuple[str, str]) -> dict[str, str]:
    """A review, a verdict about another one, and the link of the family: ids by address."""
    waiting = await come(county, code, "Quintana", ("Elena", "Luisa"))
    judged = await come(county, code, "Villareal", ("Elena", "Luisa"))
    await county.settle()
    token = county.token("linkages_liaison", program="cws", county=code)
    other = pair_id(code, *judged)
    await county.made("matcher", f"/v1/reviews/{other}/claim", None, token)
    body = {"verdict": "unsure", "reason": "Nobody could be reached."}
    verdict = await county.made("matcher", f"/v1/reviews/{other}/verdict", body, token)
    return {"reviews": pair_id(code, *waiting), "verdicts": verdict["id"], "links": pair_id(code, *linked)}
