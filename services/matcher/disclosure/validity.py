"""What a release must hold to be valid: fifteen checks, each with its code, its words and its fix.

A failure either refuses the record, because no later word could cure it, or leaves it a draft until what is missing is
supplied. A draft gives no basis.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.matcher.disclosure.paper import Notes, SignatureKind, Statement
from services.matcher.disclosure.policy import ORDINARY, CountyPolicy, FormName
from services.matcher.disclosure.release import Release, is_minors_own
from services.matcher.disclosure.request import Category, Program
from services.matcher.disclosure.signers import SignedBy, faults
from shared.calendars import add_months

NEVER = frozenset({Category.K8, Category.K9, Category.K15, Category.K16, Category.K17})

_YEAR_IN_MONTHS = 12


class Check(StrEnum):
    """One thing that every release must hold."""

    V1 = "V1"
    V2 = "V2"
    V3 = "V3"
    V4 = "V4"
    V5 = "V5"
    V6 = "V6"
    V7 = "V7"
    V8 = "V8"
    V9 = "V9"
    V10 = "V10"
    V11 = "V11"
    V12 = "V12"
    V13 = "V13"
    V14 = "V14"
    V15 = "V15"

    @property
    def words(self) -> str:
        """What it asks for."""
        return _WORDS[self][0]

    @property
    def fix(self) -> str:
        """What to do where it fails and nothing closer can be said."""
        return _WORDS[self][1]


_WORDS: Mapping[Check, tuple[str, str]] = {
    Check.V1: ("whose information it is", "Name at least one person, by the program's own record."),
    Check.V2: ("who may disclose", "Name at least one direction that the form provides for."),
    Check.V3: ("who may receive", "Name the recipients, or leave them out: then both programs' workers are."),
    Check.V4: ("which information", "Name at least one category that the form provides for."),
    Check.V5: ("what for", "Name at least one purpose, or that it is at the person's request."),
    Check.V6: ("when it ends", "Give a last day that has not passed, within the county's limit."),
    Check.V7: ("signature and date", "Have it signed, and give the day of the signature."),
    Check.V8: (
        "who signs for another",
        "Say by what authority, and that the name and the proof are on file.",
    ),
    Check.V9: (
        "what the form must tell",
        "Tell of revocation and how, of aid that does not depend on it, of redisclosure, and of the copy.",
    ),
    Check.V10: ("a language that is understood", "Use the form in the signer's language, or an interpreter."),
    Check.V11: ("nothing blank, false or revoked", "Fill in every required part of the form."),
    Check.V12: (
        "substance-use records",
        "Name the patient and the recipients, describe the information, and keep proceedings out of it.",
    ),
    Check.V13: ("counselling notes", "Use a separate form for counselling notes."),
    Check.V14: (
        "domestic violence",
        "Have the survivor alone sign the section, and say how to reach the survivor safely.",
    ),
    Check.V15: ("who explained it", "Say who explained the form, and on which day."),
}


@dataclass(frozen=True)
class Failure:
    """A check that failed. `final`: the record is refused; otherwise it is kept as a draft."""

    check: Check
    pointer: str
    fix: str
    final: bool


Ages = Mapping[str, int]  # by person, on the day of the signature, where it is known
_Found = Iterator[Failure]


def failures(
    release: Release, policy: CountyPolicy, today: date, ages: Ages | None = None
) -> tuple[Failure, ...]:
    """All that is wrong with a recorded release, in the order of the checks. `today` is the county's."""
    form = policy.form(release.form)
    found: list[Failure] = []
    for check in _SIMPLE:
        found += check(release, form)
    found += _v6(release, policy, today)
    found += _v7(release, today)
    found += _signers(release, form, ages or {})
    found += _v10(release, form, policy)
    found += _v15(release)
    return tuple(sorted(found, key=lambda one: _ORDER[one.check]))


_ORDER = {check: at for at, check in enumerate(Check)}


def _refused(check: Check, pointer: str, fix: str = "") -> Failure:
    return Failure(check, pointer, fix or check.fix, final=True)


def _missing(check: Check, pointer: str, fix: str = "") -> Failure:
    return Failure(check, pointer, fix or check.fix, final=False)


def _v1(release: Release, _: FormName | None) -> _Found:
    if not release.persons:
        yield _refused(Check.V1, "/persons")
    known = {person.ref for person in release.persons}
    for pointer, ref in _persons_of_sections(release):
        if ref not in known:
            yield _refused(Check.V1, pointer, "A section is about one of the persons of this release.")


def _v2(release: Release, form: FormName | None) -> _Found:
    if not release.directions:
        yield _refused(Check.V2, "/directions")
    if form is None:
        return
    for at, one in enumerate(release.directions):
        ways = [(Program.CWS, Program.CALWORKS), (Program.CALWORKS, Program.CWS)]
        for way in ways:
            if one.covers(*way) and not any(each.covers(*way) for each in form.directions):
                yield _refused(
                    Check.V2, f"/directions/{at}", "This form does not provide for that direction."
                )
                break


def _v3(release: Release, form: FormName | None) -> _Found:
    if release.recipients == ():
        yield _refused(Check.V3, "/recipients")
    if form is not None and form.one_recipient and len(release.recipients or ()) != 1:
        yield _refused(Check.V3, "/recipients", "This form names exactly one recipient.")


def _v4(release: Release, form: FormName | None) -> _Found:
    if not release.categories:
        yield _refused(Check.V4, "/categories")
    allowed = ORDINARY if form is None else form.categories
    for at, one in enumerate(release.categories):
        if one in NEVER:
            yield _refused(Check.V4, f"/categories/{at}", "No release can name this category.")
        elif one not in allowed:
            fix = "This form does not provide for this category: use one of the county's that does."
            yield _refused(Check.V4, f"/categories/{at}", fix)
    sections = release.paper.sections
    if Category.K14 in release.categories and not sections.hiv:
        yield _missing(
            Check.V4, "/sections/hiv", "Say whose HIV information the form names in so many words."
        )
    if Category.K18 in release.categories and not sections.protected_address:
        fix = "Say whose protected address the form names in so many words."
        yield _missing(Check.V4, "/sections/protected_address", fix)
    yield from _minors(release)


def _minors(release: Release) -> _Found:
    """K13 is the minor's own to release, and a minor who signs alone releases nothing else."""
    section, signed_by = release.paper.sections.minor_consented, release.persons
    own = [person for person in signed_by if is_minors_own(release, person)]
    if Category.K13 in release.categories:
        if not own and (section is None or section.signed is not True):
            yield _missing(Check.V4, "/sections/minor_consented", "The minor signs this section alone.")
    elif own:
        fix = "A minor signs alone for services that a minor may consent to: name that category."
        yield _refused(Check.V4, "/categories", fix)


def _v5(release: Release, _: FormName | None) -> _Found:
    if not release.purposes:
        yield _refused(Check.V5, "/purposes")


def _v6(release: Release, policy: CountyPolicy, today: date) -> _Found:
    signed_on, expires_on = release.signed_on, release.expires_on
    if signed_on > today:
        return  # V7 says it
    if expires_on < signed_on:
        yield _refused(Check.V6, "/expires_on", "It ends before it was signed.")
    elif expires_on < today or add_months(signed_on, _YEAR_IN_MONTHS) <= today:
        yield _refused(Check.V6, "/expires_on", "It has ended already.")
    if expires_on > add_months(signed_on, policy.release_cap_months):
        fix = f"It must end within {policy.release_cap_months} months of the signature."
        yield _refused(Check.V6, "/expires_on", fix)


def _v7(release: Release, today: date) -> _Found:
    if release.signed_on > today:
        yield _refused(Check.V7, "/signed_on", "The date of signature is in the future.")
    if release.paper.signature is SignatureKind.ORAL:
        yield _missing(Check.V7, "/signature", "What was said aloud is still to be signed.")


def _signers(release: Release, form: FormName | None, ages: Ages) -> _Found:
    """V8, with the rules of who signs for whom."""
    paper = release.paper
    for at, person in enumerate(release.persons):
        found = faults(
            person.signed_by,
            paper.signer(person.ref),
            on=release.signed_on,
            age=ages.get(person.ref),
            electronic=paper.signature is SignatureKind.ELECTRONIC,
            representative_on_paper=form is not None and form.representative_on_paper,
        )
        for fault in found:
            yield Failure(Check.V8, f"/persons/{at}/signed_by", f"{fault.value}: {fault.fix}", fault.final)


def _v9(release: Release, _: FormName | None) -> _Found:
    said = release.paper.statements
    if said is not None and not set(Statement) <= set(said):
        yield _missing(Check.V9, "/statements")


def _v10(release: Release, form: FormName | None, policy: CountyPolicy) -> _Found:
    paper = release.paper
    printed = form.languages if form is not None and form.languages else policy.languages
    if paper.language is not None and paper.language not in printed and paper.interpreter is not True:
        yield _missing(Check.V10, "/language")


def _v11(release: Release, form: FormName | None) -> _Found:
    version = release.paper.form_version
    if not release.form:
        yield _refused(Check.V11, "/form", "Name the form that was signed.")
    if version is not None and form is not None and form.versions and version not in form.versions:
        yield _refused(Check.V11, "/form_version", "The county does not use this version of the form.")
    if release.paper.known_false:
        yield _refused(Check.V11, "/known_false", "A release that is known to be false is not recorded.")
    if release.revoked_at is not None:
        yield _refused(Check.V11, "/revoked_at", "It was revoked.")
    if release.paper.blank_fields:
        yield _missing(Check.V11, "/blank_fields")


def _v12(release: Release, _: FormName | None) -> _Found:
    if Category.K10 not in release.categories:
        return
    section, pointer = release.paper.sections.substance_use, "/sections/substance_use"
    if section is None or section.described is not True:
        yield _missing(Check.V12, pointer)
        return
    if section.with_proceedings is not False:
        fix = "Say that it is not combined with a consent for civil or criminal proceedings."
        final = section.with_proceedings is True
        yield Failure(Check.V12, f"{pointer}/with_proceedings", fix, final)
    if release.recipients is None:
        yield _refused(Check.V12, "/recipients", "Name the recipients of substance-use records.")


def _v13(release: Release, _: FormName | None) -> _Found:
    notes = release.paper.sections.notes
    if notes is not None and not _alone(release, notes):
        yield _refused(Check.V13, "/sections/notes")


def _alone(release: Release, notes: Notes) -> bool:
    """Whether the form is about nothing but the notes."""
    return set(release.categories) == {notes.category}


def _v14(release: Release, _: FormName | None) -> _Found:
    if Category.K12 not in release.categories:
        return
    section, pointer = release.paper.sections.domestic_violence, "/sections/domestic_violence"
    if section is None or section.signed_apart is not True or section.safe_contact is None:
        yield _missing(Check.V14, pointer)
    if section is not None:
        signed = {person.ref: person.signed_by for person in release.persons}
        if signed.get(section.survivor, SignedBy.SELF) is not SignedBy.SELF:
            yield _refused(Check.V14, f"{pointer}/survivor", "Nobody signs this section for the survivor.")


def _v15(release: Release) -> _Found:
    by, on = release.paper.explained_by, release.paper.explained_on
    if by is None or on is None:
        yield _missing(Check.V15, "/explained_by" if by is None else "/explained_on")
    elif on > release.signed_on:
        yield _missing(Check.V15, "/explained_on", "It is explained before it is signed, or on the same day.")


def _persons_of_sections(release: Release) -> Iterator[tuple[str, str]]:
    """The persons whom the special sections name, with the pointer to each."""
    sections = release.paper.sections
    if sections.domestic_violence is not None:
        yield "/sections/domestic_violence/survivor", sections.domestic_violence.survivor
    if sections.substance_use is not None:
        yield "/sections/substance_use/patient", sections.substance_use.patient
    if sections.minor_consented is not None:
        yield "/sections/minor_consented/minor", sections.minor_consented.minor
    for name in ("hiv", "protected_address"):
        for at, ref in enumerate(getattr(sections, name)):
            yield f"/sections/{name}/{at}", ref


_SIMPLE: tuple[Callable[[Release, FormName | None], _Found], ...] = (
    _v1,
    _v2,
    _v3,
    _v4,
    _v5,
    _v9,
    _v11,
    _v12,
    _v13,
    _v14,
)
