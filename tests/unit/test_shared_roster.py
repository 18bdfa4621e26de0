"""A roster as it is read and checked: in any pieces, and with little that keeps a row out."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto import CountyKeys, Keyring
from shared.errors import Invalid
from shared.roster.checking import Checked, Words, check
from shared.roster.reading import CsvReader, NdjsonReader, Read

WORDS = Words(frozenset({"child", "parent"}), {"open": None, "closed": None}, ("home_id",))
KEYS = CountyKeys({"p": Keyring({"k": secrets.token_bytes(32)}, "k")}, secrets.token_bytes(32))
FILE = (
    '\ufeffrecord_id,Last_Name , street\r\n1,Reyes,"12 Elm, ""B""\r\nrear"\r\n\r\n2,Ñuñez,x\n3,a\n'.encode()
)


def in_pieces(reader: CsvReader | NdjsonReader, file: bytes, size: int) -> list[Read]:
    found = [one for at in range(0, len(file), size) for one in reader.feed(file[at : at + size])]
    return [*found, *reader.end()]


def checked(**fields: str) -> Checked:
    return check(Read(2, {"record_id": "A", "last_name": "Reyes", **fields}), WORDS, KEYS)


@given(st.integers(1, 90))
def test_a_file_reads_the_same_in_pieces_of_any_size(size: int) -> None:
    found = in_pieces(CsvReader(WORDS.columns, frozenset({"record_id"})), FILE, size)
    assert [(one.line, one.fields.get("last_name")) for one in found] == [
        (2, "Reyes"),
        (5, "Ñuñez"),
        (6, None),
    ]
    assert found[0].fields["street"] == '12 Elm, "B"\nrear'
    assert found[2].fix


def test_ndjson_takes_numbers_and_refuses_what_is_no_text() -> None:
    lines = b'{"record_id": 7, "last_name": null}\n{"role": []}\n{"x": 1}\nnot json\n[]'
    found = in_pieces(NdjsonReader(WORDS.columns), lines, 7)
    assert found[0].fields == {"record_id": "7", "last_name": ""}
    assert all(one.fix for one in found[1:])


@pytest.mark.parametrize("column", ["birth_date", "zip", "phone"])
def test_what_cannot_be_right_is_a_warning_and_stays(column: str) -> None:
    found = checked(**{column: "31/31/20"})
    assert [one.column for one in found.findings] == [column]
    assert found.row is not None
    assert "31/31/20" in found.row.model_dump_json()


def test_a_malformed_number_is_dropped_and_never_kept() -> None:
    found = checked(ssn="612-47-83")
    assert [one.column for one in found.findings] == ["ssn"]
    assert found.row is not None
    assert found.row.details.ssn == ()
    assert "612" not in found.row.model_dump_json()


@pytest.mark.parametrize("column", ["role", "status", "sex", "sensitivity", "address_protected"])
def test_an_unknown_word_rejects_the_row_and_is_not_repeated(column: str) -> None:
    found = checked(**{column: "zqcanary"})
    assert found.row is None
    assert [one.column for one in found.findings] == [column]
    assert "zqcanary" not in found.findings[0].fix


def test_an_id_that_holds_a_social_security_number_rejects_the_row_and_is_not_repeated() -> None:
    found = checked(record_id="612-47-8390")
    assert found.row is None
    assert "record_id" in [finding.column for finding in found.findings]
    assert "8390" not in str(found.findings)


def test_a_line_without_end_is_refused() -> None:
    with pytest.raises(Invalid):
        list(CsvReader(WORDS.columns, frozenset()).feed(b"x" * 100_000))
