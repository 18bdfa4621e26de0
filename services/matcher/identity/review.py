"""A doubtful pair as a reviewer looks at it: how two records differ, in words, and why somebody has to look.

Pure. Values are as each program writes them; of an address and a telephone it is told how they agree, never what
they are, because a place can give somebody away.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from services.matcher.identity.names import plain
from services.matcher.identity.record import Record
from services.matcher.web import words

SAME, ONLY_HERE, ONLY_THERE = "same", "only here", "only in the other program"
AGREES, DIFFERS = "agrees", "differs"  # what stands in the place of a value that may not be shown

REASONS = {
    "weight_below_link": "The records do not agree enough to be linked without a look",
    "second_candidate": "Another record fits one of the two nearly as well",
    "first_name_missing": "A first name is missing",
    "ssn_names_differ": "An identifier is the same, but the first names differ",
    "ssn_needed_and_shared": "The identifier that would decide is held by somebody else too",
    "parent_and_child": "They may be a parent and a child of the same name",
    "ssn_of_sibling": "Their identifiers are one digit apart, as those of siblings are",
    "first_name_uncertain": "The first names are only alike, as those of twins are",
    "middle_names_differ": "The middle names differ, as those of siblings do",
    "last_name_uncertain": "The last names are not surely the same",
    "birth_date_missing": "A birth date is missing",
    "birth_date_differs": "The birth dates differ",
    "ssn_differs": "Both have an identifier, and they differ",
    "name_and_date_alone": "Nothing agrees beside name, sex and birth date",
    "nothing_exact": "Neither the birth date nor the full name with a part of it is the same",
    "verdicts_disagree": "What was said of the records that were merged into them disagrees",
}
"""Each guard of the decision, in words."""

# The fields of category K1, and the field of its permit that lets a value be shown. None: no value ever is.
_FIELDS: Mapping[str, str | None] = {
    "first_name": "name",
    "middle_name": "name",
    "last_name": "name",
    "suffix": "name",
    "birth_date": "birth_date",
    "sex": "sex",
    "street": None,
    "zip": None,
    "city": None,
    "phone": None,
}
_THE_SAME = frozenset(("exact", "equal"))


@dataclass(frozen=True, slots=True, repr=False)
class Compared:
    """One field of both records. A value is None where there is none, or where it is never shown."""

    field: str
    own: str | None
    other: str | None
    says: str


def reasons(codes: Sequence[str]) -> list[str]:
    """Why somebody has to look, in words."""
    return [REASONS.get(code, words.spaced(code).capitalize()) for code in codes]


def compare(own: Record, other: Record, levels: Mapping[str, str]) -> tuple[Compared, ...]:
    """The fields that at least one of the records has. `levels`: how they were found to agree when it was decided."""
    return tuple(_compared(own, other, levels))


def masked(compared: Sequence[Compared], allows: Callable[[str], bool]) -> tuple[Compared, ...]:
    """The same with `agrees` or `differs` for each of the other side's values that the gate does not let pass."""
    return tuple(
        one if one.other is None or allows(_FIELDS[one.field] or "") else replace(one, other=_agreement(one))
        for one in compared
    )


def _agreement(one: Compared) -> str:
    return AGREES if one.says.startswith(SAME) else DIFFERS


def _compared(own: Record, other: Record, levels: Mapping[str, str]) -> Iterator[Compared]:
    for field, shown_by in _FIELDS.items():
        here, there = _has(own, field), _has(other, field)
        if not here and not there:
            continue
        mine, theirs = (_value(one, field) if shown_by else None for one in (own, other))
        if here and there:
            says = _says(field, mine, theirs, levels.get(field, "missing"))
        else:
            says = ONLY_HERE if here else ONLY_THERE
        yield Compared(field, mine, theirs, says)


def _value(record: Record, field: str) -> str | None:
    return record.person.sex if field == "sex" else record.shown.get(field)


def _has(record: Record, field: str) -> bool:
    """Whether the record says anything here; a second given name may have been written with the first."""
    match field:
        case "street" | "zip" | "city":
            return any(getattr(place, field) for place in record.person.addresses)
        case "phone":
            return bool(record.person.phones)
        case "middle_name":
            return "middle_name" in record.shown or any(name.middle for name in record.person.names)
        case _:
            return _value(record, field) is not None


def _says(field: str, mine: str | None, theirs: str | None, level: str) -> str:
    if mine is not None and theirs is not None:
        if plain(mine) == plain(theirs):
            return SAME if level in {*_THE_SAME, "missing"} else _of_level(field, level)
        if level in _THE_SAME:
            return "same, but written in another way or by another name of the person"
        if field.endswith("name") and OSA.distance(plain(mine), plain(theirs), score_cutoff=1) == 1:
            return "one letter differs"
    if level == "missing":
        return "cannot be compared"
    return SAME if level in _THE_SAME else _of_level(field, level)


def _of_level(field: str, level: str) -> str:
    return words.agreement(field, level)[1]
