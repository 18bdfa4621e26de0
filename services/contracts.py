"""The contracts under `deploy/contracts`: a JSON Schema per event type and an OpenAPI document per service.

They are generated from the code and committed, so that a change of the contract is seen as one.
"""

import json
from pathlib import Path
from typing import Any

from services.calworks_api import app as calworks_app
from services.calworks_api.settings import CalworksSettings
from services.cws_api import app as cws_app
from services.cws_api.settings import CwsSettings
from services.matcher import app as matcher_app
from services.matcher.settings import MatcherSettings
from shared.events import calworks, cws
from shared.events.contracts import schemas

DIRECTORY = Path(__file__).parents[1] / "deploy" / "contracts"
EVENT_TYPES = {**cws.TYPES, **calworks.TYPES}


def documents() -> dict[str, str]:
    """Every contract as text, by its path in the directory."""
    apps = {
        "cws": cws_app.create_app(CwsSettings()),
        "calworks": calworks_app.create_app(CalworksSettings()),
        "matcher": matcher_app.create_app(MatcherSettings()),
    }
    found: dict[str, dict[str, Any]] = {
        **{f"events/{name}.json": schema for name, schema in schemas(EVENT_TYPES).items()},
        **{f"openapi/{name}.json": app.openapi() for name, app in apps.items()},
    }
    return {path: json.dumps(found[path], indent=2, sort_keys=True) + "\n" for path in sorted(found)}


def write(directory: Path = DIRECTORY) -> list[str]:
    """Make the directory hold what the code generates, and no other JSON; the paths written or removed."""
    wanted, changed = documents(), []
    for path, text in wanted.items():
        file = directory / path
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            changed.append(path)
    for path in _present(directory) - wanted.keys():
        (directory / path).unlink()
        changed.append(path)
    return sorted(changed)


def differences(directory: Path = DIRECTORY) -> list[str]:
    """What is committed and is not what the code generates, in words: empty when they agree."""
    wanted = documents()
    present = _present(directory)
    return sorted(
        [f"{path} is missing" for path in wanted.keys() - present]
        + [f"{path} is no longer generated" for path in present - wanted.keys()]
        + [
            f"{path} is not what the code generates"
            for path in wanted.keys() & present
            if (directory / path).read_text() != wanted[path]
        ]
    )


def _present(directory: Path) -> set[str]:
    return {file.relative_to(directory).as_posix() for file in directory.rglob("*.json")}
