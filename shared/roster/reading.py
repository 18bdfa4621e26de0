"""A file as its records, read piece by piece: memory holds one record, however long the file is.

CSV is RFC 4180 in UTF-8, with or without a byte order mark, its first record the header. NDJSON is one object a line.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from shared.errors import FieldError, Invalid

PIECE = 1 << 16  # bytes of a file read at once
MAX_LINE = 64_000  # bytes of one record
_BOM = b"\xef\xbb\xbf"
_NOT_UTF_8 = "must be UTF-8: save the file again in this encoding"
_OPEN_QUOTE = "has a quotation mark that is not closed"


@dataclass(frozen=True, slots=True)
class Read:
    """A record with the line where it begins: its fields as text, or `fix`, what to do so that it can be read."""

    line: int
    fields: dict[str, str]
    fix: str = ""


class Reader(Protocol):
    """Takes a file in pieces and gives its records."""

    def feed(self, piece: bytes) -> Iterator[Read]:
        """The records that end in this piece. Raises Invalid for a file that is no roster."""
        ...

    def end(self) -> Iterator[Read]:
        """What is left when the file has ended. Raises Invalid for an empty file."""
        ...


def is_ndjson(file: Path) -> bool:
    """Whether a file is NDJSON by its name; else it is CSV."""
    return file.suffix in (".ndjson", ".jsonl")


def reader_of(columns: frozenset[str], required: frozenset[str], *, ndjson: bool) -> "Reader":
    """A reader of records with these columns; only a CSV file has a header that may lack one."""
    return NdjsonReader(columns) if ndjson else CsvReader(columns, required)


class _Lines:
    """Pieces as lines, with their numbers."""

    def __init__(self) -> None:
        self._rest = b""
        self._number = 0

    def feed(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """The lines that end in this piece, without their ends."""
        *whole, self._rest = (self._rest + piece).split(b"\n")
        for line in whole:
            yield self._numbered(line)
        if len(self._rest) > MAX_LINE:
            self._numbered(self._rest)

    def end(self) -> Iterator[tuple[int, bytes]]:
        """The last line, if it has no end."""
        if self._rest:
            yield self._numbered(self._rest)

    def _numbered(self, line: bytes) -> tuple[int, bytes]:
        self._number += 1
        if len(line) > MAX_LINE:
            raise Invalid(FieldError(f"/{self._number}", f"is longer than {MAX_LINE} bytes"))
        if self._number == 1:
            line = line.removeprefix(_BOM)
        return self._number, line.removesuffix(b"\r")


class CsvReader:
    """CSV. A column that is not known, or is there twice, refuses the file: its data would be lost."""

    def __init__(self, columns: frozenset[str], required: frozenset[str]) -> None:
        self._columns, self._required = columns, required
        self._lines = _Lines()
        self._header: list[str] | None = None
        self._begun: list[str] = []  # the lines of a record that goes on over lines
        self._line = 0

    def feed(self, piece: bytes) -> Iterator[Read]:
        """The records that end in this piece. Raises Invalid for a header that is none."""
        for number, line in self._lines.feed(piece):
            yield from self._take(number, line)

    def end(self) -> Iterator[Read]:
        """What is left. Raises Invalid for an empty file."""
        for number, line in self._lines.end():
            yield from self._take(number, line)
        if self._header is None:
            raise Invalid(FieldError("", "needs a header: a first line with the names of the columns"))
        if self._begun:
            yield Read(self._line, {}, _OPEN_QUOTE)

    def _take(self, number: int, line: bytes) -> Iterator[Read]:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            if self._header is None:
                raise Invalid(FieldError("", _NOT_UTF_8)) from None
            self._begun = []
            yield Read(number, {}, _NOT_UTF_8)
            return
        if not self._begun:
            if not text.strip():
                return
            self._line = number
        self._begun.append(text + "\n")
        try:
            fields = _fields(self._begun)
        except csv.Error:
            if sum(map(len, self._begun)) > MAX_LINE:
                self._begun = []
                yield Read(self._line, {}, _OPEN_QUOTE)
            return
        self._begun = []
        if fields is None:
            yield Read(self._line, {}, "has text after a closing quotation mark")
        elif self._header is None:
            self._header = self._checked(fields)
        elif len(fields) != len(self._header):
            yield Read(self._line, {}, "must have as many fields as the header")
        else:
            yield Read(self._line, dict(zip(self._header, fields, strict=True)))

    def _checked(self, fields: list[str]) -> list[str]:
        """The header, whose names may be in capitals and have spaces around them."""
        names = [field.strip().lower() for field in fields]
        errors = [
            FieldError(f"/header/{place}", "is not a column of this roster: remove it or correct its name")
            for place, name in enumerate(names, 1)
            if name not in self._columns
        ]
        errors += [
            FieldError(f"/header/{place}", "has the name of a column before it")
            for place, name in enumerate(names, 1)
            if name in names[: place - 1]
        ]
        errors += [
            FieldError("/header", f"needs the column {name}") for name in sorted(self._required - set(names))
        ]
        if errors:
            raise Invalid(*errors)
        return names


def _fields(lines: list[str]) -> list[str] | None:
    """The fields of one record; None if it is malformed. Raises csv.Error if it goes on in the next line."""
    try:
        return next(csv.reader(lines, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise
        return None


class NdjsonReader:
    """NDJSON: one object a line, whose values are texts, numbers, true, false or null."""

    def __init__(self, columns: frozenset[str]) -> None:
        self._columns = columns
        self._lines = _Lines()
        self._any = False

    def feed(self, piece: bytes) -> Iterator[Read]:
        """The records that end in this piece."""
        for number, line in self._lines.feed(piece):
            yield from self._take(number, line)

    def end(self) -> Iterator[Read]:
        """What is left. Raises Invalid for an empty file."""
        for number, line in self._lines.end():
            yield from self._take(number, line)
        if not self._any:
            raise Invalid(FieldError("", "needs a line at least"))

    def _take(self, number: int, line: bytes) -> Iterator[Read]:
        if not line.strip():
            return
        self._any = True
        try:
            found: Any = json.loads(line)
        except UnicodeDecodeError:
            yield Read(number, {}, _NOT_UTF_8)
            return
        except (ValueError, RecursionError):
            yield Read(number, {}, "is not JSON: check the syntax")
            return
        if not isinstance(found, dict):
            yield Read(number, {}, "must be an object")
        elif not found.keys() <= self._columns:
            yield Read(number, {}, "has a field that is not known here: remove it")
        elif any(isinstance(value, list | dict) for value in found.values()):
            yield Read(number, {}, "must have no lists or objects in it")
        else:
            yield Read(number, {name: _text(value) for name, value in found.items()})


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
