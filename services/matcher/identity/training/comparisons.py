"""The comparisons as Splink settings: each level in SQL over `columns`, in the order in which it is asked.

What `levels` decides in Python is said here once more for a database; `test_training.py` holds the two together.
"""

from math import log2
from typing import Any

from services.matcher.identity.levels import STREET_CLOSE
from services.matcher.identity.model import FREQUENT, Model
from services.matcher.identity.names import CLOSE, SIMILAR

_U = 2.0**-40  # any small probability: only the ratio of m to u is a weight


def _alike(column: str) -> str:
    """Jaro-Winkler similarity, symmetric."""
    l, r = f"{column}_l", f"{column}_r"  # noqa: E741 - the suffixes of Splink's columns
    return f"jaro_winkler_similarity(least({l}, {r}), greatest({l}, {r}))"


def _edits(column: str) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r)"


def _shared(column: str) -> str:
    return f"list_has_any({column}_l, {column}_r)"


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


def _either_missing(column: str) -> str:
    return f"({column}_l IS NULL OR {column}_r IS NULL)"


def _close(column: str) -> str:
    """Names that are one but for how they are written."""
    slip = f"least(len({column}_l), len({column}_r)) >= 5 AND {_edits(column)} = 1"
    heard = f"{column}_sound_l = {column}_sound_r"
    return f"{_alike(column)} >= {SIMILAR} AND ({_alike(column)} >= {CLOSE} OR {heard} OR ({slip}))"


_SAME_FIRST = "((first_l = first_r AND len(first_l) > 1) OR (given_l = given_r AND len(given_l) > 1))"
_SWAPPED = "(list_contains(tokens_r, first_l) AND list_contains(tokens_l, first_r))"
_NICKNAME = f"({_shared('formals')} AND NOT (is_head_l AND is_head_r))"
_BOTH_KNOWN = "(is_known_l AND is_known_r)"
_ONE_EDIT = f"({_edits('first')} = 1 AND greatest(len(first_l), len(first_r)) > 2)"
_DATE_PARTS = " + ".join(
    f"(substr(birth_date_l, {at}, {length}) = substr(birth_date_r, {at}, {length}))::int"
    for at, length in ((1, 4), (6, 2), (9, 2))
)
_WHOLE_DATES = "(len(birth_date_l) = 10 AND len(birth_date_r) = 10)"
_SWAP_SLIPPED = (
    "(damerau_levenshtein(birth_swapped_l, birth_date_r) = 1"
    " OR damerau_levenshtein(birth_swapped_r, birth_date_l) = 1)"
)
_SAME_DOOR = f"(door_l = door_r AND (road_l = '' OR road_r = '' OR {_alike('road')} >= {STREET_CLOSE}))"

MISSING = {
    "first_name": _either_missing("first"),
    "last_name": f"{_either_missing('last')} OR ({_SWAPPED} AND NOT {_SAME_FIRST})",
    "middle_name": _either_missing("middle"),
    "suffix": _either_missing("suffix"),
    "birth_date": _either_missing("birth_date"),
    "sex": _either_missing("sex"),
    "ssn": _either_missing("ssn"),
    "cin": _either_missing("cin"),
    "street": _either_missing("street"),
    "zip": _either_missing("zip"),
    "city": _either_missing("city"),
    "phone": _either_missing("phones"),
}
"""When a comparison says nothing."""

CONDITIONS = {
    "first_name": {
        "exact": _SAME_FIRST,
        "swapped": _SWAPPED,
        "nickname": _NICKNAME,
        "variant": _shared("formals"),
        "middle": "first_l <> first_r AND"
        " (list_contains(middles_r, first_l) OR list_contains(middles_l, first_r))",
        "rhyme": f"{_BOTH_KNOWN} AND ({_ONE_EDIT} OR ({_close('first')}))",
        "close": f"NOT {_BOTH_KNOWN} AND first_l <> first_r AND {_close('first')}",
        "prefix": f"NOT {_BOTH_KNOWN} AND (starts_with(first_l, first_r) OR starts_with(first_r, first_l))",
        "similar": f"NOT {_BOTH_KNOWN} AND ({_alike('first')} >= {SIMILAR} OR {_ONE_EDIT})",
    },
    "last_name": {
        "exact": "last_l = last_r OR last_words_l = last_words_r",
        "token": _shared("long_tokens"),
        "close": _close("last"),
        "similar": f"{_alike('last')} >= {SIMILAR}",
    },
    "middle_name": {
        "exact": "middle_l = middle_r AND len(middle_l) > 1",
        "initial": "list_has_any(middle_letters_l, middle_initials_r)"
        f" OR list_has_any(middle_initials_l, middle_letters_r) OR {_shared('middle_words')}",
        "similar": f"{_alike('middle')} >= {SIMILAR}",
    },
    "suffix": {"equal": _equal("suffix")},
    "birth_date": {
        "default": f"{_equal('birth_date')} AND ends_with(birth_date_l, '-01-01')",
        "exact": _equal("birth_date"),
        "swapped": f"{_WHOLE_DATES} AND birth_swapped_l = birth_date_r",
        "one_edit": f"{_edits('birth_date')} = 1",
        "two_parts": f"{_WHOLE_DATES} AND {_DATE_PARTS} = 2",
        "two_edits": f"{_edits('birth_date')} = 2 OR ({_WHOLE_DATES} AND {_SWAP_SLIPPED})",
    },
    "sex": {"equal": _equal("sex")},
    "ssn": {
        "exact": _shared("ssn"),
        "one_off": f"{_shared('ssn_near')} AND coalesce({_SAME_FIRST} OR {_SWAPPED}, false)",
        "sibling": _shared("ssn_near"),
    },
    "cin": {"equal": _equal("cin")},
    "street": {
        "exact": _equal("street"),
        "close": _SAME_DOOR,
        "similar": f"{_edits('street')} <= 2 OR {_alike('street')} >= {STREET_CLOSE}",
    },
    "zip": {"equal": _equal("zip"), "close": f"{_edits('zip')} = 1"},
    "city": {"equal": _equal("city"), "close": f"{_alike('city')} >= {STREET_CLOSE}"},
    "phone": {"equal": _shared("phones")},
}
"""The condition of each level, in the order in which they are asked; what is left differs."""

COUNTED = {"first_name": "first", "last_name": "last"}
"""The columns whose values are counted for `model.FREQUENT`."""


def comparison(field: str) -> dict[str, Any]:
    """A comparison as Splink settings, yet to be trained."""
    levels: list[dict[str, Any]] = [
        {"sql_condition": MISSING[field], "label_for_charts": "missing", "is_null_level": True}
    ]
    for level, condition in CONDITIONS[field].items():
        levels.append({"sql_condition": condition, "label_for_charts": level})
        if level == FREQUENT.get(field):
            levels[-1] |= {
                "tf_adjustment_column": COUNTED[field],
                "tf_adjustment_weight": 1.0,
                "disable_tf_exact_match_detection": True,
            }
    levels.append({"sql_condition": "ELSE", "label_for_charts": "differ"})
    return {"output_column_name": field, "comparison_levels": levels}


def weighted(field: str, model: Model) -> dict[str, Any]:
    """A comparison as Splink settings with a model's weights, so that Splink gives the same match weight."""
    one = comparison(field)
    for level in one["comparison_levels"]:
        if not level.get("is_null_level"):
            weight = model.comparisons[field][level["label_for_charts"]]
            if level.get("tf_adjustment_column"):
                if field in model.frequencies:
                    weight = model.frequencies[field].agree - log2(_U)
                else:
                    del level["tf_adjustment_column"]
            level |= {"m_probability": 2**weight * _U, "u_probability": _U}
    return one
