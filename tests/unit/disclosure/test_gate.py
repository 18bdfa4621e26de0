"""The gate under requests that nobody foresaw, and properties that hold for all of them."""

import copy
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher.disclosure.decide import Outcome, Permit, Refusal, decide
from services.matcher.disclosure.request import (
    Basis,
    BasisKind,
    Breadth,
    Category,
    Direction,
    Item,
    Program,
    Purpose,
    Request,
    Role,
    Sensitivity,
    Subject,
    Topic,
)
from tests.unit.disclosure.asking import (
    CHILD,
    NOW,
    PLAIN,
    admin,
    court,
    everything,
    other,
    removal,
    roi,
    sanction,
    table,
)

PERSONS = ("ps_mother", "cl_child", "ps_father")


def some(kind):
    return st.one_of(st.none(), st.lists(st.sampled_from(list(kind)), max_size=8).map(tuple))


def likely(value, *others):
    """Mostly the value that lets a request pass, so that permits are not rare."""
    return st.one_of(st.just(value), st.just(value), *others)


instants = st.integers(0, 500 * 24 * 60).map(
    lambda minutes: datetime(2026, 7, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
maybe_flag = st.sampled_from([None, True, False])
bases = st.builds(
    Basis,
    basis=st.one_of(st.sampled_from([BasisKind.ROI, BasisKind.ADMIN_10850]), st.sampled_from(BasisKind)),
    breadth=likely(Breadth.ELIGIBILITY_FACTS, st.none(), st.sampled_from(Breadth)),
    categories=likely(tuple(Category), some(Category)),
    directions=likely((Direction.BOTH,), some(Direction)),
    purposes=likely(tuple(Purpose), some(Purpose)),
    persons=likely(PERSONS, some(PERSONS)),
    recipients=likely(None, some([*Role, *Program])),
    names_protected_address=maybe_flag,
    names_hiv=maybe_flag,
    dv_specific=maybe_flag,
    part2_valid=maybe_flag,
    minor_own=maybe_flag,
    valid_from=likely(NOW - timedelta(days=2), instants),
    expires=likely(NOW + timedelta(days=2), st.none(), instants),
    revoked_at=likely(None, instants),
    roster_member=maybe_flag,
    report_at=st.one_of(st.none(), instants),
    extended_to=st.one_of(st.none(), instants),
    source=st.one_of(st.none(), st.sampled_from(["rl_a", "rl_b"])),
)
items = st.builds(
    Item,
    implies=likely((), st.lists(st.sampled_from(Category), max_size=3).map(tuple)),
    reason_code=st.sampled_from([None, None, "U16", "DVW", "unheard of"]),
    minor_consented=likely(False, st.booleans()),
    names_hiv=likely(False, st.booleans()),
    alleged_abuser_in_recipient_clients=likely(False, st.booleans()),
)
anything = st.builds(
    Request,
    id=st.just("one"),
    category=st.one_of(st.sampled_from(list(table().rows)), st.sampled_from(Category)),
    holder=st.sampled_from(Program),
    recipient=st.sampled_from(Program),
    purpose=st.sampled_from(Purpose),
    role=st.sampled_from(Role),
    assigned=likely(True, st.booleans()),
    topic=st.one_of(st.none(), st.sampled_from(Topic)),
    subject=st.builds(
        Subject,
        id=st.sampled_from(PERSONS),
        sensitivity=likely(Sensitivity.NONE, st.sampled_from(Sensitivity)),
        limited_access=likely(False, st.booleans()),
    ),
    item=items,
    bases=st.lists(bases, max_size=4).map(tuple),
    now=likely(NOW, instants),
)


def widely_grounded(category):
    """The liaison asks under a release that names everything, an order and a team."""
    holder = table().holders.of.get(category, Program.CALWORKS)
    recipient = Program.CWS if holder is Program.CALWORKS else Program.CALWORKS
    grounds = (everything(), court(), other(BasisKind.MDT_18951))
    asked = {"role": Role.LINKAGES_LIAISON, "purpose": Purpose.P4, "bases": grounds}
    return sanction(category=category, holder=holder, recipient=recipient, **asked)


@st.composite
def nearly_permitted(draw):
    """A request that passes, with a few fields of any other: permits and refusals are both common."""
    match draw(st.sampled_from(["aid", "welfare", "special"])):
        case "aid":
            request = sanction(category=draw(AID))
        case "welfare":
            request = removal(category=draw(WELFARE), bases=(admin(), roi()))
        case _:
            request = widely_grounded(draw(st.sampled_from(list(table().rows))))
    other = draw(anything)
    names = st.sampled_from([field.name for field in fields(Request) if field.name != "id"])
    changed = draw(st.lists(names, max_size=2))
    more = draw(st.lists(bases, max_size=2).map(tuple))
    request = replace(request, bases=(*more, *request.bases))
    return replace(request, **{name: getattr(other, name) for name in changed})


AID = st.sampled_from([Category.K0, Category.K1, Category.K2, Category.K3, Category.K4])
WELFARE = st.sampled_from([Category.K0, Category.K1, Category.K2, Category.K6])
requests = st.one_of(nearly_permitted(), nearly_permitted(), anything)
garbage = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.binary(max_size=4),
    st.sampled_from(["K3", "CWS", "P6", "case_worker", "N", True, False, object(), Category, ...]),
    st.datetimes(),
    st.lists(st.sampled_from(["K3", "P6", 1]), max_size=3),
    st.lists(st.sampled_from(["K3", "P6", 1, None]), min_size=1, max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)


def well_formed(name, value):
    """Values of the garbage that happen to be right for the field."""
    if name == "id":
        return isinstance(value, str) and value != ""
    if name in {"assigned", "limited_access", *MUST_BE_FLAGS}:
        return isinstance(value, bool)
    return name in {"reason_code", "topic"} and (value is None or (name == "reason_code" and bool(value)))


MUST_BE_FLAGS = {"minor_consented", "names_hiv", "alleged_abuser_in_recipient_clients"}


def width(answer):
    if isinstance(answer, Refusal):
        return (0, frozenset())
    return (1 if answer.outcome is Outcome.REDACT else 2, answer.fields)


def not_wider(narrow, wide):
    return width(narrow)[0] <= width(wide)[0] and width(narrow)[1] <= width(wide)[1]


@settings(max_examples=200, deadline=None)
@given(thing=garbage)
def test_what_is_no_request_is_refused_as_input(thing):
    answer = decide(thing, table())
    assert isinstance(answer, Refusal)
    assert (answer.rule, answer.request) == ("INPUT", None)


@settings(max_examples=200, deadline=None)
@given(data=st.data(), value=garbage)
def test_one_malformed_field_refuses_the_whole_request(data, value):
    request = sanction()
    part = data.draw(st.sampled_from(["", "subject", "item"]))
    target = getattr(request, part) if part else request
    name = data.draw(st.sampled_from([field.name for field in fields(target)]))
    if well_formed(name, value):
        return
    broken = replace(target, **{name: value})
    asked = replace(request, **{part: broken}) if part else broken
    if name == "bases" and value == ():
        return
    answer = decide(asked, table())
    assert isinstance(answer, Refusal)
    assert answer.rule == "INPUT"
    assert answer.detail


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from([field.name for field in fields(Basis)]), value=garbage)
def test_one_malformed_basis_of_several_refuses_the_whole_request(name, value):
    if value is None and name not in {"basis", "valid_from"}:
        return
    if name == "source" and isinstance(value, str) and value:
        return
    flags = {"names_protected_address", "names_hiv", "dv_specific", "part2_valid", "minor_own"}
    if name in flags | {"roster_member"} and isinstance(value, bool):
        return
    if name == "persons" and isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return
    broken = replace(roi(), **{name: value})
    answer = decide(sanction(bases=(roi(), broken)), table())
    assert isinstance(answer, Refusal)
    assert answer.rule == "INPUT"


def test_a_wrong_thing_among_the_bases_refuses_and_names_the_place():
    answer = decide(sanction(bases=(roi(), "a release, trust me")), table())
    assert (answer.rule, answer.detail) == ("INPUT", ("bases.1.type",))


def test_an_instant_without_an_offset_is_malformed():
    answer = decide(sanction(now=datetime(2026, 8, 3)), table())  # noqa: DTZ001
    assert answer.detail == ("now",)


def test_instants_at_the_ends_of_time_are_refused_and_raise_nothing():
    ends = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    for one in ends:
        for start in ends:
            decide(sanction(now=one, bases=(roi(valid_from=start, expires=one),)), table())


@settings(max_examples=300, deadline=None)
@given(request=requests)
def test_without_a_basis_nothing_is_permitted(request):
    assert isinstance(decide(replace(request, bases=()), table()), Refusal)


@settings(max_examples=300, deadline=None)
@given(request=requests)
def test_a_permit_never_shows_more_than_the_row_and_always_rests_on_a_live_basis(request):
    answer = decide(request, table())
    if isinstance(answer, Refusal):
        assert answer.reasons
        return
    assert answer.fields <= table().rows[request.category].fields
    assert request.holder is not request.recipient
    assert request.assigned
    assert request.subject.sensitivity is not Sensitivity.SEALED
    assert answer.sources <= {
        basis.source for basis in request.bases if basis.revoked_at is None or basis.revoked_at > request.now
    }


@settings(max_examples=300, deadline=None)
@given(request=requests)
def test_taking_a_basis_away_never_widens(request):
    whole = decide(request, table())
    for at in range(len(request.bases)):
        fewer = replace(request, bases=request.bases[:at] + request.bases[at + 1 :])
        assert not_wider(decide(fewer, table()), whole)


@settings(max_examples=300, deadline=None)
@given(request=requests)
def test_the_order_of_the_bases_changes_neither_outcome_nor_fields(request):
    turned = replace(request, bases=request.bases[::-1])
    assert width(decide(turned, table())) == width(decide(request, table()))


def overrides(request):
    """The same request with one more thing that speaks against it."""
    subject, item = request.subject, request.item
    yield replace(request, assigned=False)
    yield replace(request, subject=replace(subject, limited_access=True))
    yield replace(request, subject=replace(subject, sensitivity=Sensitivity.SEALED))
    if subject.sensitivity is Sensitivity.NONE:
        yield replace(request, subject=replace(subject, sensitivity=Sensitivity.SENSITIVE))
    yield replace(request, item=replace(item, names_hiv=True))
    yield replace(request, item=replace(item, minor_consented=True))
    yield replace(request, item=replace(item, alleged_abuser_in_recipient_clients=True))
    for category in Category:
        yield replace(request, item=replace(item, implies=(*item.implies, category)))
    for at, basis in enumerate(request.bases):
        gone = replace(basis, revoked_at=request.now)
        yield replace(request, bases=(*request.bases[:at], gone, *request.bases[at + 1 :]))


@settings(max_examples=200, deadline=None)
@given(request=requests)
def test_whatever_speaks_against_it_never_widens(request):
    before = decide(request, table())
    for asked in overrides(request):
        assert not_wider(decide(asked, table()), before)


def test_nobody_but_the_gate_makes_a_permit():
    permit = decide(removal(), table())
    assert isinstance(permit, Permit)
    parts = {field.name: getattr(permit, field.name) for field in fields(permit)}
    for token in (None, object(), True):
        with pytest.raises(TypeError, match="only the disclosure gate"):
            Permit(**parts, made_by=token)
    with pytest.raises((TypeError, ValueError)):
        replace(permit, fields=frozenset({"everything"}))
    with pytest.raises(AttributeError):
        permit.fields = frozenset()  # type: ignore[misc]
    assert copy.copy(permit) == permit


def test_the_same_request_gets_the_same_answer():
    for asked in (
        removal(),
        sanction(),
        removal(subject=CHILD, bases=(admin(), roi())),
        sanction(item=PLAIN),
    ):
        assert decide(asked, table()) == decide(asked, table())
