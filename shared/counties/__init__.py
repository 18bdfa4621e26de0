"""County settings: `default.yaml`, and one `NN.yaml` for each county that differs from it.

A setting is one dated value, or a list of them, each with the source that it comes from. What the settings
mean is known to the code that reads them, not here.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_FIRST, _LAST = 1, 58
_VALUE_KEYS = frozenset({"value", "source", "effective_from", "effective_until"})
_FILE_KEYS = frozenset({"county", "name", "settings"})


class PolicyFileError(ValueError):
    """A policy file cannot be used; the message names the file and the key."""


@dataclass(frozen=True)
class Setting:
    """One value, in force from the start of one date to the end of another (None: without limit)."""

    value: Any
    source: str
    effective_from: date | None
    effective_until: date | None

    def in_force(self, on: date) -> bool:
        """Whether it applies on that day."""
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_until is None or on <= self.effective_until)


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML in which no key may stand twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise PolicyFileError(f"{key!r} stands twice{node.start_mark}")
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. PolicyFileError: not YAML, no mapping, or a key given twice."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506
    except yaml.YAMLError as wrong:
        raise PolicyFileError(f"{path.name} is not YAML: {wrong}") from wrong
    if not isinstance(content, dict):
        raise PolicyFileError(f"{path.name} must hold a mapping")
    return content


def counties(folder: Path = _FOLDER) -> tuple[str, ...]:
    """The counties that have a file of their own."""
    return tuple(sorted(path.stem for path in folder.glob("[0-9][0-9].yaml")))


def load(county: str, on: date, folder: Path = _FOLDER) -> dict[str, Setting]:
    """The settings of a county ("01" to "58") in force on a day: its own, else the default's.

    PolicyFileError: no such county, an unknown key, a value without a source, two values in force at once,
    or a setting that has none.
    """
    if len(county) != len("00") or not county.isdecimal() or not _FIRST <= int(county) <= _LAST:
        raise PolicyFileError("a county is two digits, 01 to 58")
    shipped = _settings(folder / "default.yaml")
    own_file = folder / f"{county}.yaml"
    own = _settings(own_file, county) if own_file.exists() else {}
    for key in own:
        if key not in shipped:
            raise PolicyFileError(f"{own_file.name}: unknown setting {key!r}")
    return {
        key: _one(own_file.name, key, own.get(key, ()), on) or _needed(key, shipped[key], on)
        for key in shipped
    }


def _settings(path: Path, county: str | None = None) -> dict[str, tuple[Setting, ...]]:
    content = read_yaml(path)
    for key in content:
        if key not in _FILE_KEYS:
            raise PolicyFileError(f"{path.name}: unknown key {key!r}")
    if content.get("county") != county:
        raise PolicyFileError(f"{path.name}: 'county' must be the county in the file's name")
    settings = content.get("settings")
    if not isinstance(settings, dict):
        raise PolicyFileError(f"{path.name}: 'settings' must be a mapping")
    return {
        str(key): tuple(
            _setting(path.name, str(key), one) for one in (dated if isinstance(dated, list) else [dated])
        )
        for key, dated in settings.items()
    }


def _setting(file: str, key: str, written: object) -> Setting:
    if not isinstance(written, dict) or "value" not in written:
        raise PolicyFileError(f"{file}: {key!r} needs a 'value' and a 'source'")
    for part in written:
        if part not in _VALUE_KEYS:
            raise PolicyFileError(f"{file}: {key!r} has an unknown part {part!r}")
    source = written.get("source")
    if not isinstance(source, str) or not source.strip():
        raise PolicyFileError(f"{file}: {key!r} needs a 'source'")
    dates = (written.get("effective_from"), written.get("effective_until"))
    if not all(one is None or type(one) is date for one in dates):
        raise PolicyFileError(f"{file}: the effective dates of {key!r} must be dates")
    return Setting(written["value"], source, *dates)


def _one(file: str, key: str, dated: tuple[Setting, ...], on: date) -> Setting | None:
    standing = [one for one in dated if one.in_force(on)]
    if len(standing) > 1:
        raise PolicyFileError(f"{file}: {key!r} has two values on {on}")
    return standing[0] if standing else None


def _needed(key: str, dated: tuple[Setting, ...], on: date) -> Setting:
    found = _one("default.yaml", key, dated, on)
    if found is None:
        raise PolicyFileError(f"default.yaml: {key!r} has no value on {on}")
    return found
