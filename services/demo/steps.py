"""What happens to a family, in order, and the alerts that must come of it: plain values, no calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Side = Literal["cws", "calworks"]
AlertType = Literal["A01", "A05", "A09", "A10"]
SignedBy = Literal["self", "parent_guardian"]
Kind = Literal["clean", "noisy", "withheld", "split", "cws_only", "calworks_only"]

LIAISON = "liaison"
SIDES: tuple[Side, Side] = ("cws", "calworks")


@dataclass(frozen=True, slots=True)
class Record:
    """One person as one program's office wrote him or her down. `person`: key of the truth."""

    record_id: str
    person: str
    side: Side
    role: str
    body: Mapping[str, Any]
    relation: str | None = None
    in_household: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """`key` is unique in a county; `pause` (0 to 1) is the share of the demo's pause to wait before it."""

    key: str
    pause: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake(_Step):
    """A referral or an application. `urgency`: a referral's response, or what an application asks at once."""

    side: Side
    worker: str
    records: tuple[Record, ...]
    minutes_ago: int
    urgency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(_Step):
    """A CWS case for one child, opened by the case worker."""

    worker: str
    child: str
    component: Literal["ER", "FM", "FR"]
    court: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveCase(_Step):
    """Aid approved; with it the employment specialist is assigned, if there is one."""

    worker: str
    wtw: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignWtw(_Step):
    """An employment specialist assigned while the application is pending."""

    worker: str
    wtw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(_Step):
    """A release taken by a worker assigned on that side; who signed for whom, by record id."""

    side: Side
    worker: str
    signers: tuple[tuple[str, SignedBy], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal(_Step):
    """A child taken into protective custody."""

    worker: str
    child: str
    days_ago: int
    all_removed: bool
    court_in_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(_Step):
    """A notice of non-participation; day 0 was `days_ago`."""

    worker: str
    adult: str
    days_ago: int
    missed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction(_Step):
    """A sanction in force since the first of this month. `notice`: key of the step that it follows."""

    worker: str
    adult: str
    notice: str | None
    cure: tuple[str, ...]


Step = Intake | OpenCase | ApproveCase | AssignWtw | Release | Removal | Notice | Sanction


@dataclass(frozen=True, slots=True)
class Inbox:
    """An inbox of the matcher: a worker's own, or a program's liaison inbox (`owner` = LIAISON)."""

    side: Side
    owner: str


@dataclass(frozen=True, slots=True)
class Due:
    """An alert that must stand in an inbox.

    `cause`: key of the step that it is about, None for the mutual case itself. `needs`: all the calls without
    which it cannot stand, in the family's order; the last of them triggers it.
    """

    type: AlertType
    inbox: Inbox
    cause: str | None
    needs: tuple[str, ...]

    @property
    def trigger(self) -> str:
        """The last call that it needs."""
        return self.needs[-1]


@dataclass(frozen=True, slots=True)
class Family:
    """A family, its records on both sides and all that happens to it.

    `pairs` are the true pairs (CWS record id, CalWORKs record id); `due` must stand at the end, `forbidden`
    must never be seen by anybody, since nobody of the family signed.
    """

    key: str
    kind: Kind
    traps: tuple[str, ...]
    steps: tuple[Step, ...]
    pairs: tuple[tuple[str, str], ...]
    due: tuple[Due, ...]
    forbidden: tuple[Due, ...]
    noise: tuple[str, ...] = ()

    @property
    def intakes(self) -> tuple[Intake, ...]:
        """Its intakes in order: one or two."""
        return tuple(step for step in self.steps if isinstance(step, Intake))
