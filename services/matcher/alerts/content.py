"""What an item says, from the facts as they are now, and no more than its permit allows.

People are named as the recipient's own program names them. A match is explained by fields and how they agree, never
by the other side's value.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from services.matcher.alerts.circumstances import Circumstances
from services.matcher.alerts.derive import CrossingItem, contacts
from services.matcher.coordination.fact import Fact
from services.matcher.disclosure.decide import Permit
from services.matcher.disclosure.request import Category, Program
from shared.events import calworks, cws

Facts = dict[str, Any]

ROLE_WORDS = {
    "er_worker": "emergency response worker",
    "case_worker": "social worker",
    "eligibility_worker": "eligibility worker",
    "wtw_worker": "employment specialist",
}


def facts_of(
    item: CrossingItem, permit: Permit, c: Circumstances, shown: Mapping[str, Mapping[str, str]]
) -> Facts:
    """The item's facts, the newest of its source, cut down to the fields of its permit.

    `shown`: names of the holder's records.
    """
    every = _every(item, c, shown)
    return {name: value for name, value in every.items() if value is not None and permit.allows(name)}


def _every(item: CrossingItem, c: Circumstances, shown: Mapping[str, Mapping[str, str]]) -> Facts:
    sources = sorted((fact for fact in c.facts if fact.ref == item.source), key=lambda fact: fact.seq)
    match item.category:
        case Category.K0:
            return _contact(item, c)
        case Category.K1:
            name = shown.get(item.subject, {})
            parts = (name.get("first_name"), name.get("last_name"), name.get("suffix"))
            return {"name": " ".join(p for p in parts if p) or None, "birth_date": name.get("birth_date")}
        case Category.K2:
            return {"program": item.holder.value, "involved_since": _since(sources)}
        case Category.K3:
            return _status(item, c, sources)
        case Category.K4:
            return _slots(sources)
        case Category.K6:
            return _child_welfare(sources, shown.get(item.subject, {}))
        case _:
            return {}


def _contact(item: CrossingItem, c: Circumstances) -> Facts:
    for one in contacts(c, item.holder):
        if one.assignment == item.source:
            worker = one.data.worker
            return {
                "worker_name": worker.name or worker.ref,
                "worker_phone": worker.phone,
                "worker_role": ROLE_WORDS.get(one.role.value, one.role.value),
                "office": worker.office,
            }
    return {}


def _since(sources: Iterable[Fact]) -> date | None:
    for fact in sources:
        match fact.data:
            case cws.ReferralReceived() | calworks.ApplicationReceived():
                return fact.data.received_at.date()
            case cws.CaseOpened():
                return fact.data.opened_on
            case calworks.CaseApproved():
                return fact.data.aid_start
    return None


def _status(item: CrossingItem, c: Circumstances, sources: Iterable[Fact]) -> Facts:
    found: Facts = {"status_class": _status_class(item, c)}
    for fact in sources:
        match fact.data:
            case calworks.NoncomplianceStarted():
                found |= {
                    "status_class": "noncompliance notice",
                    "notice_on": fact.data.notice_date,
                    "day_20": fact.data.day20,
                }
            case calworks.SanctionImposed():
                found |= {
                    "status_class": "sanctioned",
                    "sanction_class": fact.data.sanction_class,
                    "sanction_month": f"{fact.data.effective_month:%Y-%m}",
                }
            case calworks.SanctionCured():
                found |= {"status_class": "sanction cured", "status_since": fact.data.cured_on}
            case calworks.SanctionRescinded():
                found |= {"status_class": "sanction taken back", "status_since": fact.data.rescinded_on}
            case calworks.CaseApproved():
                found["status_since"] = fact.data.aid_start
            case calworks.ApplicationReceived():
                found["status_since"] = fact.data.received_at.date()
            case calworks.CaseDiscontinued() if fact.ref in c.ended:
                found["status_since"] = fact.data.aid_end
    return found


def _status_class(item: CrossingItem, c: Circumstances) -> str:
    role = c.unit_roles.get(item.subject, "member").replace("_", " ")
    is_open = [fact.data for fact in c.facts if fact.ref not in c.ended]
    if any(isinstance(data, calworks.CaseApproved) for data in is_open):
        return f"{role}, aid approved"
    pending = any(isinstance(data, calworks.ApplicationReceived) for data in is_open)
    return f"{role}, {'application pending' if pending else 'aid ended'}"


def _slots(sources: Iterable[Fact]) -> Facts:
    for fact in sources:
        match fact.data:
            case calworks.NoncomplianceStarted(missed=slot) if slot is not None:
                return {"slot_starts": slot.starts_at, "slot_ends": slot.ends_at, "activity": slot.kind}
            case calworks.SanctionImposed():
                return {"cure_steps": [step.kind for step in fact.data.cure_steps] or None}
    return {}


def _child_welfare(sources: Iterable[Fact], shown: Mapping[str, str]) -> Facts:
    found: Facts = {"child": shown.get("first_name")}
    for fact in sources:
        match fact.data:
            case cws.ChildRemoved():
                found["removed_on"] = fact.data.removed_on  # the minimum, whatever a release would allow
            case cws.RelativePlacementPlanned():
                found["relative_placed_on"] = fact.data.planned_on
            case cws.RelativePlacementStarted():
                found["relative_placed_on"] = fact.data.started_on
            case cws.ChildReturned():
                found["returned_on"] = fact.data.returned_on
            case cws.CaseComponentChanged():
                found |= {
                    "component": fact.data.to_component,
                    "component_since": fact.data.changed_on,
                    "court_or_voluntary": _court(fact.data.court),
                }
            case cws.CaseReopened():
                found |= {
                    "component": fact.data.component,
                    "component_since": fact.data.reopened_on,
                }
            case cws.CaseOpened():
                found |= {
                    "component": fact.data.component,
                    "component_since": fact.data.opened_on,
                    "court_or_voluntary": _court(fact.data.court),
                    "projected_end_on": fact.data.projected_end,
                }
    return found


def _court(ordered: bool) -> str:  # noqa: FBT001
    return "court" if ordered else "voluntary"


def other_end(item: CrossingItem, c: Circumstances) -> str | None:
    """The recipient's own record of the person whom an item is about."""
    for link in c.links:
        if item.subject == (link.cws if item.holder is Program.CWS else link.calworks):
            return link.calworks if item.holder is Program.CWS else link.cws
    return None


def plain(value: Any) -> Any:
    """A fact's value as JSON."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
