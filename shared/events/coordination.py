"""What the matcher publishes for dashboards: counts, kinds and durations, about references that it minted itself.

No person, case, household or worker is named, and no reference of a program. Instants are cut to the hour, durations
to ten minutes or to days.
"""

from datetime import datetime
from typing import ClassVar, Literal

from shared.events import Event

SOURCE = "/matcher"

ScoreBand = Literal["under_0", "0_to_10", "10_to_20", "20_to_30", "30_or_more"]
Method = Literal["identifier", "attributes"]
DecidedBy = Literal["model", "person"]
MutualType = Literal["M1", "M2", "M3", "M4", "M5"]
FormClass = Literal["integrated", "abcdm_228", "abcdm_229", "cw_61", "wtw_37", "cft", "other"]
Program = Literal["cws", "calworks"]
Severity = Literal["low", "medium", "high", "critical"]


class LinkEvent(Event):
    """A pair of records. score_band: its match weight (log2). method: a number that agrees, or names and dates."""

    KEY: ClassVar[str] = "link"

    link: str
    score_band: ScoreBand
    method: Method
    decided_by: DecidedBy


class LinkConfirmed(LinkEvent):
    """Two records of the two programs are the same person's."""

    NAME: ClassVar[str] = "link.confirmed"


class LinkReviewOpened(LinkEvent):
    """Somebody has to look whether two records are the same person's."""

    NAME: ClassVar[str] = "link.review_opened"


class LinkRejected(LinkEvent):
    """A pair in review is not the same person, or cannot be compared any more."""

    NAME: ClassVar[str] = "link.rejected"


class LinkWithdrawn(LinkEvent):
    """A link stands no more."""

    NAME: ClassVar[str] = "link.withdrawn"


class MutualEvent(Event):
    """A mutual case. types: the kinds of link in it. days_since_intake: since both programs knew the family."""

    KEY: ClassVar[str] = "mutual"

    mutual: str
    types: tuple[MutualType, ...]
    days_since_intake: int | None = None


class MutualOpened(MutualEvent):
    """Both programs serve a family."""

    NAME: ClassVar[str] = "mutual.opened"


class MutualChanged(MutualEvent):
    """The kinds of link in a mutual case are others."""

    NAME: ClassVar[str] = "mutual.changed"


class MutualClosed(MutualEvent):
    """A mutual case has ended; `types` are those that it had last."""

    NAME: ClassVar[str] = "mutual.closed"


class ReleaseEvent(Event):
    """A release of information: who took it, on what class of form, how many categories it names, which ways."""

    KEY: ClassVar[str] = "release"

    release: str
    program: Program
    form: FormClass
    categories: int
    directions: tuple[Literal["cws_to_calworks", "calworks_to_cws", "both"], ...]


class ReleaseRecorded(ReleaseEvent):
    """A signed release was recorded."""

    NAME: ClassVar[str] = "release.recorded"


class ReleaseExpired(ReleaseEvent):
    """The last day of a release is over."""

    NAME: ClassVar[str] = "release.expired"


class ReleaseRevoked(ReleaseEvent):
    """A release was taken back, whole or in part."""

    NAME: ClassVar[str] = "release.revoked"


class AlertEvent(Event):
    """An alert in one inbox.

    role: of its recipient. due_class: the time to acknowledge, as `1_business_days`. minutes_since_cause: since the
    program recorded what the alert is about, cut to tens. on_time: acknowledged by then; absent while it may still be.
    """

    KEY: ClassVar[str] = "alert"

    alert: str
    alert_type: str
    severity: Severity
    program: Program
    role: str
    due_class: str | None = None
    minutes_since_cause: int
    on_time: bool | None = None


class AlertCreated(AlertEvent):
    """An alert came into an inbox, or stands there again."""

    NAME: ClassVar[str] = "alert.created"


class AlertAcknowledged(AlertEvent):
    """A recipient said that he or she has it."""

    NAME: ClassVar[str] = "alert.acknowledged"


class AlertWithdrawn(AlertEvent):
    """It should not stand any more, and nobody had read it."""

    NAME: ClassVar[str] = "alert.withdrawn"


class AlertRecalled(AlertEvent):
    """It should not stand any more, and had been read."""

    NAME: ClassVar[str] = "alert.recalled"


class AlertClosed(AlertEvent):
    """What it was about is over."""

    NAME: ClassVar[str] = "alert.closed"


class ActivityCounted(Event):
    """How many events of one type the matcher read from a program in an hour; several for one hour add up.

    mutual: how many of them are about a family in an open mutual case; absent for types of which no fact is kept. A
    number under 11, and one that would tell such a number by subtraction, is absent: then `suppressed` is true.
    """

    NAME: ClassVar[str] = "activity.counted"
    KEY: ClassVar[str] = "county"

    county: str
    program: Program
    event: str
    hour: datetime
    count: int | None = None
    mutual: int | None = None
    suppressed: bool


TYPES: dict[str, type[Event]] = {
    kind.type(): kind
    for kind in (
        LinkConfirmed,
        LinkReviewOpened,
        LinkRejected,
        LinkWithdrawn,
        MutualOpened,
        MutualChanged,
        MutualClosed,
        ReleaseRecorded,
        ReleaseExpired,
        ReleaseRevoked,
        AlertCreated,
        AlertAcknowledged,
        AlertWithdrawn,
        AlertRecalled,
        AlertClosed,
        ActivityCounted,
    )
}
