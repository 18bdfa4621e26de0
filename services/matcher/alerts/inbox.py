"""An inbox's entries: the difference between what should stand and what stands, as changes to write.

An entry whose matter is over, or whose reader's work with the family has ended, is closed. One that should no longer
stand is withdrawn if nobody has read it, and recalled if somebody has, with an alert A26 in the same inbox. A row
stays; the same id can stand again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.causes import Over
from services.matcher.alerts.derive import CrossingItem, StandingEntry
from services.matcher.disclosure.decide import Permit
from shared.ids import named

STANDING = ("open", "acknowledged")


@dataclass(frozen=True, slots=True, order=True)
class InboxAddress:
    """An inbox: a worker's, or the liaison's, in one program of one county."""

    county: str
    program: str
    inbox: str


@dataclass(frozen=True)
class Change:
    """A new state of an entry. `content` None: it keeps the items that it has."""

    alert: str
    address: InboxAddress
    kind: str  # created | updated | closed | withdrawn | recalled
    state: str
    entry: StandingEntry | None = None
    recalls: str | None = None  # for A26: the alert that is recalled
    role: str | None = None  # for A26: the role in which the recalled entry was read


def content(entry: StandingEntry) -> list[dict[str, Any]]:
    """An entry's items as they are stored: references and the rule that let them pass, no facts."""
    return [
        {
            "category": item.category.value,
            "holder": item.holder.value,
            "subject": item.subject,
            "source": item.source,
            "rule": permit.rule,
            "basis": permit.basis.value,
            "release": permit.source,
            "fields": sorted(permit.fields),
        }
        for item, permit in entry.permits
    ]


def recall_id(county: str, alert: str, address: InboxAddress) -> str:
    """The id of the A26 about an entry: its cause is that entry."""
    return named(county, AlertType.ALERT_RECALLED.value, alert, address.program, address.inbox)


def address_of(county: str, entry: StandingEntry) -> InboxAddress:
    """Where an entry stands."""
    program = "cws" if entry.recipient.share.program.value == "CWS" else "calworks"
    return InboxAddress(county, program, entry.recipient.inbox)


def difference(
    county: str,
    desired: Iterable[StandingEntry],
    stored: Mapping[tuple[str, InboxAddress], Any],
    *,
    over: Over,
    held: bool,
) -> list[Change]:
    """The changes that bring the stored entries of a mutual case to those that should stand.

    `held`: somebody in it has a dead letter, which might have been a sealing; nothing new is shown until it is
    resolved.
    """
    wanted = {(entry.alert, address_of(county, entry)): entry for entry in desired}
    changes: list[Change] = []
    for place, entry in sorted(wanted.items(), key=lambda pair: pair[0]):
        alert, address = place
        row = stored.get(place)
        if row is not None and row.state in STANDING:
            differs = row.items != content(entry) or row.role != entry.recipient.share.role.value
            if differs and not held:
                changes.append(Change(alert, address, "updated", row.state, entry))
        elif not held:
            changes.append(Change(alert, address, "created", "open", entry))
            changes += _unrecall(county, row, alert, address, stored)
    for (alert, address), row in sorted(stored.items(), key=lambda pair: pair[0]):
        if (alert, address) in wanted or row.state not in STANDING or row.type == AlertType.ALERT_RECALLED:
            continue
        if over.covers(alert, address.program, address.inbox):
            changes.append(Change(alert, address, "closed", "closed"))
        elif row.read_at is None:
            changes.append(Change(alert, address, "withdrawn", "withdrawn"))
        else:
            changes.append(Change(alert, address, "recalled", "recalled"))
            notice = recall_id(county, alert, address)
            changes.append(Change(notice, address, "created", "open", recalls=alert, role=row.role))
    return changes


def _unrecall(
    county: str,
    row: Any,
    alert: str,
    address: InboxAddress,
    stored: Mapping[tuple[str, InboxAddress], Any],
) -> list[Change]:
    """An entry that stands again ends the notice that it had been recalled."""
    notice = recall_id(county, alert, address)
    standing = stored.get((notice, address))
    if row is None or row.state != "recalled" or standing is None or standing.state not in STANDING:
        return []
    return [Change(notice, address, "closed", "closed")]


def permitted(entry: StandingEntry) -> dict[CrossingItem, Permit]:
    """The items of an entry with their permits."""
    return dict(entry.permits)
