"""What holds for any two people, however badly they are recorded."""

from hypothesis import given
from hypothesis import strategies as st

from services.matcher.identity.blocking import keys, ssn_keys
from services.matcher.identity.decision import Footprint, Linked, Weigher, decide
from services.matcher.identity.model import load_model
from services.matcher.identity.person import dump, load, normalise
from services.matcher.identity.scoring import weigh
from shared.crypto import CountyKeys
from shared.events.person import Address, Name, PersonDetails

COUNTY = CountyKeys(keyrings={}, token_key=b"a county's token key for tests!!")
TEXT = st.text(max_size=12)
FIRST = st.one_of(
    st.sampled_from(["Ana", "Anna", "José", "Pepe", "Maria Elena", "J", "Baby Boy", "Garcia"]), TEXT
)
LAST = st.one_of(
    st.sampled_from(["Garcia", "García-López", "de la Cruz", "Reyes Jr", "Unknown", "Ana"]), TEXT
)
MAYBE = st.none
NAMES = st.builds(
    Name,
    first_name=MAYBE() | FIRST,
    middle_name=MAYBE() | st.sampled_from(["E", "Elena", "Luisa"]) | TEXT,
    last_name=MAYBE() | LAST,
    suffix=MAYBE() | st.sampled_from(["Jr", "SR", "III"]) | TEXT,
)
NUMBERS = st.sampled_from(["123456789", "123456788", "213456789", "555443333"]).map(COUNTY.ssn_tokens)
ADDRESSES = st.builds(
    Address,
    street=MAYBE() | st.sampled_from(["1 Oak Street", "1 Oak St #3", "PO Box 7"]) | TEXT,
    unit=MAYBE() | st.sampled_from(["3", "Apt 3"]) | TEXT,
    zip=MAYBE() | st.sampled_from(["90011", "90012-1234"]) | TEXT,
    kind=st.sampled_from(["residence", "mailing", "shelter", "office", "other"]),
)
DETAILS = st.builds(
    PersonDetails,
    name=NAMES,
    aliases=st.lists(NAMES, max_size=2).map(tuple),
    birth_date=MAYBE()
    | st.sampled_from(["1990-03-04", "1990-04-03", "1960-03-04", "1990-13-41", "3/4/1990", "1990-01-01"])
    | st.text(max_size=10),
    sex=st.sampled_from(["F", "M", "X", "U"]),
    ssn=st.lists(NUMBERS, max_size=2).map(tuple),
    cin=MAYBE() | st.sampled_from(["91234567A", "91234567B"]) | TEXT,
    addresses=st.lists(ADDRESSES, max_size=2).map(tuple),
    phones=st.lists(st.sampled_from(["2135550123", "(213) 555-0199"]) | TEXT, max_size=2).map(tuple),
)
PEOPLE = DETAILS.map(normalise)


@given(PEOPLE, PEOPLE)
def test_weighing_is_symmetric(x, y):
    assert weigh(load_model(), x, y) == weigh(load_model(), y, x)


@given(PEOPLE, PEOPLE)
def test_the_parts_add_up_exactly_in_any_order(x, y):
    score = weigh(load_model(), x, y)
    assert sum(part.weight for part in score.parts) == score.weight
    assert sum(part.weight for part in reversed(score.parts)) == score.weight


@given(PEOPLE)
def test_the_order_of_aliases_does_not_matter_to_the_weight(x):
    turned = load(dump(x))
    object.__setattr__(turned, "names", tuple(reversed(x.names)))
    assert weigh(load_model(), x, turned) == weigh(load_model(), x, x)


@given(PEOPLE)
def test_a_person_is_written_and_read_back_exactly(x):
    assert load(dump(x)) == x
    assert dump(load(dump(x))) == dump(x)


@given(PEOPLE)
def test_keys_depend_on_the_person_alone(x):
    found = keys(x, COUNTY.digest)
    assert found == keys(load(dump(x)), COUNTY.digest)
    assert ssn_keys(x, COUNTY.digest) <= found


@given(DETAILS)
def test_normalising_never_fails_and_gives_plain_text(details):
    for name in normalise(details).names:
        assert (name.first + name.given + name.middle + name.last + name.suffix).isascii()


@given(PEOPLE, PEOPLE, st.booleans())
def test_a_decision_explains_itself_and_no_first_name_of_another_links(x, y, household):
    a, b = ("cws", "a"), ("calworks", "b")
    footprint = Footprint(
        people={a: x, b: y, ("cws", "x"): x, ("calworks", "y"): y},
        candidates={a: frozenset({b}), b: frozenset({a})},
        households={a: (frozenset({a, ("cws", "x")}),), b: (frozenset({b, ("calworks", "y")}),)}
        if household
        else {},
        ssn_holders={},
        verdicts={},
    )
    decision = decide(a, b, footprint, Weigher(load_model()))
    assert sum(part.weight for part in decision.because) == decision.weight
    if isinstance(decision, Linked):
        levels = {part.field: part.level for part in decision.because}
        assert (
            levels["first_name"] not in {"differ", "rhyme", "missing", "prefix", "similar"}
            or levels["cin"] == "equal"
        )
        assert levels["suffix"] != "differ"
