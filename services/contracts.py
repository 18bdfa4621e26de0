"""The contracts under `deploy/contracts`: a JSON Schema per event type, the AsyncAPI document of the topics, and an
OpenAPI document per service.

They are generated from the code and committed, so that a change of the contract is seen as one.
"""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from services.breaking import breaking
from services.calworks_api import app as calworks_app
from services.calworks_api.settings import CalworksSettings
from services.cws_api import app as cws_app
from services.cws_api.settings import CwsSettings
from services.matcher import app as matcher_app
from services.matcher.settings import MatcherSettings
from shared.bus import CALWORKS_TOPIC, COORDINATION_TOPIC, CWS_TOPIC
from shared.events import asyncapi, calworks, coordination, cws
from shared.events.asyncapi import Topic
from shared.events.contracts import schemas

DIRECTORY = Path(__file__).parents[1] / "deploy" / "contracts"
EVENT_TYPES = {**cws.TYPES, **calworks.TYPES, **coordination.TYPES}
TOPICS = (
    Topic(CWS_TOPIC, "cws", "What child welfare tells the matcher, which alone may read it.", cws.TYPES),
    Topic(
        CALWORKS_TOPIC,
        "calworks",
        "What CalWORKs tells the matcher, which alone may read it.",
        calworks.TYPES,
    ),
    Topic(
        COORDINATION_TOPIC,
        "coordination",
        "What dashboards are told: nobody's identity. The programs may not read it.",
        coordination.TYPES,
    ),
)
ASYNCAPI = "asyncapi.yaml"


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
    texts = {path: json.dumps(found[path], indent=2, sort_keys=True) + "\n" for path in sorted(found)}
    texts[ASYNCAPI] = yaml.safe_dump(asyncapi.document(TOPICS), sort_keys=False, width=110)
    return texts


def write(directory: Path = DIRECTORY) -> list[str]:
    """Make the directory hold what the code generates, and no other; the paths written or removed."""
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
    kept = (file for kind in ("*.json", "*.yaml") for file in directory.rglob(kind))
    return {file.relative_to(directory).as_posix() for file in kept}


def broken_since_the_last_tag(directory: Path = DIRECTORY) -> tuple[str | None, list[str]]:
    """The last tag, and what somebody who relies on its contracts could not do any more; None: there is none."""
    root, place = directory.parents[1], directory.relative_to(directory.parents[1]).as_posix()
    tag = _git(root, "describe", "--tags", "--abbrev=0").strip()
    if not tag:
        return None, []
    paths = _git(root, "ls-tree", "-r", "--name-only", tag, "--", place).splitlines()
    old = {path.removeprefix(f"{place}/"): _git(root, "show", f"{tag}:{path}") for path in paths}
    return tag, breaking(parsed(old), parsed(documents()))


def parsed(texts: Mapping[str, str]) -> dict[str, Any]:
    """Contracts as data, by their path. YAML reads JSON too, but a hundred times slower."""
    return {
        path: yaml.safe_load(text) if path.endswith(".yaml") else json.loads(text)
        for path, text in texts.items()
        if path.endswith((".json", ".yaml"))
    }


def _git(root: Path, *words: str) -> str:
    """What git answers in a repository; nothing where there is no git, no repository, or no such thing."""
    try:
        done = subprocess.run(  # noqa: S603 - the words are ours
            ["git", *words],  # noqa: S607 - whichever git is installed
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def contracts(
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if anything differs")] = False,
    broken: Annotated[
        bool, typer.Option("--breaking", help="Write nothing; fail if the last tag's contracts are broken")
    ] = False,
    directory: Annotated[Path, typer.Option(help="Where they are kept")] = DIRECTORY,
) -> None:
    """Write the JSON Schemas of the events, their AsyncAPI document and the OpenAPI documents of the services."""
    if broken:
        _refuse_to_break(directory)
        return
    if not check:
        for path in write(directory):
            typer.echo(path, err=True)
        return
    found = differences(directory)
    for line in found:
        typer.echo(f"linkages: {line}", err=True)
    if found:
        typer.echo(
            "linkages: if the change is meant, run `make contracts` and commit what it writes", err=True
        )
        raise typer.Exit(1)


def _refuse_to_break(directory: Path) -> None:
    """End with 1 if somebody who relies on the contracts of the last tag would be let down."""
    tag, found = broken_since_the_last_tag(directory)
    if tag is None:
        typer.echo("linkages: there is no tag yet, so nobody relies on a contract", err=True)
        return
    for line in found:
        typer.echo(f"linkages: {line} (it stood in {tag})", err=True)
    if found:
        typer.echo("linkages: keep what was published, or publish a new version of it beside", err=True)
        raise typer.Exit(1)
