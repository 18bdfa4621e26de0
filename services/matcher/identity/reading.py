"""Reading a review: both records side by side, as far as the gate lets the other program's be seen at this moment.

The caller's own record is no crossing and is not asked for. Of the other one the gate is asked for category K1, in
the role of a liaison and for matching alone; what it said is accounted for in the transaction of the read.
"""

from dataclasses import dataclass
from datetime import datetime

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.causes import alert_id
from services.matcher.alerts.doubtful import ask
from services.matcher.alerts.routing import LIAISON
from services.matcher.disclosure import accounting
from services.matcher.disclosure.decide import Permit
from services.matcher.disclosure.repository import account
from services.matcher.disclosure.request import Program, Sensitivity
from services.matcher.identity.handlers import Review
from services.matcher.identity.resolution import CALWORKS, CWS
from services.matcher.identity.review import Compared, compare, masked
from services.matcher.work import Work
from shared.errors import NotFound
from shared.web.auth import Caller


@dataclass(frozen=True)
class Ground:
    """By what right the other side's values are shown, and until when."""

    basis: str
    purpose: str
    expires: datetime | None


@dataclass(frozen=True)
class SideBySide:
    """Two records as one liaison may compare them. `ground` None: the other side's values are masked."""

    review: Review
    own: str
    compared: tuple[Compared, ...]
    weights: tuple[tuple[str, str, float], ...]
    ground: Ground | None


async def look(work: Work, caller: Caller, review: Review) -> SideBySide:
    """Compare the records of a pair, decided and accounted for now."""
    cws, calworks = review.ends
    mine, theirs = (cws, calworks) if caller.program == CWS else (calworks, cws)
    people = {
        ref: record
        for (_, ref), record in (await work.identity.people({(CWS, cws), (CALWORKS, calworks)})).items()
    }
    if people.keys() != {cws, calworks}:
        raise NotFound
    permit = await _ask(work, caller, review, theirs)
    weights = tuple((field, level, weight) for field, level, weight in review.row.because)
    compared = compare(people[mine], people[theirs], {field: level for field, level, _ in weights})
    if permit is None:
        return SideBySide(review, mine, masked(compared, lambda _: False), weights, None)
    ground = Ground(permit.basis.value, "P1", permit.expires)
    return SideBySide(review, mine, masked(compared, permit.allows), weights, ground)


async def _ask(work: Work, caller: Caller, review: Review, theirs: str) -> Permit | None:
    """The gate's permit for the other side's record; what it opens makes the alert one that was read."""
    program = Program.of(str(caller.program))
    sensitivity = (await work.identity.active({theirs})).get(theirs, Sensitivity.SEALED.value)
    asked = ask(review.id, caller.worker, program, review.ends, sensitivity, work.policy, work.now)
    row = accounting.row(
        asked.judged,
        county=work.county,
        stage="read",
        alert=review.id,
        alert_type=AlertType.REVIEW_MATCH,
        recipient=asked.recipient,
        at=work.now,
    )
    await account(work.connection, [row])
    if asked.permit is not None:
        alert = alert_id(work.county, AlertType.REVIEW_MATCH, review.id, review.id)
        entry = await work.alerts.entry(str(caller.program), [LIAISON], alert)
        if entry is not None and entry.read_at is None:
            await work.alerts.mark([entry], read_at=work.now)
    return asked.permit
