"""What a release looks like to callers: the bodies they send, and what they are shown."""

from dataclasses import asdict
from datetime import date, datetime

from pydantic import BaseModel, Field

from services.matcher.disclosure.handlers import CompleteRelease, RecordRelease, RevokeRelease
from services.matcher.disclosure.paper import (
    HowSaid,
    MinorSection,
    Notes,
    Paper,
    SafeContact,
    Sections,
    SignatureKind,
    Statement,
    SubstanceUseSection,
    ViolenceSection,
    Withdrawal,
)
from services.matcher.disclosure.release import Release
from services.matcher.disclosure.signers import Authority, ParentalRights, Signer, Standing
from services.matcher.disclosure.validity import Check
from services.matcher.work import Work
from shared.web.fields import Body, Day, Flag, Reference, ShortText


class SignerIn(Body):
    """What is known of a signature. Nobody's name is sent: only whether it stands on the form."""

    standing: Standing | None = None
    authority: Authority | None = None
    named: Flag | None = None
    proof_on_file: Flag | None = None
    authority_until: Day | None = None
    custody: Flag | None = None
    parental_rights: ParentalRights | None = None

    def signer(self) -> Signer:
        """As it is kept."""
        return Signer(
            standing=self.standing,
            authority=self.authority,
            named=self.named,
            proof_on_file=self.proof_on_file,
            authority_until=self.authority_until,
            custody=self.custody,
            parental_rights=self.parental_rights,
        )


class ReleasePersonIn(Body):
    """One whose own data is released: a record of the caller's program."""

    ref: Reference
    signed_by: ShortText = Field(description="self, parent_guardian or representative")
    signer: SignerIn | None = None


class PersonSignerIn(Body):
    """What was missing of the signature for one person of the release."""

    ref: Reference
    signer: SignerIn


class ViolenceIn(Body):
    """The section on domestic violence. `safe_contact` is the way, never the number or address."""

    survivor: Reference
    signed_apart: Flag | None = None
    safe_contact: SafeContact | None = None


class SubstanceUseIn(Body):
    """The section on substance-use treatment records."""

    patient: Reference
    described: Flag | None = None
    with_proceedings: Flag | None = None


class MinorIn(Body):
    """The section on services that a minor consented to."""

    minor: Reference
    signed: Flag | None = None


class SectionsIn(Body):
    """The special sections of the form that were filled in."""

    domestic_violence: ViolenceIn | None = None
    substance_use: SubstanceUseIn | None = None
    minor_consented: MinorIn | None = None
    hiv: list[Reference] = Field(default=[], max_length=40)
    protected_address: list[Reference] = Field(default=[], max_length=40)
    notes: Notes | None = None

    def sections(self) -> Sections:
        """As they are kept."""
        dv, sud, minor = self.domestic_violence, self.substance_use, self.minor_consented
        return Sections(
            domestic_violence=None if dv is None else ViolenceSection(**dv.model_dump()),
            substance_use=None if sud is None else SubstanceUseSection(**sud.model_dump()),
            minor_consented=None if minor is None else MinorSection(**minor.model_dump()),
            hiv=tuple(self.hiv),
            protected_address=tuple(self.protected_address),
            notes=self.notes,
        )


class PaperIn(Body):
    """How the form was explained and signed. What is left out is not said."""

    form_version: ShortText | None = None
    language: ShortText | None = Field(default=None, description="In which it was explained, as `es`")
    interpreter: Flag | None = None
    explained_by: Reference | None = Field(
        default=None,
        description="A worker; with explained_on left out too, who records it on the day of signature",
    )
    explained_on: Day | None = None
    signature: SignatureKind | None = None
    statements: list[Statement] | None = Field(
        default=None, max_length=10, description="What the form tells; left out: all, as it is printed"
    )
    blank_fields: Flag | None = None
    known_false: Flag | None = None
    sections: SectionsIn | None = None

    def paper(self, signers: dict[str, Signer]) -> Paper:
        """As it is kept."""
        return Paper(
            form_version=self.form_version,
            language=self.language,
            interpreter=self.interpreter,
            explained_by=self.explained_by,
            explained_on=self.explained_on,
            signature=self.signature,
            statements=None if self.statements is None else tuple(self.statements),
            blank_fields=self.blank_fields,
            known_false=self.known_false,
            signers=signers,
            sections=Sections() if self.sections is None else self.sections.sections(),
        )


class ReleaseIn(PaperIn):
    """A signed release. Nothing is filled in for the family: what a list does not name is not released."""

    persons: list[ReleasePersonIn] = Field(max_length=40)
    categories: list[ShortText] = Field(
        max_length=30,
        examples=[["K0", "K1", "K2", "K3", "K4", "K6", "K7"]],
        description="`all_records` stands for K0 to K4, K6 and K7; what goes beyond is listed by name",
    )
    directions: list[ShortText] = Field(max_length=3, examples=[["both"]])
    purposes: list[ShortText] = Field(
        max_length=10,
        examples=[["P2", "P3", "P4", "P6", "P7"]],
        description="`at_my_request` stands for all that a release can name",
    )
    recipients: list[ShortText] | None = Field(default=None, max_length=20)
    form: ShortText
    signed_on: Day
    expires_on: Day | None = Field(
        default=None, description="Left out: the last day that the form itself names"
    )
    supersedes: Reference | None = Field(default=None, description="The release that this one replaces")

    def command(self) -> RecordRelease:
        """What the handler is given."""
        signers = {one.ref: one.signer.signer() for one in self.persons if one.signer is not None}
        return RecordRelease(
            persons=tuple((person.ref, person.signed_by) for person in self.persons),
            categories=tuple(self.categories),
            directions=tuple(self.directions),
            purposes=tuple(self.purposes),
            recipients=None if self.recipients is None else tuple(self.recipients),
            form=self.form,
            signed_on=self.signed_on,
            expires_on=self.expires_on,
            paper=self.paper(signers),
            supersedes=self.supersedes,
        )


class CompleteIn(PaperIn):
    """What a draft lacked. `signed_on`: of a signature that followed what was said aloud."""

    persons: list[PersonSignerIn] = Field(default=[], max_length=40)
    signed_on: Day | None = None

    def command(self) -> CompleteRelease:
        """What the handler is given."""
        signers = {one.ref: one.signer.signer() for one in self.persons}
        return CompleteRelease(self.paper(signers), self.signed_on)


class RevokeIn(Body):
    """What is taken back; without a list, the whole. `said`: what was said aloud counts at once."""

    categories: list[ShortText] = Field(default=[], max_length=30)
    recipients: list[ShortText] = Field(default=[], max_length=20)
    persons: list[Reference] = Field(default=[], max_length=40)
    said: HowSaid = HowSaid.WRITTEN
    found_false: Flag = Field(default=False, description="It was found to be false: the whole is invalid")

    def command(self) -> RevokeRelease:
        """What the handler is given."""
        return RevokeRelease(
            said=self.said,
            categories=tuple(self.categories),
            recipients=tuple(self.recipients),
            persons=tuple(self.persons),
            found_false=self.found_false,
        )


class SignerOut(BaseModel):
    """What is known of a signature."""

    standing: str | None = None
    authority: str | None = None
    named: bool | None = None
    proof_on_file: bool | None = None
    authority_until: date | None = None
    custody: bool | None = None
    parental_rights: str | None = None


class ReleasePersonOut(BaseModel):
    """One whose own data is released."""

    ref: str
    signed_by: str
    signer: SignerOut | None = None


class LackOut(BaseModel):
    """What a draft lacks: the check, what it asks for, and what to do."""

    check: str
    asks: str
    fix: str

    @classmethod
    def of(cls, code: str) -> "LackOut":
        """Present a check that failed."""
        check = Check(code)
        return cls(check=check.value, asks=check.words, fix=check.fix)


class WithdrawalOut(BaseModel):
    """One time that it was taken back; without a list, the whole."""

    at: datetime
    said: str
    categories: list[str] | None = None
    recipients: list[str] | None = None
    persons: list[str] | None = None

    @classmethod
    def of(cls, one: Withdrawal) -> "WithdrawalOut":
        """Present a withdrawal."""
        return cls(
            at=one.at,
            said=one.said.value,
            categories=[each.value for each in one.categories] or None,
            recipients=[each.value for each in one.recipients] or None,
            persons=list(one.persons) or None,
        )


class ReleaseOut(BaseModel):
    """A release as it stands. The lists are what was signed; `withdrawals` say what was taken back of it."""

    ref: str
    county: str
    program: str
    status: str
    persons: list[ReleasePersonOut]
    categories: list[str]
    directions: list[str]
    purposes: list[str]
    recipients: list[str] | None = None
    form: str
    form_version: str | None = None
    language: str | None = None
    interpreter: bool | None = None
    explained_by: str | None = None
    explained_on: date | None = None
    signature: str | None = None
    statements: list[str] | None = None
    sections: SectionsIn | None = None
    signed_on: date
    expires_on: date
    lacks: list[LackOut] | None = None
    supersedes: str | None = None
    superseded_by: str | None = None
    withdrawals: list[WithdrawalOut] | None = None
    awaits_writing: bool | None = Field(
        default=None, description="Its revocation was said, and is to be written"
    )
    revoked_at: datetime | None = None
    version: int

    @classmethod
    def of(cls, release: Release, version: int, work: Work) -> "ReleaseOut":
        """Present a release, as of that transaction."""
        paper = release.paper
        return cls(
            ref=release.id,
            county=release.county,
            program=release.program,
            status=release.status(work.now, work.policy.zone).value,
            persons=[
                ReleasePersonOut(ref=p.ref, signed_by=p.signed_by.value, signer=_signer(paper, p.ref))
                for p in release.persons
            ],
            categories=[one.value for one in release.categories],
            directions=[one.value for one in release.directions],
            purposes=[one.value for one in release.purposes],
            recipients=None if release.recipients is None else [one.value for one in release.recipients],
            form=release.form,
            form_version=paper.form_version,
            language=paper.language,
            interpreter=paper.interpreter,
            explained_by=paper.explained_by,
            explained_on=paper.explained_on,
            signature=None if paper.signature is None else paper.signature.value,
            statements=None if paper.statements is None else [one.value for one in paper.statements],
            sections=_sections(paper.sections),
            signed_on=release.signed_on,
            expires_on=release.expires_on,
            lacks=[LackOut.of(code) for code in release.lacks] or None,
            supersedes=release.supersedes,
            superseded_by=release.superseded_by,
            withdrawals=[WithdrawalOut.of(one) for one in release.withdrawals] or None,
            awaits_writing=release.awaits_writing or None,
            revoked_at=release.revoked_at,
            version=version,
        )


def _signer(paper: Paper, ref: str) -> SignerOut | None:
    signer = paper.signers.get(ref)
    return None if signer is None else SignerOut.model_validate(signer, from_attributes=True)


def _sections(sections: Sections) -> SectionsIn | None:
    """The sections that were filled in; None: none was."""
    if sections == Sections():
        return None
    kept = {name: value for name, value in asdict(sections).items() if value not in (None, ())}
    return SectionsIn.model_validate(kept)
