"""The guards: why a pair that weighs enough is not linked by itself; each names a way in which two look like one."""

from collections.abc import Callable, Iterator

from services.matcher.identity.blocking import anchored
from services.matcher.identity.footprint import NOBODY, Case, verdict_of
from services.matcher.identity.levels import OTHER_BIRTH_DATE, OTHER_FIRST_NAME, SAME_FIRST_NAME

GENERATION_YEARS = 15
"""Two people of one name whose birth years lie this far apart are taken for parent and child."""

RARE = 20.0
"""Bits from which a full name is rare: of a million people fewer than one has it."""


def speaking(case: Case) -> Iterator[str]:
    """Why the pair is not linked by itself, in a fixed order; none if nothing speaks against it."""
    if case.score.weight < case.weigher.model.thresholds.link:
        yield "weight_below_link"
    for reason, speaks in GUARDS:
        if speaks(case):
            yield reason


def _second_candidate(case: Case) -> bool:
    """Guard (i): another record is nearly as good for one of the ends. A duplicate of the end is no rival."""
    lines = case.weigher.model.thresholds
    # Against the raw weight of the pair: the household would lift a rival in it just as much.
    line = max(lines.review, case.raw(case.a, case.b) - lines.rival_delta)
    return any(
        verdict_of(one.of, one.ref, case.footprint) == "same" or one.weight >= line
        for one in case.rivals
        if not one.is_duplicate
    )


def _nothing_exact(case: Case) -> bool:
    """Neither the birth date nor both names with a part of it: every block that they share may be closed."""
    people = case.footprint.people
    return not anchored(people[case.a], people[case.b])


def _first_name_missing(case: Case) -> bool:
    """Guard (ii): newborns, and people of whom only a surname is known."""
    return case.score.level("first_name") == "missing"


def _first_name_uncertain(case: Case) -> bool:
    """A first name that is only like the other may be a twin's, and twins get each other's number: only an equal CIN
    outweighs it. A short form may be a twin's too, but then it is the number that tells."""
    level = case.score.level("first_name")
    if level == "missing" or case.score.level("cin") == "equal":
        return False
    if level == "nickname":
        return not case.equal_identifier()
    return level not in SAME_FIRST_NAME or _one_name_of_two(case)


def _one_name_of_two(case: Case) -> bool:
    """Pa and Pa Houa, Wei and Wai Man: twins may share one of their given names. An identifier, or the second
    name as a middle name, tells them apart."""
    if case.equal_identifier() or case.score.level("middle_name") in {"exact", "initial"}:
        return False
    people = case.footprint.people
    one, other = ({n.given.removeprefix(n.first) for n in people[end].names} for end in (case.a, case.b))
    return one.isdisjoint(other)


def _middle_names_differ(case: Case) -> bool:
    """Maria Elena and Maria Luisa may be sisters, and so may Mei Lin and Mei Ling."""
    return case.score.level("middle_name") in {"differ", "similar"} and not case.equal_identifier()


def _last_name_uncertain(case: Case) -> bool:
    """Another surname, or none, needs an identifier beside it."""
    return case.score.level("last_name") in {"differ", "similar", "missing"} and not case.equal_identifier()


def _birth_date_missing(case: Case) -> bool:
    return case.score.level("birth_date") == "missing"


def _birth_date_differs(case: Case) -> bool:
    return case.score.level("birth_date") in OTHER_BIRTH_DATE


def _ssn_names_differ(case: Case) -> bool:
    """Guard (iii): a number copied from a relative."""
    return case.score.level("ssn") == "exact" and case.score.level("first_name") in {
        *OTHER_FIRST_NAME,
        "similar",
    }


def _ssn_differs(case: Case) -> bool:
    """Two numbers that are not one: somebody of the same name, or one of them is wrong."""
    return case.score.level("ssn") == "differ" and case.score.level("cin") != "equal"


def _name_and_date_alone(case: Case) -> bool:
    """Cousins and strangers may share a name and a birth date: one more thing has to agree, or the name be rare."""
    level = case.score.level
    return not (
        case.equal_identifier()
        or level("ssn") == "one_off"
        or level("street") in {"exact", "close"}
        or level("phone") == "equal"
        or case.score.of("household") > 0
        or case.score.of("first_name") + case.score.of("last_name") >= RARE
    )


def _ssn_of_sibling(case: Case) -> bool:
    """Numbers one digit apart under another first name."""
    return case.score.level("ssn") == "sibling"


def _ssn_needed_and_shared(case: Case) -> bool:
    """Guard (iv): the number decides, and somebody else, who is no duplicate of an end, holds it too; or too many."""
    if case.score.level("ssn") != "exact":
        return False
    if case.score.weight - case.score.of("ssn") >= case.weigher.model.thresholds.link:
        return False
    if {case.a, case.b} <= case.footprint.ssn_capped:
        return True
    holders = case.footprint.ssn_holders
    thirds = (holders.get(case.a, NOBODY) | holders.get(case.b, NOBODY)) - {case.a, case.b}
    return any(
        not case.repeats(third, case.a) and not case.repeats(third, case.b)
        for third in thirds
        if third in case.footprint.people
    )


def _parent_and_child(case: Case) -> bool:
    """Jr and Sr: other suffixes, or one name a generation apart."""
    if case.score.level("suffix") == "differ":
        return True
    if case.score.level("first_name") not in SAME_FIRST_NAME or case.score.level("last_name") == "differ":
        return False
    people = case.footprint.people
    years = [(people[end].birth_date or "")[:4] for end in (case.a, case.b)]
    if not all(len(year) == len("2000") and year.isdigit() for year in years):
        return False
    return abs(int(years[0]) - int(years[1])) >= GENERATION_YEARS


GUARDS: tuple[tuple[str, Callable[[Case], bool]], ...] = (
    ("second_candidate", _second_candidate),
    ("first_name_missing", _first_name_missing),
    ("ssn_names_differ", _ssn_names_differ),
    ("ssn_needed_and_shared", _ssn_needed_and_shared),
    ("parent_and_child", _parent_and_child),
    ("ssn_of_sibling", _ssn_of_sibling),
    ("first_name_uncertain", _first_name_uncertain),
    ("middle_names_differ", _middle_names_differ),
    ("last_name_uncertain", _last_name_uncertain),
    ("birth_date_missing", _birth_date_missing),
    ("birth_date_differs", _birth_date_differs),
    ("nothing_exact", _nothing_exact),
    ("ssn_differs", _ssn_differs),
    ("name_and_date_alone", _name_and_date_alone),
)
