"""The words in which a family reads the accounting of disclosures, in English and Spanish: short, and without codes.

What a special law protects is not named, so that the paper can be left on a kitchen table.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.matcher.disclosure.disclosures import SignedRelease
from services.matcher.disclosure.request import Purpose, Reason

Language = Literal["en", "es"]

_HIDDEN = {
    *(
        Reason.ALWAYS_WITHHELD,
        Reason.ADOPTION_OR_SEALED_FACT,
        Reason.PROTECTED_ADDRESS,
        Reason.DOMESTIC_VIOLENCE,
    ),
    *(Reason.SUBSTANCE_USE_RECORD, Reason.MINOR_CONSENTED, Reason.HIV, Reason.IMMIGRATION),
    Reason.REASON_CODE_WITHHELD,
}
_FEW = {Reason.SUBJECT_SEALED, Reason.SUBJECT_SENSITIVE, Reason.LIMITED_ACCESS}
_JOB = {Reason.ROLE_OF_OTHER_PROGRAM, Reason.ROLE_NOT_FOR_CATEGORY, Reason.ROLE_NOT_FOR_PURPOSE}

Kind = Literal[
    "special",
    "few",
    "not_assigned",
    "job",
    "revoked",
    "expired",
    "not_yet",
    "category",
    "person",
    "recipient",
    "direction",
    "purpose",
    "nothing",
]
_KINDS: Mapping[Kind, Collection[Reason]] = {  # the one that tells a family most comes first
    "special": _HIDDEN,
    "few": _FEW,
    "not_assigned": {Reason.NOT_ASSIGNED},
    "job": _JOB,
    "revoked": {Reason.REVOKED},
    "expired": {Reason.EXPIRED},
    "not_yet": {Reason.NOT_YET_IN_FORCE},
    "category": {Reason.CATEGORY_NOT_NAMED},
    "person": {Reason.PERSON_NOT_COVERED},
    "recipient": {Reason.RECIPIENT_NOT_NAMED, Reason.NOT_ON_ROSTER},
    "direction": {Reason.DIRECTION_NOT_COVERED},
    "purpose": {Reason.PURPOSE_NOT_COVERED},
}


def kind_of(reasons: Collection[str]) -> Kind:
    """Which of the reasons a family is told."""
    return next((kind for kind, its in _KINDS.items() if any(one in its for one in reasons)), "nothing")


@dataclass(frozen=True, kw_only=True)
class Words:
    """One language. The dates' and times' blanks are `day`, `first`, `last` and `times`."""

    lang: Language
    programs: Mapping[str, str]
    roles: Mapping[str, str]
    somebody: str
    somebody_at: str
    categories: Mapping[str, str]
    special: str
    purposes: Mapping[str, str]
    grounds: Mapping[str, str]
    signed: str
    withdrawn: str
    reasons: Mapping[Kind, str]
    redactions: Mapping[str, str]
    months: tuple[str, ...]
    date_form: str
    on: str
    between: str
    times_on: str
    times_between: str
    title: str
    heading: str
    intro: str
    made_for: str
    record: str
    made_by: str
    made_on: str
    period: str
    since: str
    nothing_yet: str
    gone: str
    gone_hint: str
    nothing_gone: str
    ready: str
    ready_hint: str
    withheld: str
    withheld_hint: str
    nothing_withheld: str
    to: str
    when: str
    what_for: str
    allowed_by: str
    only: str
    why_not: str
    rights: str
    rights_text: tuple[str, ...]

    def category(self, code: str) -> str:
        """What kind of information."""
        return self.categories.get(code, self.special)

    def purpose(self, code: str) -> str:
        """What for."""
        return self.purposes.get(code, self.purposes[Purpose.P4])

    def recipient(self, program: str, role: str | None) -> str:
        """To whom."""
        who = self.roles.get(role or "", self.somebody)
        return self.somebody_at.format(who=who, program=self.programs[program])

    def ground(self, basis: str, release: SignedRelease | None) -> str:
        """By what right."""
        if release is None:
            return self.grounds[basis]
        said = self.signed.format(day=self.day(release.signed_on))
        if release.revoked_on is None:
            return said
        return f"{said} {self.withdrawn.format(day=self.day(release.revoked_on))}"

    def because(self, reasons: Collection[str]) -> str:
        """Why not."""
        return self.reasons[kind_of(reasons)]

    def redaction(self, text: str) -> str:
        """What alone was shown: parts that are joined are told one by one."""
        return "; ".join(self.redactions.get(part, part) for part in text.split("; "))

    def day(self, on: date) -> str:
        """Such as March 5, 2027."""
        return self.date_form.format(month=self.months[on.month - 1], day=on.day, year=on.year)

    def span(self, first: date, last: date, times: int) -> str:
        """When: once, some times on a day, or some times between two."""
        if first == last:
            return (self.on if times == 1 else self.times_on).format(day=self.day(first), times=times)
        return self.times_between.format(first=self.day(first), last=self.day(last), times=times)

    def lasted(self, first: date, last: date) -> str:
        """When, however often."""
        if first == last:
            return self.on.format(day=self.day(first))
        return self.between.format(first=self.day(first), last=self.day(last))
