"""Merged records: whom each counts for, however long the chain."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.matcher.identity import register
from services.matcher.identity.merges import Merges, Redirect, follow
from services.matcher.identity.register import Register


def merges(*pairs: str, sealed: str = "") -> Merges:
    """`ab` for: a was merged into b."""
    return follow(Redirect(one, into, one in sealed) for one, into in pairs)


def test_a_chain_ends_at_its_last_survivor() -> None:
    found = merges("ab", "bc", "dc", "xy")
    assert {ref: found.root(ref) for ref in "abcdxyz"} == {
        "a": "c", "b": "c", "c": "c", "d": "c", "x": "y", "y": "y", "z": "z",
    }  # fmt: skip
    assert found.classes({"a"}) == set("abcd")
    assert found.classes({"z"}) == {"z"}
    assert not found.hidden


def test_somebody_sealed_anywhere_in_the_chain_hides_the_survivor() -> None:
    assert merges("ab", "bc", sealed="a").hidden == {"c"}
    assert merges("ab", "bc", sealed="b").hidden == {"c"}


def test_a_circle_counts_for_its_first_by_name_and_is_hidden() -> None:
    found = merges("bc", "cb", "ab")
    assert {found.root(ref) for ref in "abc"} == {"b"}
    assert "b" in found.hidden


@given(
    into=st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).map(
        lambda found: {one: other for one, other in found.items() if one != other}
    ),
    seed=st.integers(0, 9),
)
def test_whom_a_record_counts_for_depends_on_no_order_and_counts_for_itself(
    into: dict[str, str], seed: int
) -> None:
    told = [Redirect(one, other, is_sealed=False) for one, other in into.items()]
    shuffled = Random(seed).sample(told, len(told))
    found = follow(told)
    assert found == follow(shuffled)
    for ref, other in into.items():
        assert found.root(found.root(ref)) == found.root(ref)
        assert found.root(ref) == found.root(other)


def test_void_and_merged_each_keep_their_own_mark() -> None:
    """An upsert parked as a dead letter and read late makes neither of them undone."""
    void = register.voided(Register("cws", "cl_1"), 5)
    again = register.upserted(void, 3, b"late", record_id=None, sensitivity="N")
    assert again.record == b"late"
    assert not again.counts
    merged = register.merged(Register("cws", "cl_1"), 4, "cl_2")
    assert register.merged(merged, 3, "cl_3").merged_into == "cl_2"
    assert not register.upserted(merged, 6, b"later", record_id=None, sensitivity="N").counts
