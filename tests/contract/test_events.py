"""Events keep their promise: what was published once stays readable, and what cannot be read is said so.

A golden file holds one event of a type, with every field, as it was first published. For a new type write one with the
sealing key below and commit it; never change one.
"""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from shared.bus import Message
from shared.crypto import CountyKeys, Keyring
from shared.errors import InvalidEvent
from shared.events import Envelope, Event, calworks, coordination, cws
from shared.events.person import Address, Name, PersonDetails
from shared.events.sealing import open_person, seal_person

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = Path(__file__).parents[2] / "deploy" / "contracts" / "events"
TYPES = {**cws.TYPES, **calworks.TYPES, **coordination.TYPES}
EVERY_TYPE = pytest.mark.parametrize("name", sorted(TYPES))

KEY = Keyring({"golden": bytes(range(32))}, "golden")
COUNTY_KEYS = CountyKeys({}, bytes(range(32, 64)))
MARIA = PersonDetails(
    name=Name(first_name="María José", middle_name="L", last_name="Núñez de la Cruz", suffix="Jr"),
    aliases=(Name(first_name="Mary", last_name="Nunez"),),
    birth_date="1991-02-30",
    sex="F",
    ssn=(COUNTY_KEYS.ssn_tokens("219123456"),),
    cin="91234567A",
    addresses=(
        Address(
            street="12 Elm St",
            unit="4",
            city="Visalia",
            state="CA",
            zip="93291",
            from_date=date(2025, 1, 1),
            until_date=date(2026, 1, 1),
            kind="shelter",
        ),
    ),
    phones=("559 555 0101",),
    language="es",
)


def golden(name: str) -> dict[str, Any]:
    """The golden file of a type: headers and body."""
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return found


def message(headers: dict[str, str], body: object) -> Message:
    """An event as it lies in the log."""
    return Message(
        headers.get("ce_partitionkey", "").encode(),
        json.dumps(body).encode(),
        tuple((name, value.encode()) for name, value in headers.items()),
    )


def whole(headers: dict[str, str], body: object) -> dict[str, Any]:
    """An event in the JSON format of CloudEvents, which the schemas describe."""
    attributes = {
        name.removeprefix("ce_"): value for name, value in headers.items() if name != "content-type"
    }
    return {**attributes, "datacontenttype": headers["content-type"], "data": body}


def validator(name: str) -> Draft202012Validator:
    """The committed schema of a type."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


@EVERY_TYPE
def test_every_event_has_a_golden_file_with_every_field(name: str) -> None:
    assert set(golden(name)["body"]) == set(TYPES[name].model_fields)


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(TYPES)


@EVERY_TYPE
def test_what_was_published_is_read_and_would_be_published_the_same_again(name: str) -> None:
    kept = golden(name)
    envelope = Envelope.read(message(kept["headers"], kept["body"]), TYPES)
    assert envelope.headers() == kept["headers"]
    assert json.loads(envelope.data.model_dump_json(exclude_none=True)) == kept["body"]


@EVERY_TYPE
def test_what_was_published_fits_the_committed_schema(name: str) -> None:
    kept = golden(name)
    validator(name).validate(whole(kept["headers"], kept["body"]))


@EVERY_TYPE
def test_fields_of_a_later_version_are_passed_over(name: str) -> None:
    kept = golden(name)
    later = {**kept["body"], "added_later": {"deep": [1]}}
    envelope = Envelope.read(message({**kept["headers"], "ce_addedlater": "x"}, later), TYPES)
    assert json.loads(envelope.data.model_dump_json(exclude_none=True)) == kept["body"]
    validator(name).validate(whole({**kept["headers"], "ce_addedlater": "x"}, later))


@EVERY_TYPE
def test_the_schema_and_the_reader_refuse_the_same(name: str) -> None:
    """Without a field that has no default, neither takes the event."""
    kept = golden(name)
    for field, info in TYPES[name].model_fields.items():
        body = {key: value for key, value in kept["body"].items() if key != field}
        if info.is_required():
            with pytest.raises(InvalidEvent):
                Envelope.read(message(kept["headers"], body), TYPES)
            with pytest.raises(ValidationError):
                validator(name).validate(whole(kept["headers"], body))
        else:
            Envelope.read(message(kept["headers"], body), TYPES)
            validator(name).validate(whole(kept["headers"], body))


REQUIRED = (
    "specversion", "id", "source", "type", "subject", "time", "partitionkey", "sequence", "county", "recordedat",
)  # fmt: skip


@pytest.mark.parametrize("attribute", REQUIRED)
def test_an_event_without_a_required_attribute_cannot_be_read(attribute: str) -> None:
    kept = golden("linkages.cws.child.removed.v1")
    headers = {name: value for name, value in kept["headers"].items() if name != f"ce_{attribute}"}
    with pytest.raises(InvalidEvent, match=attribute):
        Envelope.read(message(headers, kept["body"]), TYPES)
    with pytest.raises(ValidationError):
        validator("linkages.cws.child.removed.v1").validate(whole(headers, kept["body"]))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("specversion", "0.3"),
        ("type", "linkages.cws.child.removed.v2"),
        ("sequence", "0"),
        ("sequence", "-1"),
        ("sequence", "one"),
        ("sequence", str(2**63)),
        ("sequence", "9" * 5000),
        ("time", "2026-03-02T18:00:00"),
        ("time", "yesterday"),
        ("recordedat", "2026-03-02"),
        ("effectivedate", "2026-02-30"),
        ("partitionkey", "cl_another"),
        ("subject", "cl_another"),
        ("county", "canary"),
    ],
)
def test_a_malformed_attribute_makes_an_event_unreadable_and_is_not_repeated(
    attribute: str, value: str
) -> None:
    kept = golden("linkages.cws.child.removed.v1")
    with pytest.raises(InvalidEvent) as refused:
        Envelope.read(message({**kept["headers"], f"ce_{attribute}": value}, kept["body"]), TYPES)
    assert value not in str(refused.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
headers_given = st.dictionaries(
    st.sampled_from([f"ce_{name}" for name in (*REQUIRED, "effectivedate", "cats", "actor")]),
    st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode(errors="replace")),
)


@given(
    name=st.sampled_from(sorted(TYPES)),
    changed=headers_given,
    fields=st.dictionaries(st.integers(0, 9), json_values, max_size=3),
    cut=st.none() | st.integers(0, 60),
)
@settings(max_examples=500)
def test_whatever_lies_in_the_log_is_read_or_refused_as_unreadable(
    name: str, changed: dict[str, bytes], fields: dict[int, Any], cut: int | None
) -> None:
    kept = golden(name)
    names = sorted(kept["body"])
    body = {**kept["body"], **{names[at % len(names)]: value for at, value in fields.items()}}
    headers = {**{k: v.encode() for k, v in kept["headers"].items()}, **changed}
    value = json.dumps(body).encode()[:cut]
    try:
        envelope = Envelope.read(Message(b"k", value, tuple(headers.items())), TYPES)
    except InvalidEvent:
        return
    again = {k: v.encode() for k, v in envelope.headers().items()}
    assert Envelope.read(Message(b"k", value, tuple(again.items())), TYPES) == envelope


@given(
    value=st.binary(max_size=80),
    headers=st.lists(st.tuples(st.text(max_size=12), st.binary(max_size=12)), max_size=8),
)
def test_bytes_that_are_no_event_are_refused_as_unreadable(
    value: bytes, headers: list[tuple[str, bytes]]
) -> None:
    with pytest.raises(InvalidEvent):
        Envelope.read(Message(value, value, tuple(headers)), TYPES)


references = st.text("abcdefghijklmnopqrstuvwxyz234567_", min_size=1, max_size=12)
instants = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def events() -> st.SearchStrategy[Event]:
    """Any event of any type."""
    st.register_type_strategy(datetime, instants)
    st.register_type_strategy(str, references)
    return st.one_of([st.builds(kind) for kind in TYPES.values()])


@given(
    data=events(),
    time=instants,
    sequence=st.integers(1, 2**62),
    optional=st.fixed_dictionaries(
        {},
        optional={
            "effectivedate": st.dates(),
            "correlationid": references,
            "causationid": references,
            "actor": references,
            "cats": st.lists(st.sampled_from(["K0", "K3", "K4"]), unique=True).map(tuple),
            "traceparent": references,
        },
    ),
)
def test_every_event_survives_the_log_and_fits_its_schema(
    data: Event, time: datetime, sequence: int, optional: dict[str, Any]
) -> None:
    sent = Envelope(
        id="ev_1",
        source="/test",
        county="43",
        time=time,
        recordedat=time + timedelta(seconds=1),
        sequence=sequence,
        data=data,
        **optional,
    )
    body = json.loads(data.model_dump_json(exclude_none=True))
    assert Envelope.read(message(sent.headers(), body), TYPES) == sent
    validator(data.type()).validate(whole(sent.headers(), body))


SEALED = {"linkages.cws.client.upserted.v1": "client", "linkages.calworks.person.upserted.v1": "person_ref"}


def bound(name: str, **other: str) -> dict[str, str]:
    """What the sealed person of a golden file is bound to."""
    kept = golden(name)
    return {
        "event_id": kept["headers"]["ce_id"],
        "event_type": name,
        "county": kept["headers"]["ce_county"],
        "subject": kept["body"][SEALED[name]],
        **other,
    }


@pytest.mark.parametrize("name", SEALED)
def test_a_person_sealed_long_ago_can_be_opened(name: str) -> None:
    assert open_person(golden(name)["body"]["person"], KEY, **bound(name)) == MARIA


@pytest.mark.parametrize("name", SEALED)
@pytest.mark.parametrize("part", ["event_id", "event_type", "county", "subject"])
def test_a_sealed_person_cannot_be_moved_to_another_event(name: str, part: str) -> None:
    with pytest.raises(InvalidEvent):
        open_person(golden(name)["body"]["person"], KEY, **bound(name, **{part: "another"}))


@given(text=st.text())
def test_text_that_was_never_sealed_is_refused_as_unreadable(text: str) -> None:
    with pytest.raises(InvalidEvent):
        open_person(text, KEY, event_id="e", event_type="t", county="43", subject="s")


@given(at=st.integers(0, 60), flip=st.integers(1, 255))
def test_one_altered_byte_of_a_sealed_person_is_found(at: int, flip: int) -> None:
    about = {"event_id": "e", "event_type": "t", "county": "43", "subject": "s"}
    sealed = bytearray(base64.b64decode(seal_person(MARIA, KEY, **about)))
    sealed[at] ^= flip
    with pytest.raises(InvalidEvent):
        open_person(base64.b64encode(bytes(sealed)).decode(), KEY, **about)


IDENTITY = {
    "name", "first_name", "middle_name", "last_name", "aliases", "birth_date", "ssn", "cin", "address", "addresses",
    "street", "phone", "phones", "email", "sex", "language",
}  # fmt: skip


def fields_of(schema: Any, skip: set[str]) -> set[str]:
    """Every property named anywhere in a schema, except below some definitions."""
    if isinstance(schema, list):
        return set().union(*(fields_of(one, skip) for one in schema))
    if not isinstance(schema, dict):
        return set()
    named = set(schema.get("properties", {}))
    return named.union(*(fields_of(value, skip) for key, value in schema.items() if key not in skip))


@EVERY_TYPE
def test_identity_stands_in_the_sealed_field_and_nowhere_else(name: str) -> None:
    """A worker's own name and phone are whom to call (K0), not identity of a family."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    assert not fields_of(schema, skip={"Worker"}) & IDENTITY
    if name in SEALED:
        assert schema["properties"]["data"]["properties"]["person"]["type"] == "string"
    assert "ssn" not in json.dumps(golden(name)).lower()
    assert "María" not in (GOLDEN / f"{name}.json").read_text()
