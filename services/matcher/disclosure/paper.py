"""What a signed form says besides its scope: how it was explained and signed, its special sections, what was withdrawn.

No name, telephone, address or picture of a page is kept here: only that the form holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from services.matcher.disclosure.request import Category, Program, Role
from services.matcher.disclosure.signers import Signer


class SignatureKind(StrEnum):
    """How it was signed. What was said aloud waits for a signature."""

    PAPER = "paper"
    ELECTRONIC = "electronic"
    ORAL = "oral"


class Statement(StrEnum):
    """What the form must tell who signs it."""

    RIGHT_TO_REVOKE = "right_to_revoke"
    AID_NOT_CONDITIONED = "aid_not_conditioned"
    REDISCLOSURE = "redisclosure"
    COPY = "copy"


class SafeContact(StrEnum):
    """How a survivor is reached safely. The number or address itself is never kept here."""

    TELEPHONE = "telephone"
    MAIL = "mail"
    IN_PERSON = "in_person"
    ADVOCATE = "advocate"


class Notes(StrEnum):
    """Counselling notes, which need a form of their own."""

    PSYCHOTHERAPY = "psychotherapy"
    SUBSTANCE_USE_COUNSELLING = "substance_use_counselling"

    @property
    def category(self) -> Category:
        """The one category that their form may name."""
        return Category.K11 if self is Notes.PSYCHOTHERAPY else Category.K10


class HowSaid(StrEnum):
    """How a release was taken back. What was said aloud counts at once, and is still to be written."""

    WRITTEN = "written"
    ORAL = "oral"


@dataclass(frozen=True, kw_only=True)
class ViolenceSection:
    """The section on domestic violence, which the survivor alone fills in and signs."""

    survivor: str
    signed_apart: bool | None = None
    safe_contact: SafeContact | None = None


@dataclass(frozen=True, kw_only=True)
class SubstanceUseSection:
    """The section on substance-use treatment records of one patient."""

    patient: str
    described: bool | None = None  # the information is described specifically
    with_proceedings: bool | None = None  # combined with a consent for civil or criminal proceedings


@dataclass(frozen=True, kw_only=True)
class MinorSection:
    """The section on services that a minor consented to, with the minor's own signature."""

    minor: str
    signed: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Sections:
    """The special sections of a form. `hiv`, `protected_address`: whose; such a section names it in so many words."""

    domestic_violence: ViolenceSection | None = None
    substance_use: SubstanceUseSection | None = None
    minor_consented: MinorSection | None = None
    hiv: tuple[str, ...] = ()
    protected_address: tuple[str, ...] = ()
    notes: Notes | None = None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """How a release was taken. None: not said."""

    form_version: str | None = None
    language: str | None = None
    interpreter: bool | None = None
    explained_by: str | None = None
    explained_on: date | None = None
    signature: SignatureKind | None = None
    statements: tuple[Statement, ...] | None = None  # None: as the form prints them
    blank_fields: bool | None = None
    known_false: bool | None = None
    signers: Mapping[str, Signer] = field(default_factory=dict)  # by person
    sections: Sections = Sections()

    def signer(self, ref: str) -> Signer:
        """What is recorded of the signature for a person."""
        return self.signers.get(ref, Signer())


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """One time that a release was taken back: all that any list names, or the whole where none names anything."""

    at: datetime
    said: HowSaid = HowSaid.WRITTEN
    categories: tuple[Category, ...] = ()
    recipients: tuple[Role | Program, ...] = ()
    persons: tuple[str, ...] = ()
    found_false: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing of the release was to be left."""
        return not (self.categories or self.recipients or self.persons)


_PARTS = (Sections, ViolenceSection, SubstanceUseSection, MinorSection)
_Part = TypeVar(
    "_Part", bound="Paper | Sections | Signer | ViolenceSection | SubstanceUseSection | MinorSection"
)


def completed(held: _Part, more: _Part) -> _Part:
    """What is held, with all that `more` says; what it leaves unsaid stays."""
    said: dict[str, Any] = {}
    for one in fields(more):
        before, now = getattr(held, one.name), getattr(more, one.name)
        if isinstance(now, Mapping):
            said[one.name] = dict(before) | {
                name: completed(before[name], value) if name in before else value
                for name, value in now.items()
            }
        elif isinstance(now, _PARTS) and type(before) is type(now):
            said[one.name] = completed(before, now)
        elif now not in (None, ()):
            said[one.name] = now
    return replace(held, **said)
