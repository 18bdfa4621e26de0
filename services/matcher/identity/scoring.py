"""How much two records agree: a Fellegi-Sunter match weight in log2, explained part by part."""

from math import inf

from services.matcher.identity.blocking import SHARED_KINDS
from services.matcher.identity.levels import (
    OTHER_BIRTH_DATE,
    OTHER_FIRST_NAME,
    birth_date_level,
    equal_level,
    name_levels,
    phone_level,
    place_levels,
    ssn_level,
)
from services.matcher.identity.model import FREQUENT, Model
from services.matcher.identity.part import Part, Score
from services.matcher.identity.person import CalledName, Person, Place

_Names = tuple[Part, Part, Part, Part]
_Places = tuple[Part, Part, Part]


def probability(weight: float) -> float:
    """The match probability of a match weight."""
    if weight >= 0:
        return 1 / (1 + 2**-weight)
    odds = 2**weight
    return odds / (1 + odds)


def weigh(model: Model, x: Person, y: Person) -> Score:
    """The match weight of two records and its parts. Symmetric; the best over all pairs of names."""
    part = model.parts
    first, last, middle, suffix = _names(model, x.names, y.names)
    parts: tuple[Part, ...] = (
        part["prior"]["population"],
        first,
        last,
        middle,
        suffix,
        part["birth_date"][birth_date_level(x.birth_date, y.birth_date)],
        part["sex"][equal_level(x.sex, y.sex)],
        part["ssn"][ssn_level(x.ssn, y.ssn, first.level)] if x.ssn and y.ssn else part["ssn"]["missing"],
        part["cin"][equal_level(x.cin, y.cin)],
        *_places(model, x.addresses, y.addresses),
        part["phone"][phone_level(x.phones, y.phones)],
    )
    weight = 0.0
    for each in parts:
        weight += each.weight
    level, most = _cap(model, parts)
    if weight > most:
        parts = (*parts, Part("cap", level, most - weight))
        weight = most
    return Score(weight, parts)


def _cap(model: Model, parts: tuple[Part, ...]) -> tuple[str, float]:
    """The most that a pair may weigh, and why: surname, address, phone and a copied number run in the family.

    The first name tells twins apart, and with the birth date brothers and sisters.
    """
    _, first, _, _, _, birth_date, _, ssn, cin, *_ = parts
    if first.level not in OTHER_FIRST_NAME:
        return "", inf
    numbered = ssn.level == "exact" or cin.level == "equal"
    if birth_date.level in OTHER_BIRTH_DATE and not numbered:
        return "first_name_and_birth_date_differ", model.family_ceiling
    return "first_name_differs", model.ceiling


def _names(model: Model, xs: tuple[CalledName, ...], ys: tuple[CalledName, ...]) -> _Names:
    if len(xs) == 1 and len(ys) == 1:
        return _name_parts(model, xs[0], ys[0])
    if not xs or not ys:
        fields = ("first_name", "last_name", "middle_name", "suffix")
        first, last, middle, suffix = (model.parts[field]["missing"] for field in fields)
        return first, last, middle, suffix
    return max((_name_parts(model, x, y) for x in xs for y in ys), key=_strength)


def _strength(parts: _Names | _Places) -> tuple[float, list[str]]:
    """The order of pairs of aliases or addresses; the levels break a tie, so that their order does not."""
    return sum(each.weight for each in parts), [each.level for each in parts]


def _name_parts(model: Model, x: CalledName, y: CalledName) -> _Names:
    first, last, middle, suffix = name_levels(x, y)
    part = model.parts
    return (
        _frequent(model, "first_name", first, x.first, y.first),
        _frequent(model, "last_name", last, x.last, y.last),
        part["middle_name"][middle],
        part["suffix"][suffix],
    )


def _frequent(model: Model, field: str, level: str, one: str, other: str) -> Part:
    """The part of a name: where it agrees, by how often it is."""
    if level == FREQUENT[field] and (frequencies := model.frequencies.get(field)) is not None:
        return Part(field, level, frequencies.weight(one, other))
    return model.parts[field][level]


def _places(model: Model, xs: tuple[Place, ...], ys: tuple[Place, ...]) -> _Places:
    """The best pair of addresses; shelters and offices are nobody's own and do not count."""
    part = model.parts
    met = [
        (part["street"][street], part["zip"][zip_code], part["city"][city])
        for x in xs
        if x.kind not in SHARED_KINDS
        for y in ys
        if y.kind not in SHARED_KINDS
        for street, zip_code, city in (place_levels(x, y),)
    ]
    if not met:
        return part["street"]["missing"], part["zip"]["missing"], part["city"]["missing"]
    return met[0] if len(met) == 1 else max(met, key=_strength)
