"""Reading a review: both records side by side, as far as the gate lets the other program's be seen at this moment.

The caller's own record is no crossing and is not asked for. Of the other one the gate is asked for category K1, in
the role of a liaison and for matching alone; what it said is accounted for in the transaction of the read.
"""

from dataclasses import dataclass
from datetime import datetime

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.derive import CrossingItem, Judged
from services.matcher.alerts.routing import Recipient, share_of
from services.matcher.disclosure import accounting
from services.matcher.disclosure import decide as gate
from services.matcher.disclosure.decide import Permit
from services.matcher.disclosure.policy import table_on
from services.matcher.disclosure.repository import account
from services.matcher.disclosure.request import Category, Item, Program, Request, Role, Sensitivity, Subject
from services.matcher.identity.handlers import Review
from services.matcher.identity.resolution import CALWORKS, CWS
from services.matcher.identity.review import Compared, compare, masked
from services.matcher.work import Work
from shared.errors import NotFound
from shared.web.auth import Caller

_PLAIN = Item(implies=(), minor_consented=False, names_hiv=False, alleged_abuser_in_recipient_clients=False)


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
    permit = await _ask(work, caller, review.id, mine, theirs)
    weights = tuple((field, level, weight) for field, level, weight in review.row.because)
    compared = compare(people[mine], people[theirs], {field: level for field, level, _ in weights})
    if permit is None:
        return SideBySide(review, mine, masked(compared, lambda _: False), weights, None)
    ground = Ground(permit.basis.value, "P1", permit.expires)
    return SideBySide(review, mine, masked(compared, permit.allows), weights, ground)


async def _ask(work: Work, caller: Caller, review: str, mine: str, theirs: str) -> Permit | None:
    """The gate's permit for the other side's record. Releases cannot name matching, so none is gathered."""
    recipient = Program.of(str(caller.program))
    holder = Program.CALWORKS if recipient is Program.CWS else Program.CWS
    share = share_of(AlertType.REVIEW_MATCH, recipient, Role.LINKAGES_LIAISON)
    sensitivity = (await work.identity.active({theirs})).get(theirs, Sensitivity.SEALED.value)
    request = Request(
        id=f"{review}/{caller.worker}/K1",
        category=Category.K1,
        holder=holder,
        recipient=recipient,
        purpose=share.purpose,
        role=share.role,
        assigned=True,  # a liaison is, to every pair in review
        subject=Subject(id=theirs, sensitivity=Sensitivity(sensitivity), limited_access=False),
        item=_PLAIN,
        bases=work.policy.gather(),
        now=work.now,
    )
    outcome = gate.decide(request, table_on(work.today))
    judged = Judged(CrossingItem(Category.K1, holder, theirs, mine), request, outcome)
    row = accounting.row(
        judged,
        county=work.county,
        stage="read",
        alert=review,
        alert_type=AlertType.REVIEW_MATCH,
        recipient=Recipient(caller.worker, share),
        at=work.now,
    )
    await account(work.connection, [row])
    return outcome if isinstance(outcome, Permit) else None
