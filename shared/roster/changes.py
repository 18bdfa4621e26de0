"""What a row changes of somebody who is known: a column that is empty changes nothing."""

from typing import Literal

from shared.events.person import Address, PersonDetails
from shared.roster.checking import Row

Sensitivity = Literal["N", "S", "R"]


def said(
    row: Row, details: PersonDetails, sensitivity: Sensitivity, *, protected: bool
) -> tuple[PersonDetails, Sensitivity, bool]:
    """Details, sensitivity and protection of a person after a row; what it does not say stays as it is."""
    return (
        updated(details, row.details),
        "S" if row.sensitivity == "S" else "N" if row.sensitivity == "N" else sensitivity,
        protected if row.address_protected is None else row.address_protected,
    )


def updated(before: PersonDetails, row: PersonDetails) -> PersonDetails:
    """The details after a row; the same object if it says nothing new."""
    parts = {part: value for part, value in row.name.model_dump().items() if value is not None}
    changes: dict[str, object] = {"name": before.name.model_copy(update=parts)}
    for field in ("birth_date", "cin", "language"):
        if getattr(row, field) is not None:
            changes[field] = getattr(row, field)
    if row.sex != "U":
        changes["sex"] = row.sex
    if row.ssn:
        changes["ssn"] = row.ssn
    if row.phones:
        changes["phones"] = (*row.phones, *(one for one in before.phones if one not in row.phones))
    if row.addresses:
        changes["addresses"] = (*row.addresses, *(one for one in before.addresses if not _is_current(one)))
    after = before.model_copy(update=changes)
    return before if after == before else after


def _is_current(address: Address) -> bool:
    """Whether it is where somebody lives now, as a row says it without dates."""
    return address.kind == "residence" and address.until_date is None
