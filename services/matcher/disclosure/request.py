"""What is asked of the gate: the words, the request, the bases it may rest on, and reasons to refuse.

The spelling of every value is the one that counsel's files use, so a request reads the same on paper, in
a test and in the audit.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import cached_property


class Program(StrEnum):
    """The two programs, as the law's side of the system writes them."""

    CWS = "CWS"
    CALWORKS = "CalWORKs"

    @classmethod
    def of(cls, name: str) -> "Program":
        """The program for the lower-case name that routes, tokens and tables use. ValueError: unknown."""
        return {"cws": cls.CWS, "calworks": cls.CALWORKS}.get(name) or cls(name)


class Category(StrEnum):
    """Kinds of information that might cross."""

    K0 = "K0"  # whom to call: the worker's name and telephone
    K1 = "K1"  # identity basics
    K1S = "K1S"  # CIN
    K2 = "K2"  # that the family is involved with the program
    K3 = "K3"  # class of aid and welfare-to-work status, clock, sanction class
    K3R = "K3R"  # reason codes
    K4 = "K4"  # welfare-to-work plan and schedule
    K5 = "K5"  # income and resources
    K6 = "K6"  # child welfare status facts
    K7 = "K7"  # child welfare plan: services, goals, visits
    K8 = "K8"  # narrative, allegations, court reports
    K9 = "K9"  # the reporter
    K10 = "K10"  # substance-use treatment under 42 CFR part 2
    K11 = "K11"  # mental health, medical
    K12 = "K12"  # domestic violence
    K13 = "K13"  # services a minor consented to
    K14 = "K14"  # HIV
    K15 = "K15"  # adoption, sealed
    K16 = "K16"  # immigration
    K17 = "K17"  # federal tax, income-verification and Social Security match data
    K18 = "K18"  # protected or caregiver address


class Purpose(StrEnum):
    """Why it is asked for."""

    P1 = "P1"  # match
    P2 = "P2"  # intake notice
    P3 = "P3"  # eligibility and benefit administration
    P4 = "P4"  # coordinated planning
    P5 = "P5"  # safety, detention
    P6 = "P6"  # sanction, good cause, exemption
    P7 = "P7"  # closure
    P8 = "P8"  # statistics, de-identified only


class Role(StrEnum):
    """In what role somebody asks."""

    ER_WORKER = "er_worker"
    CASE_WORKER = "case_worker"
    CWS_SUPERVISOR = "cws_supervisor"
    TDM_FACILITATOR = "tdm_facilitator"
    CWS_CLERK = "cws_clerk"
    ELIGIBILITY_WORKER = "eligibility_worker"
    WTW_WORKER = "wtw_worker"
    CALWORKS_SUPERVISOR = "calworks_supervisor"
    CALWORKS_CLERK = "calworks_clerk"
    LINKAGES_LIAISON = "linkages_liaison"
    LINKAGES_COORDINATOR = "linkages_coordinator"
    SYSTEM_MATCHER = "system_matcher"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    INTEGRATION = "integration"


class Topic(StrEnum):
    """The benefit question that a request under eligibility administration is about."""

    FR_AID = "FR_AID"
    RELATIVE_CAREGIVER = "RELATIVE_CAREGIVER"
    AU_CHANGE = "AU_CHANGE"
    IN_HA = "IN_HA"


class Sensitivity(StrEnum):
    """CWS sensitivity of a person: none, sensitive, sealed. R means sealed, and outranks sensitive."""

    NONE = "N"
    SENSITIVE = "S"
    SEALED = "R"


class Direction(StrEnum):
    """Which way a basis lets a fact travel."""

    CWS_TO_CALWORKS = "CWS->CalWORKs"
    CALWORKS_TO_CWS = "CalWORKs->CWS"
    BOTH = "both"

    def covers(self, holder: Program, recipient: Program) -> bool:
        """Whether a fact may travel from its holder to this recipient."""
        if holder is recipient:
            return False
        return self is Direction.BOTH or self.value == f"{holder}->{recipient}"


class Breadth(StrEnum):
    """How widely county counsel reads WIC 10850."""

    NONE = "none"
    ELIGIBILITY_FACTS = "eligibility_facts"
    COORDINATION = "coordination"


class BasisKind(StrEnum):
    """The legal ground that a disclosure may rest on."""

    ROI = "ROI"
    ADMIN_10850 = "ADMIN_10850"
    MDT_18951 = "MDT_18951"
    MDT_18961_7 = "MDT_18961_7"
    MDT_18986 = "MDT_18986"
    CFT_832 = "CFT_832"
    COURT = "COURT"
    INDEX_18961_5 = "INDEX_18961_5"
    EMERGENCY = "EMERGENCY"
    SUBJECT = "SUBJECT"


class Reason(StrEnum):
    """Why a fact was withheld, coded for the audit and for figures."""

    INPUT = "input"
    ALWAYS_WITHHELD = "always_withheld"
    ADOPTION_OR_SEALED_FACT = "adoption_or_sealed_fact"
    SUBJECT_SEALED = "subject_sealed"
    SUBJECT_SENSITIVE = "subject_sensitive"
    PROTECTED_ADDRESS = "protected_address"
    DOMESTIC_VIOLENCE = "domestic_violence"
    SUBSTANCE_USE_RECORD = "substance_use_record"
    MINOR_CONSENTED = "minor_consented"
    HIV = "hiv"
    IMMIGRATION = "immigration"
    NOT_ASSIGNED = "not_assigned"
    LIMITED_ACCESS = "limited_access"
    SAME_PROGRAM = "same_program"
    ROLE_OF_OTHER_PROGRAM = "role_of_other_program"
    ROLE_NOT_FOR_CATEGORY = "role_not_for_category"
    ROLE_NOT_FOR_PURPOSE = "role_not_for_purpose"
    NOT_HOLDERS_OWN = "not_holders_own"
    CATEGORY_NOT_OPEN = "category_not_open"
    NO_BASIS = "no_basis"
    BASIS_NOT_OPEN = "basis_not_open"
    NOT_YET_IN_FORCE = "not_yet_in_force"
    EXPIRED = "expired"
    REVOKED = "revoked"
    NO_EXPIRY = "no_expiry"
    PERSON_NOT_COVERED = "person_not_covered"
    CATEGORY_NOT_NAMED = "category_not_named"
    DIRECTION_NOT_COVERED = "direction_not_covered"
    PURPOSE_NOT_COVERED = "purpose_not_covered"
    RECIPIENT_NOT_NAMED = "recipient_not_named"
    NOT_ON_ROSTER = "not_on_roster"
    NO_REPORT = "no_report"
    ELEMENT_MISSING = "element_missing"
    REASON_CODE_WITHHELD = "reason_code_withheld"
    NOT_IN_TABLE = "not_in_table"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The person whom the item is about."""

    id: str
    sensitivity: Sensitivity
    limited_access: bool


@dataclass(frozen=True, kw_only=True)
class Item:
    """What the gate must know of the item itself: not its content, but what the content gives away.

    Nothing but the reason code has a default: whoever asks has looked at each.
    """

    implies: tuple[Category, ...]
    minor_consented: bool
    names_hiv: bool
    alleged_abuser_in_recipient_clients: bool
    reason_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Basis:
    """One ground, as gathered before the call. Where a list is None it does not narrow, except on the bases
    that must name it (a release, a court order): there None covers nothing.

    `persons` are those whose own data it covers because they signed or were lawfully signed for.
    `source` is our reference of the release behind it, for the audit; it decides nothing.
    """

    basis: BasisKind
    valid_from: datetime
    breadth: Breadth | None = None
    categories: tuple[Category, ...] | None = None
    directions: tuple[Direction, ...] | None = None
    purposes: tuple[Purpose, ...] | None = None
    persons: tuple[str, ...] | None = None
    recipients: tuple[Role | Program, ...] | None = None
    names_protected_address: bool | None = None
    names_hiv: bool | None = None
    dv_specific: bool | None = None
    part2_valid: bool | None = None
    minor_own: bool | None = None
    expires: datetime | None = None
    revoked_at: datetime | None = None
    roster_member: bool | None = None
    report_at: datetime | None = None
    extended_to: datetime | None = None
    source: str | None = None

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """The names of fields that hold what they may not. Looked at once: a family's bases come with each request."""
        return tuple(_basis_faults(self))


@dataclass(frozen=True, kw_only=True)
class Request:
    """May this recipient, in this role and for this purpose, learn this of this person, now?"""

    id: str
    category: Category
    holder: Program
    recipient: Program
    purpose: Purpose
    role: Role
    assigned: bool
    subject: Subject
    item: Item
    bases: tuple[Basis, ...]
    now: datetime
    topic: Topic | None = None


def faults(request: object) -> tuple[str, ...]:
    """The names of fields that hold what they may not; empty for a well-formed request. Never raises.

    Types are looked at again here because the gate must refuse, not fail, whatever reaches it.
    """
    if not isinstance(request, Request):
        return ("request",)
    wrong = _wrong_enums(
        request,
        category=Category,
        holder=Program,
        recipient=Program,
        purpose=Purpose,
        role=Role,
    )
    topic: object = request.topic
    if topic is not None and not isinstance(topic, Topic):
        wrong.append("topic")
    if not _text(request.id):
        wrong.append("id")
    if not _flag(request.assigned):
        wrong.append("assigned")
    if not _instant(request.now):
        wrong.append("now")
    wrong += [f"subject.{name}" for name in _subject_faults(request.subject)]
    wrong += [f"item.{name}" for name in _item_faults(request.item)]
    bases: object = request.bases
    if not isinstance(bases, tuple):
        return (*wrong, "bases")
    for at, basis in enumerate(bases):
        its = basis.faults if isinstance(basis, Basis) else ("type",)
        wrong += [f"bases.{at}.{name}" for name in its]
    return tuple(wrong)


def _subject_faults(subject: object) -> list[str]:
    if not isinstance(subject, Subject):
        return ["type"]
    wrong = _wrong_enums(subject, sensitivity=Sensitivity)
    if not _text(subject.id):
        wrong.append("id")
    if not _flag(subject.limited_access):
        wrong.append("limited_access")
    return wrong


def _item_faults(item: object) -> list[str]:
    if not isinstance(item, Item):
        return ["type"]
    wrong = [name for name in _ITEM_FLAGS if not _flag(getattr(item, name))]
    if not _tuple_of(item.implies, Category):
        wrong.append("implies")
    if item.reason_code is not None and not _text(item.reason_code):
        wrong.append("reason_code")
    return wrong


def _basis_faults(basis: Basis) -> list[str]:
    wrong = _wrong_enums(basis, basis=BasisKind)
    if not _instant(basis.valid_from):
        wrong.append("valid_from")
    for name in _BASIS_OPTIONAL:
        value = getattr(basis, name)
        if value is not None and not _basis_field_holds(name, value):
            wrong.append(name)
    return wrong


def _basis_field_holds(name: str, value: object) -> bool:
    if name in _BASIS_LISTS:
        return _tuple_of(value, _BASIS_LISTS[name])
    if name in _BASIS_INSTANTS:
        return _instant(value)
    if name == "breadth":
        return isinstance(value, Breadth)
    if name == "persons":
        return isinstance(value, tuple) and all(_text(one) for one in value)
    if name == "source":
        return _text(value)
    return _flag(value)


def _wrong_enums(thing: object, **kinds: type[StrEnum]) -> list[str]:
    return [name for name, kind in kinds.items() if not isinstance(getattr(thing, name), kind)]


def _tuple_of(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, kind) for one in value)


def _text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _flag(value: object) -> bool:
    return value is True or value is False


def _instant(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


_ITEM_FLAGS = ("minor_consented", "names_hiv", "alleged_abuser_in_recipient_clients")
_BASIS_LISTS: dict[str, type | tuple[type, ...]] = {
    "categories": Category,
    "directions": Direction,
    "purposes": Purpose,
    "recipients": (Role, Program),
}
_BASIS_INSTANTS = frozenset({"expires", "revoked_at", "report_at", "extended_to"})
_BASIS_OPTIONAL = tuple(one.name for one in fields(Basis) if one.name not in {"basis", "valid_from"})
