"""The alert types: for what purpose, and what of the other program crosses to whom.

The purpose is fixed by the type, never chosen by a caller. An item that the gate refuses drops out.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.matcher.disclosure.request import Category, Program, Purpose, Role, Topic


class AlertType(StrEnum):
    """The types produced now."""

    MUTUAL_AT_INTAKE = "A01"
    REVIEW_MATCH = "A02"
    CHILD_REMOVED = "A05"
    CHILD_RETURNED = "A06"
    RELATIVE_PLACEMENT = "A07"
    NONCOMPLIANCE_WINDOW = "A09"
    SANCTION_IMPOSED = "A10"
    SANCTION_ENDED = "A11"
    WORKER_CHANGED = "A25"
    ALERT_RECALLED = "A26"


@dataclass(frozen=True, slots=True)
class Share:
    """What a recipient in one role may be told by one type."""

    program: Program
    role: Role
    purpose: Purpose
    categories: tuple[Category, ...]


_K = Category
_CWS_STATUS = (_K.K0, _K.K3, _K.K4)
_CONTACT = (_K.K0, _K.K2)
_CHILD = (_K.K6, _K.K0, _K.K1)

# In the order of preference for a worker who holds several of the roles in one family.
SHARES: dict[AlertType, tuple[Share, ...]] = {
    AlertType.MUTUAL_AT_INTAKE: (
        Share(Program.CWS, Role.CASE_WORKER, Purpose.P2, (_K.K0, _K.K2, _K.K3)),
        Share(Program.CWS, Role.ER_WORKER, Purpose.P2, (_K.K0, _K.K2, _K.K3)),
        Share(Program.CALWORKS, Role.ELIGIBILITY_WORKER, Purpose.P2, (_K.K0, _K.K2, _K.K6)),
        Share(Program.CALWORKS, Role.WTW_WORKER, Purpose.P2, (_K.K0, _K.K2, _K.K6)),
    ),
    AlertType.REVIEW_MATCH: (
        Share(Program.CWS, Role.LINKAGES_LIAISON, Purpose.P1, (_K.K1,)),
        Share(Program.CALWORKS, Role.LINKAGES_LIAISON, Purpose.P1, (_K.K1,)),
    ),
    AlertType.CHILD_REMOVED: (
        Share(Program.CALWORKS, Role.ELIGIBILITY_WORKER, Purpose.P3, _CHILD),
        Share(Program.CALWORKS, Role.WTW_WORKER, Purpose.P4, _CHILD),
    ),
    AlertType.CHILD_RETURNED: (
        Share(Program.CALWORKS, Role.ELIGIBILITY_WORKER, Purpose.P3, _CHILD),
        Share(Program.CALWORKS, Role.WTW_WORKER, Purpose.P4, _CHILD),
    ),
    AlertType.RELATIVE_PLACEMENT: (
        Share(Program.CALWORKS, Role.ELIGIBILITY_WORKER, Purpose.P3, _CHILD),
        Share(Program.CALWORKS, Role.LINKAGES_LIAISON, Purpose.P4, _CHILD),  # so only under a release
    ),
    AlertType.NONCOMPLIANCE_WINDOW: (
        Share(Program.CWS, Role.CASE_WORKER, Purpose.P6, _CWS_STATUS),
        Share(Program.CWS, Role.ER_WORKER, Purpose.P6, _CWS_STATUS),
        Share(Program.CALWORKS, Role.WTW_WORKER, Purpose.P6, _CONTACT),
    ),
    AlertType.SANCTION_IMPOSED: (
        Share(Program.CWS, Role.CASE_WORKER, Purpose.P6, _CWS_STATUS),
        Share(Program.CWS, Role.ER_WORKER, Purpose.P6, _CWS_STATUS),
        Share(Program.CALWORKS, Role.LINKAGES_LIAISON, Purpose.P6, _CONTACT),
    ),
    AlertType.SANCTION_ENDED: (
        Share(Program.CWS, Role.CASE_WORKER, Purpose.P6, (_K.K0, _K.K3)),
        Share(Program.CWS, Role.ER_WORKER, Purpose.P6, (_K.K0, _K.K3)),
    ),
    AlertType.WORKER_CHANGED: (
        Share(Program.CWS, Role.CASE_WORKER, Purpose.P4, (_K.K0,)),
        Share(Program.CWS, Role.ER_WORKER, Purpose.P4, (_K.K0,)),
        Share(Program.CALWORKS, Role.ELIGIBILITY_WORKER, Purpose.P4, (_K.K0,)),
        Share(Program.CALWORKS, Role.WTW_WORKER, Purpose.P4, (_K.K0,)),
    ),
}
TOPICS = {AlertType.RELATIVE_PLACEMENT: Topic.RELATIVE_CAREGIVER}
"""The benefit question that a type is about, where the law asks."""
ONLY_WITHOUT_CASE = frozenset(
    {
        AlertType.NONCOMPLIANCE_WINDOW,
        AlertType.SANCTION_IMPOSED,
        AlertType.SANCTION_ENDED,
        AlertType.WORKER_CHANGED,
    }
)
"""Types that reach the worker of the referral only while there is no case."""
