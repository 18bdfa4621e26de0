"""Steps as calls: which address, which body; and what the answers teach (the system mints references)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, assert_never

from services.demo.steps import (
    ApproveCase,
    AssignWtw,
    Due,
    Intake,
    Notice,
    OpenCase,
    Release,
    Removal,
    Sanction,
    Side,
    Step,
)
from services.demo.workers import Worker
from shared.calendars import PACIFIC, local_date
from shared.ids import named

Service = Literal["cws", "calworks", "matcher"]

CATEGORIES = ("K0", "K1", "K2", "K3", "K4", "K6", "K7")
PURPOSES = ("P2", "P3", "P4", "P6", "P7")
_FORM = "county Linkages ROI"
_RELEASE_DAYS = 364  # just inside the year that a release may last
_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Call:
    """One POST. `settles`: a 404 means that the matcher has not read the intake yet; it is asked again."""

    service: Service
    path: str
    worker: str
    body: dict[str, Any]
    settles: bool = False


@dataclass(slots=True)
class Known:
    """What the answers to one family's calls have taught so far."""

    people: dict[tuple[Side, str], str] = field(default_factory=dict)  # side and record id: our reference
    made: dict[str, str] = field(default_factory=dict)  # key of a step: reference of what it made
    intake: dict[Side, str] = field(default_factory=dict)  # referral, application
    group: dict[Side, str] = field(default_factory=dict)  # household, assistance unit

    def learn(self, step: Step, answer: Mapping[str, Any]) -> None:
        """Keep the references of an answer. KeyError: the answer lacks one that the contract promises."""
        self.made[step.key] = answer["ref"]
        if not isinstance(step, Intake):
            return
        self.intake[step.side] = answer["ref"]
        self.group[step.side] = answer["household" if step.side == "cws" else "au"]
        listed, name = ("participants", "client") if step.side == "cws" else ("persons", "person")
        for record, one in zip(step.records, answer[listed], strict=True):
            self.people[step.side, record.record_id] = one[name]

    def alert_id(self, county: str, due: Due) -> str | None:
        """The id that an alert must have; None while a call that it is about has not been answered."""
        if len(self.group) < 2:  # noqa: PLR2004 - a household and a unit
            return None
        mutual_case = named(county, self.group["cws"], self.group["calworks"])
        cause = mutual_case if due.cause is None else self.made.get(due.cause)
        return None if cause is None else named(county, due.type, mutual_case, cause)


def call_of(step: Step, known: Known, staff: Mapping[str, Worker], now: datetime) -> Call:
    """The call that a step is, with the references learnt so far.

    KeyError: an earlier call that it rests on was never answered.
    """
    today = local_date(now, PACIFIC)
    match step:
        case Intake():
            call = _intake(step, staff[step.worker], now)
        case Release():
            call = _release(step, known, today)
        case OpenCase() | ApproveCase() | AssignWtw():
            call = _case(step, known, staff, today)
        case Removal() | Notice() | Sanction():
            call = _event(step, known, today)
        case _:
            assert_never(step)
    return call


def events_of(step: Step) -> int:
    """How many events the contract publishes for an accepted step."""
    match step:
        case Intake(side="cws"):
            return len(step.records) + 3  # each client, the household, the referral, its assignment
        case Intake():
            return len(step.records) + 2  # each person, the application, its assignment
        case OpenCase():
            return 2  # the case, its assignment
        case ApproveCase():
            return 3 if step.wtw is None else 4  # the decision, the case, one assignment for each worker
        case Sanction():
            return 1 if step.notice is None else 2  # the sanction, and the end of the notice that it follows
        case Release():
            return 0
        case _:
            return 1


def _intake(step: Intake, worker: Worker, now: datetime) -> Call:
    people = []
    for record in step.records:
        one: dict[str, Any] = {"person": record.body, "record_id": record.record_id, "role": record.role}
        if step.side == "cws":
            one |= {"relation": record.relation, "in_household": record.in_household}
        people.append(one)
    body: dict[str, Any] = {
        "received_at": (now - timedelta(minutes=step.minutes_ago)).isoformat(),
        "worker": worker.told(),
    }
    if step.side == "cws":
        return Call(
            "cws", "/v1/referrals", step.worker, body | {"response": step.urgency, "participants": people}
        )
    if step.urgency is not None:
        body["expedite"] = [step.urgency]
    return Call("calworks", "/v1/applications", step.worker, body | {"persons": people})


def _release(step: Release, known: Known, today: date) -> Call:
    body = {
        "persons": [
            {"ref": known.people[step.side, record_id], "signed_by": by} for record_id, by in step.signers
        ],
        "categories": list(CATEGORIES),
        "directions": ["both"],
        "purposes": list(PURPOSES),
        "form": _FORM,
        "signed_on": today.isoformat(),
        "expires_on": (today + timedelta(days=_RELEASE_DAYS)).isoformat(),
    }
    return Call("matcher", "/v1/releases", step.worker, body, settles=True)


def _case(
    step: OpenCase | ApproveCase | AssignWtw, known: Known, staff: Mapping[str, Worker], today: date
) -> Call:
    match step:
        case OpenCase():
            body: dict[str, Any] = {
                "child": known.people["cws", step.child],
                "referral": known.intake["cws"],
                "component": step.component,
                "court": step.court,
                "opened_on": today.isoformat(),
                "worker": staff[step.worker].told(),
            }
            return Call("cws", "/v1/cases", step.worker, body)
        case ApproveCase():
            workers: list[dict[str, Any]] = [{"kind": "EW", "worker": staff[step.worker].told()}]
            if step.wtw is not None:
                workers.append({"kind": "WTW", "worker": staff[step.wtw].told()})
            body = {
                "application": known.intake["calworks"],
                "aid_start": today.isoformat(),
                "workers": workers,
            }
            return Call("calworks", "/v1/cases", step.worker, body)
        case AssignWtw():
            body = {"on": known.intake["calworks"], "kind": "WTW", "worker": staff[step.wtw].told()}
            return Call("calworks", "/v1/assignments", step.worker, body)


def _event(step: Removal | Notice | Sanction, known: Known, today: date) -> Call:
    match step:
        case Removal():
            body: dict[str, Any] = {
                "removed_on": (today - timedelta(days=step.days_ago)).isoformat(),
                "all_eligible_removed": step.all_removed,
            }
            if step.court_in_days is not None:
                body["court_date"] = (today + timedelta(days=step.court_in_days)).isoformat()
            return Call("cws", f"/v1/clients/{known.people['cws', step.child]}/removals", step.worker, body)
        case Notice():
            day = today - timedelta(days=step.days_ago)
            missed = datetime.combine(day - timedelta(days=1), _MORNING, PACIFIC).isoformat()
            body = {
                "person": known.people["calworks", step.adult],
                "notice_date": day.isoformat(),
                "missed": {"kind": step.missed, "starts_at": missed},
            }
            return Call("calworks", "/v1/noncompliances", step.worker, body)
        case Sanction():
            body = {
                "person": known.people["calworks", step.adult],
                "sanction_class": "wtw",
                "effective_month": today.replace(day=1).isoformat(),
                "cure_steps": [{"kind": kind} for kind in step.cure],
            }
            if step.notice is not None:
                body["noncompliance"] = known.made[step.notice]
            return Call("calworks", "/v1/sanctions", step.worker, body)
