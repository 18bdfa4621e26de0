"""Who is to hear of it: assignments in force on the recipient's side of the mutual case, else the liaison."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.matcher.alerts.catalogue import ONLY_WITHOUT_CASE, SHARES, AlertType, Share
from services.matcher.coordination.fact import Fact, of_type
from services.matcher.disclosure.request import Program, Role
from shared.events import calworks, cws

LIAISON = "liaison"
"""The inbox of a program's liaison in a county; every other inbox is a worker's reference."""

_CALWORKS_ROLES = {"EW": Role.ELIGIBILITY_WORKER, "WTW": Role.WTW_WORKER}


@dataclass(frozen=True, slots=True)
class Assigned:
    """A worker in a role, and the assignment that says so."""

    worker: str
    role: Role
    assignment: str
    data: cws.AssignmentChanged | calworks.AssignmentChanged


@dataclass(frozen=True, slots=True)
class Recipient:
    """An inbox, the role in which its reader is decided, and what may be told there."""

    inbox: str
    share: Share


def in_force(data: cws.AssignmentChanged | calworks.AssignmentChanged, now: datetime) -> bool:
    """Whether the assignment has begun and has not ended."""
    return data.from_at <= now and (data.until_at is None or now < data.until_at)


def appointed_in_cws(facts: Iterable[Fact]) -> list[Assigned]:
    """Everybody who was, is or will be assigned to a referral or case; read-only assignments receive nothing."""
    return [
        Assigned(
            data.worker.ref,
            Role.ER_WORKER if data.on_kind == "referral" else Role.CASE_WORKER,
            fact.ref,
            data,
        )
        for fact, data in of_type(facts, cws.AssignmentChanged)
        if data.kind != "R"
    ]


def appointed_in_calworks(facts: Iterable[Fact]) -> list[Assigned]:
    """Everybody who was, is or will be assigned to an application or case."""
    return [
        Assigned(data.worker.ref, _CALWORKS_ROLES[data.kind], fact.ref, data)
        for fact, data in of_type(facts, calworks.AssignmentChanged)
        if data.kind in _CALWORKS_ROLES
    ]


def at_work(appointed: Iterable[Assigned], over: Collection[str], now: datetime) -> list[Assigned]:
    """Those whose assignment is in force, on something that is not over."""
    return [one for one in appointed if in_force(one.data, now) and one.data.on not in over]


def recipients(
    alert: AlertType, assigned: Sequence[Assigned], program: Program, *, has_case: bool
) -> list[Recipient]:
    """The inboxes of one program, each once. Nobody assigned: the liaison's, decided in that role."""
    shares = [share for share in SHARES[alert] if share.program is program]
    found: dict[str, Recipient] = {}
    for share in shares:
        if share.role is Role.LINKAGES_LIAISON:
            found[LIAISON] = Recipient(LIAISON, share)
        if share.role is Role.ER_WORKER and has_case and alert in ONLY_WITHOUT_CASE:
            continue
        for worker in assigned:
            if worker.role is share.role:
                found.setdefault(worker.worker, Recipient(worker.worker, share))
    if not found and shares:
        found[LIAISON] = Recipient(LIAISON, share_of(alert, program, Role.LINKAGES_LIAISON))
    return list(found.values())


def share_of(alert: AlertType, program: Program, role: Role) -> Share:
    """What a type may tell a role; the liaison stands in with what the first role of the program would be told."""
    shares = [share for share in SHARES[alert] if share.program is program]
    for share in shares:
        if share.role is role:
            return share
    return Share(program, role, shares[0].purpose, shares[0].categories)
