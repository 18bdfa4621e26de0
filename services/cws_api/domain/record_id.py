"""Record ids of CWS/CMS: a key of 10 characters, shown to its workers as 19 digits.

The first 7 characters are a packed time, the last 3 a packed worker; in base 62 they are 13 and 6 digits.
Upper and lower case differ: `AHooKwN0F4` is `0584-3274-2768-3000934`, and `AHOOKWN0F4` is another record.
"""

import re
from string import ascii_lowercase, ascii_uppercase, digits

_BASE_62 = digits + ascii_uppercase + ascii_lowercase
_TIME, _WORKER = 7, 3  # characters of a key
_TIME_DIGITS, _WORKER_DIGITS = 13, 6
_SHOWN = re.compile(r"([0-9]{4})(-?)([0-9]{4})\2([0-9]{4})\2([0-9]{7})")
_KEY = re.compile(r"[0-9A-Za-z]{10}")


def stored(record_id: str) -> str:
    """A record id as it is kept and compared: the key of 19 digits, with or without dashes; else as it is.

    Raises ValueError for 19 digits that no key has.
    """
    if not _SHOWN.fullmatch(record_id):
        return record_id
    number = record_id.replace("-", "")
    return _packed(int(number[:_TIME_DIGITS]), _TIME) + _packed(int(number[_TIME_DIGITS:]), _WORKER)


def shown(key: str) -> str:
    """The 19 digits of a key, with dashes. Raises ValueError for what is no key."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a key of 10 characters")
    number = f"{_unpacked(key[:_TIME]):0{_TIME_DIGITS}}{_unpacked(key[_TIME:]):0{_WORKER_DIGITS}}"
    return f"{number[:4]}-{number[4:8]}-{number[8:12]}-{number[12:]}"


def _packed(number: int, width: int) -> str:
    packed = ""
    for _ in range(width):
        number, rest = divmod(number, len(_BASE_62))
        packed = _BASE_62[rest] + packed
    if number:
        raise ValueError("more than the characters of a key can hold")
    return packed


def _unpacked(packed: str) -> int:
    number = 0
    for one in packed:
        number = number * len(_BASE_62) + _BASE_62.index(one)
    return number
