"""The shapes in which somebody could hide in bytes, and a search that sees through them.

Names are looked for by a table of four-byte pieces at every fourth place, numbers and dates by their shape. What is
packed (hex, base64, percent signs, JSON escapes, UTF-16, gzip, zlib, bzip2, xz) is unpacked first, twice at most; an
unkeyed hash of a Social Security number counts as the number.
"""

import base64
import binascii
import bz2
import hashlib
import lzma
import re
import sys
import unicodedata
import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress

from tests.canary.canaries import Canary, bare

_PIECE = 4
_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
_HASH_BYTES = 12  # of the beginning of a hash: a shortened one counts too
_DEPTH = 2  # of packings one in the other
_LONGEST_ARCHIVE = 1_000_000  # bytes
_GAP = b" \x1e\n "  # between what was unpacked at different places

_SSN = re.compile(rb"\d{3}([-. /_:])\d\d\1\d{4}|\d{4}([-. /_:])\d\d\2\d{3}")
_DIGITS = re.compile(rb"\d{9,13}(?!\d)")
_FRACTION = re.compile(rb"\d\.\d{0,30}\Z")
_PHONE = re.compile(rb"\d{3}[^\da-z]{0,3}555[^\da-z]?\d{4}")
_CIN = re.compile(rb"9\d{7}[a-z]")
_YEAR_FIRST = re.compile(rb"(?<!\d)((?:19|20)\d\d)([-/. ]?)([01]\d)\2([0-3]\d)(?!\d)")
_YEAR_LAST = re.compile(rb"(?<!\d)([0-3]\d)([-/. ])([0-3]\d)\2((?:19|20)\d\d)(?!\d)")
_HEX_AROUND = re.compile(rb"[0-9a-f]*")

_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{11,}")
_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")
_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})|&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));")
_PRINTABLE = bytes(range(32, 127)) + b"\t\n\r\0"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_UNZIPPED: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"\x1f\x8b\x08", lambda data: zlib.decompressobj(31).decompress(data)),
    (b"\x78\x01", lambda data: zlib.decompressobj().decompress(data)),
    (b"\x78\x9c", lambda data: zlib.decompressobj().decompress(data)),
    (b"\x78\xda", lambda data: zlib.decompressobj().decompress(data)),
    (b"BZh", bz2.decompress),
    (b"\xfd7zXZ\x00", lzma.decompress),
)

Found = dict[tuple[int, str], int]
"""How often: by the canary's place in the list, and the form."""


class Search:
    """Looks for canaries in bytes."""

    def __init__(self, canaries: list[Canary]) -> None:
        self._words: dict[int, list[tuple[int, bytes, int, str]]] = defaultdict(list)
        self._numbers: dict[str, dict[str, int]] = defaultdict(dict)
        for at, canary in enumerate(canaries):
            digits = re.sub(r"\D", "", canary.value)
            match canary.kind:
                case "name" | "street":
                    self._learn_word(canary.value, at)
                case "ssn":
                    self._numbers["ssn"][digits] = at
                    self._learn_hashes(canary.value, at)
                case "cin":
                    self._numbers["cin"][canary.value.lower()] = at
                case kind:
                    self._numbers[kind][digits] = at
        self._ssns = self._numbers["ssn"]
        self._backwards = {digits[::-1]: at for digits, at in self._ssns.items()}

    # --- what is looked for ---

    def _learn_word(self, word: str, at: int) -> None:
        written = {word.lower(), word.upper(), bare(word)}
        written |= {unicodedata.normalize("NFD", one) for one in written}
        for one in written:
            for form, text in (("plain", one), ("backwards", one[::-1])):
                for encoding in ("utf-8", "latin-1"):
                    with suppress(UnicodeEncodeError):
                        self._learn(text.encode(encoding).lower(), at, form)

    def _learn_hashes(self, ssn: str, at: int) -> None:
        for text in (ssn, ssn.replace("-", ""), ssn.replace("-", " ")):
            for name in _HASHES:
                digest = hashlib.new(name, text.encode()).digest()[:_HASH_BYTES]
                self._learn(digest.lower(), at, f"{name} of it")

    def _learn(self, pattern: bytes, at: int, form: str) -> None:
        """By the pieces at its first four places: one of them stands at a fourth place of whatever holds it."""
        for offset in range(_PIECE):
            piece = int.from_bytes(pattern[offset : offset + _PIECE], sys.byteorder)
            if (entry := (offset, pattern, at, form)) not in self._words[piece]:
                self._words[piece].append(entry)

    # --- the search ---

    def find(self, data: bytes, *, packed: bool = True) -> Found:
        """What stands in bytes, in any form; unless `packed`, only what stands there unpacked."""
        found: Found = defaultdict(int)
        views, deepest = [("", data)], _DEPTH if packed else 0
        for depth in range(deepest + 1):
            for ways, view in views:
                for at, form in self._plainly(view):
                    found[at, f"{ways}{form}"] += 1
            if depth < deepest:
                views = [
                    (f"{ways}{how}, ", opened)
                    for ways, view in views
                    for how, opened in unpacked(view if depth == 0 else _sensible(view))
                ]
        return dict(found)

    def _plainly(self, data: bytes) -> Iterator[tuple[int, str]]:
        flat = data.lower()
        yield from self._of_words(flat)
        yield from self._of_ssns(flat)
        shapes: Iterable[tuple[str, re.Pattern[bytes]]] = (("phone", _PHONE), ("cin", _CIN))
        for kind, shape in shapes:
            known = self._numbers[kind]
            for match in shape.finditer(flat):
                at = known.get(re.sub(rb"[^\da-z]", b"", match[0]).decode())
                if at is not None:
                    yield at, "plain"
        yield from self._of_dates(flat)

    def _of_words(self, flat: bytes) -> Iterator[tuple[int, str]]:
        pieces = array("I")
        pieces.frombytes(flat[: len(flat) // _PIECE * _PIECE])
        known = self._words
        for place, piece in enumerate(pieces):
            if piece in known:
                for offset, pattern, at, form in known[piece]:
                    if flat.startswith(pattern, place * _PIECE - offset) and place * _PIECE >= offset:
                        yield at, form

    def _of_ssns(self, flat: bytes) -> Iterator[tuple[int, str]]:
        for match in _SSN.finditer(flat):
            digits = re.sub(rb"\D", b"", match[0]).decode()
            if digits in self._ssns:
                yield self._ssns[digits], "dashed"
            elif digits in self._backwards:
                yield self._backwards[digits], "backwards"
        for match in _DIGITS.finditer(flat):
            run = match[0].decode()
            for start in range(len(run) - 8):
                nine = run[start : start + 9]
                for known, form in ((self._ssns, "plain"), (self._backwards, "backwards")):
                    if nine in known and not _is_chance(flat, match.start(), match.end()):
                        yield known[nine], form

    def _of_dates(self, flat: bytes) -> Iterator[tuple[int, str]]:
        known: Mapping[str, int] = self._numbers["birth date"]
        for match in _YEAR_FIRST.finditer(flat):
            year, _, month, day = (one.decode() for one in match.groups())
            if year + month + day in known and not (
                match[2] == b"" and _is_chance(flat, match.start(), match.end())
            ):
                yield known[year + month + day], "plain"
        for match in _YEAR_LAST.finditer(flat):
            one, _, other, year = (part.decode() for part in match.groups())
            for monthday in {one + other, other + one}:
                if year + monthday in known:
                    yield known[year + monthday], "plain"


def _is_chance(flat: bytes, start: int, end: int) -> bool:
    """Whether digits are part of a long fraction, or of a hash: there any number stands sooner or later."""
    if _FRACTION.search(flat[max(0, start - 34) : start]):
        return True
    before = _HEX_AROUND.match(flat[max(0, start - 128) : start][::-1])
    after = _HEX_AROUND.match(flat[end : end + 128])
    around = len(before[0] if before else b"") + len(after[0] if after else b"")
    return around + end - start >= 32


# --- packings ---


def _sensible(data: bytes) -> bytes:
    """What of unpacked pieces may be packed once more: what is text for the most part, or an archive."""
    return _GAP.join(
        piece
        for piece in data.split(_GAP)
        if 5 * len(piece.translate(None, _PRINTABLE)) <= len(piece)
        or any(magic in piece[:16] for magic, _ in _UNZIPPED)
    )


def unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What is packed in bytes, unpacked, by the way in which it was packed."""
    if b"\0" in data:
        yield "UTF-16", data.replace(b"\0", b"")
    for how, opened in (
        ("hex", _from_hex(data)),
        ("base64", _from_base64(data)),
        ("percent", _PERCENT.sub(_byte, data) if _PERCENT.search(data) else b""),
        ("escaped", _ESCAPE.sub(_character, data) if _ESCAPE.search(data) else b""),
        ("zipped", _GAP.join(_unzipped(data))),
    ):
        if opened:
            yield how, opened


def _from_hex(data: bytes) -> bytes:
    opened = [binascii.unhexlify(run) for run in set(_HEX.findall(data))]
    for match in re.finditer(rb"[0-9a-fA-F]{17,}", data):  # from the odd places of a run
        run = match[0][1:]
        opened.append(binascii.unhexlify(run[: len(run) // 2 * 2]))
    return _GAP.join(opened)


def _from_base64(data: bytes) -> bytes:
    """From each of the four places at which a quartet can begin in a run that other letters may precede."""
    opened = []
    for run in set(_BASE64.findall(data)):
        plain = run.translate(_URL_SAFE)
        for start in range(4):
            part = plain[start:]
            if len(part) % 4 == 1:
                part = part[:-1]
            opened.append(base64.b64decode(part + b"=" * (-len(part) % 4)))
    return _GAP.join(opened)


def _character(match: re.Match[bytes]) -> bytes:
    code = int(match[1] or match[2], 16) if match[1] or match[2] else int(match[3])
    return chr(code).encode(errors="replace") if code < 0x110000 else b"?"


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))


def _unzipped(data: bytes) -> Iterator[bytes]:
    """Archives, wherever they begin."""
    for magic, unzip in _UNZIPPED:
        start = data.find(magic)
        while start >= 0:
            with suppress(zlib.error, OSError, EOFError, ValueError, lzma.LZMAError):
                if opened := unzip(data[start : start + _LONGEST_ARCHIVE]):
                    yield opened
            start = data.find(magic, start + 1)
