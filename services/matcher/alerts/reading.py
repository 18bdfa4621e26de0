"""Reading alerts: every read decides afresh, accounts for it, and shows what was permitted in that transaction.

An entry shows no more than both its stored items and the derivation of this moment allow. So a fact whose release
was revoked, whose link fell or whose reader was reassigned is gone with that commit, not when a decider comes by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.matcher.alerts.catalogue import AlertType
from services.matcher.alerts.circumstances import Circumstances
from services.matcher.alerts.content import Facts, facts_of, other_end, plain
from services.matcher.alerts.derive import CrossingItem, Judged, derive, judge
from services.matcher.alerts.inbox import STANDING, InboxAddress, address_of
from services.matcher.alerts.loading import Loader
from services.matcher.alerts.routing import Recipient, share_of
from services.matcher.disclosure import accounting
from services.matcher.disclosure.decide import Permit
from services.matcher.disclosure.repository import account
from services.matcher.disclosure.request import Category, Program, Role
from services.matcher.due import Due
from services.matcher.identity.handlers import waiting_of
from services.matcher.work import Work
from shared.web.auth import Caller


@dataclass(frozen=True)
class ShownItem:
    """A fact that crossed: about which of the reader's own people, on what ground, until when."""

    category: str
    person: str | None
    facts: Facts
    basis: str
    purpose: str
    redaction: str | None
    expires: datetime | None


@dataclass(frozen=True)
class Agreement:
    """Why two records are thought to be one person's: field, level and weight (log2) of what says something; never a
    value. `weight` is that of the whole match, `model` the model that gave it."""

    parts: tuple[tuple[str, str, float], ...]
    weight: float
    model: str


@dataclass(frozen=True)
class ShownAlert:
    """An entry as its reader may see it now. One that does not stand any more shows no fact."""

    row: Any
    items: tuple[ShownItem, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    match: Mapping[str, Agreement] = field(default_factory=dict)
    own: str | None = None


@dataclass(frozen=True)
class _Case:
    circumstances: Circumstances
    permits: Mapping[tuple[str, InboxAddress], Mapping[CrossingItem, Permit]]
    judged: Sequence[tuple[str, AlertType, Any, Judged]]


async def read(work: Work, caller: Caller, rows: Sequence[Any]) -> list[ShownAlert]:
    """What of these entries the caller may see, in their order; hidden ones are left out."""
    mine = [row for row in rows if caller.has(row.role)]
    alone = (AlertType.ALERT_RECALLED, AlertType.REVIEW_MATCH)  # of no mutual case, and without a fact
    standing = [row for row in mine if row.state in STANDING and row.type not in alone]
    hidden = await _hidden_reviews(work, mine)
    cases = await _cases(work, {row.household for row in standing})
    accounted: list[dict[str, Any]] = []
    permitted: dict[str, Mapping[CrossingItem, Permit]] = {}
    stale: set[str] = set()
    for row in standing:
        case = cases.get(row.mutual_case)
        address = InboxAddress(work.county, row.program, row.inbox)
        fresh = case.permits.get((row.alert, address), {}) if case is not None else {}
        allowed = {item: fresh[item] for item in _stored_items(row) if item in fresh}
        if case is not None:
            accounted += _accounted(work, case, row, address)
        if allowed:
            permitted[row.alert] = allowed
        else:
            stale.add(row.household)
    await account(work.connection, accounted)
    await work.make_due([Due(work.county, "group", "cws", household) for household in sorted(stale)])
    await work.alerts.mark(
        [row for row in standing if row.read_at is None and row.alert in permitted], read_at=work.now
    )
    shown = await _names(
        work,
        [(row, cases[row.mutual_case], permitted[row.alert]) for row in standing if row.alert in permitted],
    )
    return [
        shown.get(row.alert) or ShownAlert(row)
        for row in mine
        if row.alert not in hidden and (row not in standing or row.alert in permitted)
    ]


async def _hidden_reviews(work: Work, rows: Sequence[Any]) -> set[str]:
    """The alerts of reviews that do not wait any more, or in which somebody is hidden."""
    asked = {
        row.alert: row.cause for row in rows if row.state in STANDING and row.type == AlertType.REVIEW_MATCH
    }
    if not asked:
        return set()
    waiting = await waiting_of(work, set(asked.values()))
    return {alert for alert, review in asked.items() if review not in waiting}


async def _cases(work: Work, households: set[str]) -> dict[str, _Case]:
    """The mutual cases of these households as they are derived at this moment."""
    if not households:
        return {}
    loader = Loader(work.connection, work.county, work.keys, work.policy, work.now)
    loaded = await loader.load(households)
    found = {}
    for circumstances in loaded.circumstances:
        derived = derive(circumstances)
        permits = {
            (entry.alert, address_of(work.county, entry)): dict(entry.permits) for entry in derived.entries
        }
        found[circumstances.id] = _Case(circumstances, permits, derived.judged)
    return found


def _accounted(work: Work, case: _Case, row: Any, address: InboxAddress) -> list[dict[str, Any]]:
    """The decisions of this read about this entry, as they are stored: also for a reader no longer assigned."""
    asked = [
        (recipient, judged)
        for alert, _, recipient, judged in case.judged
        if alert == row.alert and recipient.inbox == address.inbox and _program(recipient) == address.program
    ]
    if not asked:
        recipient = Recipient(
            row.inbox, share_of(AlertType(row.type), Program.of(row.program), Role(row.role))
        )
        asked = [
            (recipient, judge(case.circumstances, row.alert, recipient, item, assigned=False))
            for item in _stored_items(row)
        ]
    return [
        accounting.row(
            judged,
            county=work.county,
            stage="read",
            alert=row.alert,
            alert_type=AlertType(row.type),
            recipient=recipient,
            at=work.now,
        )
        for recipient, judged in asked
    ]


def _stored_items(row: Any) -> list[CrossingItem]:
    return [
        CrossingItem(Category(i["category"]), Program(i["holder"]), i["subject"], i["source"])
        for i in row.items
    ]


def _program(recipient: Any) -> str:
    return "cws" if recipient.share.program.value == "CWS" else "calworks"


async def _names(
    work: Work, entries: Sequence[tuple[Any, _Case, Mapping[CrossingItem, Permit]]]
) -> dict[str, ShownAlert]:
    """Entries with their facts, the reader's own names of the people, and why they are thought to be one."""
    refs: set[tuple[str, str]] = set()
    for row, case, permits in entries:
        own, other = ("cws", "calworks") if row.program == "cws" else ("calworks", "cws")
        for item in permits:
            mine = other_end(item, case.circumstances)
            refs.add((other, item.subject))
            if mine is not None:
                refs.add((own, mine))
    records = await work.identity.people(refs)
    shown = {ref: record.shown for (_, ref), record in records.items()}
    pairs = {
        (p.cws, p.calworks): p
        for p in await work.identity.pairs({ref for program, ref in refs if program == "cws"})
    }
    found = {}
    for row, case, permits in entries:
        c = case.circumstances
        items, people, match = [], {}, {}
        for item, permit in sorted(permits.items(), key=lambda pair: pair[0]):
            mine = other_end(item, c)
            facts = {name: plain(value) for name, value in facts_of(item, permit, c, shown).items()}
            purpose = next(
                j.request.purpose.value for a, _, _, j in case.judged if a == row.alert and j.item == item
            )
            items.append(
                ShownItem(
                    item.category.value,
                    mine,
                    facts,
                    permit.basis.value,
                    purpose,
                    permit.redaction,
                    permit.expires,
                )
            )
            if mine is None:
                continue
            people[mine] = _name(shown.get(mine, {}))
            ends = (mine, item.subject) if row.program == "cws" else (item.subject, mine)
            if (pair := pairs.get(ends)) is not None:
                match[mine] = _because(pair)
        found[row.alert] = ShownAlert(row, tuple(items), people, match, _own(c, row.program))
    return found


def _own(c: Circumstances, program: str) -> str:
    return c.household if program == "cws" else c.unit


def _name(parts: Mapping[str, str]) -> str:
    return " ".join(parts[n] for n in ("first_name", "last_name", "suffix") if n in parts) or "(no name)"


def _because(pair: Any) -> Agreement:
    """The fields of a match and how they agree; differences too."""
    said = ((name, level, weight) for name, level, weight in pair.because if weight and name != "prior")
    return Agreement(tuple(said), pair.weight, pair.model)
