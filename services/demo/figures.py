"""The demo's figures, worked out from what was seen from outside; nothing is called here."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from services.demo.steps import Due, Family, Inbox

_STANDING = frozenset({"open", "acknowledged", "closed"})
_LINKED = frozenset({"linked"})
_IN_REVIEW = frozenset({"needsreview", "review"})


@dataclass(frozen=True, slots=True)
class Entry:
    """An alert in an inbox, as a list showed it at the end."""

    inbox: Inbox
    id: str
    type: str
    mutual_case: str
    cause: str
    state: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One row of `linkages links`."""

    cws_record_id: str
    calworks_record_id: str
    decision: str

    @property
    def linked(self) -> bool:
        """Whether it was linked automatically."""
        return _plain(self.decision) in _LINKED

    @property
    def in_review(self) -> bool:
        """Whether somebody is to look at it."""
        return _plain(self.decision) in _IN_REVIEW


@dataclass(frozen=True, slots=True)
class Expected:
    """A due alert and the id that it must have (None: a call that it is about was refused or unanswered)."""

    family: Family
    due: Due
    id: str | None
    answered_at: float | None  # when the last call that it needs was answered, on the loop's clock


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles in milliseconds; None without any alert."""

    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(slots=True)
class Figures:
    """What `linkages demo --once --json` prints.

    `events_expected`: what the contract publishes for the accepted writes. `disclosed`: alerts in an inbox
    about a family that signed nothing, but for the removal that eligibility needs. `refused`: calls that were
    answered with something else than success, or never.
    """

    intakes: int = 0
    events: int | None = None
    events_expected: int = 0
    links: int | None = None
    reviews: int | None = None
    wrong_links: int | None = None
    missed: int | None = None
    alerts: dict[str, int] = field(default_factory=dict)
    withheld: dict[str, int] | None = None
    lost: int = 0
    duplicated: int = 0
    disclosed: int = 0
    refused: int = 0
    latency_ms: Latency = field(default_factory=lambda: Latency(None, None, None))
    rate: float = 0.0
    seconds: float = 0.0
    kills: int = 0
    seed: int = 0
    knee: float | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was lost, doubled or disclosed."""
        return not (self.lost or self.duplicated or self.disclosed)

    def told(self) -> dict[str, Any]:
        """As JSON; the knee only where it was looked for."""
        told = asdict(self)
        if self.knee is None:
            del told["knee"]
        return told


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which that share (0 to 1) lies, between neighbours in proportion; None without any."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def latency(expected: Iterable[Expected], first: Mapping[tuple[Inbox, str], float]) -> Latency:
    """From the answer of the last call that an alert needs to its id in the recipient's stream.

    An id that overtook that answer took no time. Alerts that never came are not in here: they are lost.
    """
    took = []
    for one in expected:
        if one.id is None or one.answered_at is None or (seen := first.get((one.due.inbox, one.id))) is None:
            continue
        took.append(max(0.0, seen - one.answered_at) * 1000)
    p50, p95, p99 = (percentile(took, share) for share in (0.50, 0.95, 0.99))
    return Latency(*(None if value is None else round(value, 1) for value in (p50, p95, p99)))


def unseen(expected: Iterable[Expected], seen: Collection[tuple[Inbox, str]]) -> list[Expected]:
    """Due alerts that are not among those."""
    return [one for one in expected if one.id is None or (one.due.inbox, one.id) not in seen]


def standing(entries: Iterable[Entry]) -> set[tuple[Inbox, str]]:
    """The alerts that a reader of an inbox can see."""
    return {(entry.inbox, entry.id) for entry in entries if entry.state in _STANDING}


def duplicates(entries: Sequence[Entry]) -> int:
    """Alerts too many: further ids of one type, cause and mutual case, and ids twice in one inbox."""
    ids: dict[tuple[str, str, str], set[str]] = {}
    for entry in entries:
        ids.setdefault((entry.type, entry.cause, entry.mutual_case), set()).add(entry.id)
    listed = Counter((entry.inbox, entry.id) for entry in entries)
    return sum(len(found) - 1 for found in ids.values()) + sum(n - 1 for n in listed.values())


def alerts_by_type(entries: Iterable[Entry]) -> dict[str, int]:
    """How many alerts there are of each type, however many inboxes hold them."""
    return dict(sorted(Counter(kind for kind, _ in {(e.type, e.id) for e in entries}).items()))


def wrong_links(rows: Iterable[LinkRow], truth: Collection[tuple[str, str]]) -> list[LinkRow]:
    """Pairs linked automatically that are two people."""
    return [row for row in rows if row.linked and (row.cws_record_id, row.calworks_record_id) not in truth]


def missed(rows: Iterable[LinkRow], families: Iterable[Family]) -> list[tuple[str, str]]:
    """True pairs of noisy families that are neither linked nor in review."""
    found = {(row.cws_record_id, row.calworks_record_id) for row in rows if row.linked or row.in_review}
    return [
        pair for family in families if family.kind == "noisy" for pair in family.pairs if pair not in found
    ]


def _plain(decision: str) -> str:
    return decision.strip().lower().replace("_", "").replace(" ", "")
