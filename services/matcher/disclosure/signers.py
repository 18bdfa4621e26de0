"""Who may sign for whom: one row for each standing of a person, and coded reasons where a signature does not count.

What is not said of a signature is not guessed. A fault either ends the matter, since somebody else must sign, or
says what is still to be shown; the second keeps a release a draft.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class SignedBy(StrEnum):
    """Who signed for a person, as every release says it."""

    SELF = "self"
    PARENT_GUARDIAN = "parent_guardian"
    REPRESENTATIVE = "representative"


class Standing(StrEnum):
    """What the law takes the person for on the day of the signature."""

    ADULT = "adult"
    CHILD_AT_HOME = "child_at_home"  # no court has a say
    DEPENDENT_CHILD = "dependent_child"
    MINOR_OWN_SERVICES = "minor_own_services"  # from twelve, for services that a minor may consent to
    NONMINOR_DEPENDENT = "nonminor_dependent"
    EMANCIPATED_MINOR = "emancipated_minor"  # also: married
    DECEASED = "deceased"
    RELATIVE_CAREGIVER = "relative_caregiver"


class Authority(StrEnum):
    """By what right somebody signs for another."""

    PARENT = "parent"
    LEGAL_GUARDIAN = "legal_guardian"
    STEP_PARENT = "step_parent"
    CARETAKER = "caretaker"  # a relative or other with whom the child lives
    OTHER_PARENT = "other_parent"  # the spouse or the child's other parent
    CONSERVATOR = "conservator"
    ATTORNEY_IN_FACT = "attorney_in_fact"
    AUTHORIZED_REPRESENTATIVE = "authorized_representative"
    CHILDS_ATTORNEY = "childs_attorney"
    COURT = "court"
    AUTHORIZED_BY_COURT = "authorized_by_court"
    SOCIAL_WORKER = "social_worker"
    PERSONAL_REPRESENTATIVE = "personal_representative"  # of somebody who has died


class ParentalRights(StrEnum):
    """What of a parent's rights stands, by the minute orders and the dates on which rights ended."""

    IN_FULL = "in_full"
    LIMITED = "limited"
    TERMINATED = "terminated"


class SignerFault(StrEnum):
    """Why a signature does not count, or does not count yet."""

    OTHER_MUST_SIGN = "S1"
    NO_PARENT = "S2"
    OWN_DATA_ONLY = "S3"
    CUSTODY = "S4"
    RIGHTS_ENDED = "S5"
    RIGHTS_UNCHECKED = "S6"
    AUTHORITY_UNSAID = "S7"
    PROOF_MISSING = "S8"
    AUTHORITY_ENDED = "S9"
    PAPER_ONLY = "S10"
    AGE = "S11"

    @property
    def final(self) -> bool:
        """Whether somebody else must sign: nothing that is shown later makes this signature count."""
        return self not in _CURABLE

    @property
    def fix(self) -> str:
        """What to do about it."""
        return _FIXES[self]


_CURABLE = frozenset(
    {
        SignerFault.RIGHTS_UNCHECKED,
        SignerFault.AUTHORITY_UNSAID,
        SignerFault.PROOF_MISSING,
        SignerFault.CUSTODY,
    }
)
_FIXES: Mapping[SignerFault, str] = {
    SignerFault.OTHER_MUST_SIGN: "Somebody else signs for a person in this standing.",
    SignerFault.NO_PARENT: "A step-parent or a caretaker cannot sign for a child: ask the parent or guardian.",
    SignerFault.OWN_DATA_ONLY: "Each parent, and each caregiver, signs for his or her own data alone.",
    SignerFault.CUSTODY: "Say that the parent or guardian who signed has custody.",
    SignerFault.RIGHTS_ENDED: "The parent's rights are limited or ended: the child's attorney, the court or whom it "
    "has authorized signs.",
    SignerFault.RIGHTS_UNCHECKED: "Look at the minute orders, and say whether the parent's rights stand in full.",
    SignerFault.AUTHORITY_UNSAID: "Say by what authority the representative signs, and that the name is on the form.",
    SignerFault.PROOF_MISSING: "Say that the proof of the authority is on file.",
    SignerFault.AUTHORITY_ENDED: "The authority had ended when the form was signed.",
    SignerFault.PAPER_ONLY: "An authorized representative signs this form on paper.",
    SignerFault.AGE: "The person's age does not fit this standing.",
}


@dataclass(frozen=True, kw_only=True)
class Signer:
    """What is recorded of a signature for one person. None: not said. Nobody's name is kept, only that it is there."""

    standing: Standing | None = None
    authority: Authority | None = None
    named: bool | None = None  # the representative's name stands on the form
    proof_on_file: bool | None = None
    authority_until: date | None = None
    custody: bool | None = None
    parental_rights: ParentalRights | None = None


class Row(NamedTuple):
    """Who signs for one standing. `by_proof`: with proof on file. `ages`: the youngest and the oldest."""

    own: bool = False
    parents: bool = False
    by_proof: frozenset[Authority] = frozenset()
    ages: tuple[int, int] | None = None


_MAJORITY, _OLDEST = 18, 150
_OF_COURT = frozenset(
    {
        Authority.CHILDS_ATTORNEY,
        Authority.COURT,
        Authority.AUTHORIZED_BY_COURT,
        Authority.SOCIAL_WORKER,  # where an order or the law gives the authority: that is the proof
    }
)
_OF_ADULTS = frozenset(
    {Authority.CONSERVATOR, Authority.ATTORNEY_IN_FACT, Authority.AUTHORIZED_REPRESENTATIVE}
)
_PARENTS = frozenset({Authority.PARENT, Authority.LEGAL_GUARDIAN})
_NO_PARENTS = frozenset({Authority.STEP_PARENT, Authority.CARETAKER})

ROWS: Mapping[Standing, Row] = {
    Standing.ADULT: Row(own=True, by_proof=_OF_ADULTS, ages=(_MAJORITY, _OLDEST)),
    Standing.CHILD_AT_HOME: Row(parents=True, ages=(0, _MAJORITY - 1)),
    Standing.DEPENDENT_CHILD: Row(parents=True, by_proof=_OF_COURT, ages=(0, _MAJORITY - 1)),
    Standing.MINOR_OWN_SERVICES: Row(own=True, ages=(12, _MAJORITY - 1)),
    Standing.NONMINOR_DEPENDENT: Row(own=True, ages=(_MAJORITY, 20)),
    Standing.EMANCIPATED_MINOR: Row(own=True, ages=(14, _MAJORITY - 1)),
    Standing.DECEASED: Row(by_proof=frozenset({Authority.PERSONAL_REPRESENTATIVE})),
    Standing.RELATIVE_CAREGIVER: Row(own=True, ages=(_MAJORITY, _OLDEST)),
}


def faults(
    signed_by: SignedBy,
    signer: Signer,
    *,
    on: date,
    age: int | None = None,
    electronic: bool = False,
    representative_on_paper: bool = False,
) -> tuple[SignerFault, ...]:
    """Why a signature of the day `on` does not count for this person.

    `age`: the person's on that day, where it is known. `electronic`: so was the signature; `representative_on_paper`:
    the form takes none such of an authorized representative.
    """
    found = [*_of_authority(signed_by, signer, on)]
    if signer.standing is not None:
        found += _of_standing(ROWS[signer.standing], signed_by, signer)
        ages = ROWS[signer.standing].ages
        if age is not None and ages is not None and not ages[0] <= age <= ages[1]:
            found.append(SignerFault.AGE)
    on_line = electronic and representative_on_paper
    if on_line and signer.authority is Authority.AUTHORIZED_REPRESENTATIVE:
        found.append(SignerFault.PAPER_ONLY)
    return tuple(dict.fromkeys(found))


def _of_authority(signed_by: SignedBy, signer: Signer, on: date) -> list[SignerFault]:
    """Whatever the standing: who signs for another says by what right, and shows it."""
    found = []
    if signer.authority in _NO_PARENTS:
        found.append(SignerFault.NO_PARENT)
    if signer.authority is Authority.OTHER_PARENT:
        found.append(SignerFault.OWN_DATA_ONLY)
    if signed_by is SignedBy.REPRESENTATIVE:
        if signer.authority is None or signer.named is not True:
            found.append(SignerFault.AUTHORITY_UNSAID)
        if signer.proof_on_file is not True:
            found.append(SignerFault.PROOF_MISSING)
    if signer.authority_until is not None and signer.authority_until < on:
        found.append(SignerFault.AUTHORITY_ENDED)
    if signer.custody is False and signer.standing is not Standing.DEPENDENT_CHILD:
        found.append(SignerFault.OTHER_MUST_SIGN)
    if signer.parental_rights in (ParentalRights.LIMITED, ParentalRights.TERMINATED) and (
        signed_by is SignedBy.PARENT_GUARDIAN
    ):
        found.append(SignerFault.RIGHTS_ENDED)
    return found


def _of_standing(row: Row, signed_by: SignedBy, signer: Signer) -> list[SignerFault]:
    """By the row of the person's standing."""
    match signed_by:
        case SignedBy.SELF:
            allowed = row.own
        case SignedBy.PARENT_GUARDIAN:
            allowed = row.parents and (signer.authority is None or signer.authority in _PARENTS)
        case SignedBy.REPRESENTATIVE:
            allowed = signer.authority is None or signer.authority in row.by_proof
    if not allowed:
        return [SignerFault.OTHER_MUST_SIGN]
    if signed_by is not SignedBy.PARENT_GUARDIAN:
        return []
    if signer.standing is Standing.DEPENDENT_CHILD:
        return [SignerFault.RIGHTS_UNCHECKED] if signer.parental_rights is None else []
    return [SignerFault.CUSTODY] if signer.custody is None else []
