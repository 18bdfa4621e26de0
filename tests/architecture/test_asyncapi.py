"""The AsyncAPI document holds together, and the contracts of the last tag are held against those of today."""

import copy
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from services import contracts
from services.cli import app
from shared.bus import CALWORKS_TOPIC, COORDINATION_TOPIC, CWS_TOPIC, PARTITIONS
from shared.events import calworks, coordination, cws

NAME = re.compile(r"^[\w.-]+$")
TYPES = {CWS_TOPIC: cws.TYPES, CALWORKS_TOPIC: calworks.TYPES, COORDINATION_TOPIC: coordination.TYPES}

Document = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the contracts as they are generated now, tagged."""
    root = tmp_path_factory.mktemp("repository")
    made = root / "deploy" / "contracts"
    contracts.write(made)
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "first")
    return made


@pytest.fixture(scope="module")
def document(folder: Path) -> Document:
    read: Document = yaml.safe_load((folder / "asyncapi.yaml").read_text())
    return read


def git(root: Path, *words: str) -> None:
    """Run git."""
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def references(part: Any) -> Iterator[str]:
    """Every reference in a document."""
    if isinstance(part, dict):
        yield from (one for key, one in part.items() if key == "$ref")
        yield from (ref for one in part.values() for ref in references(one))
    elif isinstance(part, list):
        yield from (ref for one in part for ref in references(one))


def resolved(reference: str, document: Document, folder: Path) -> Any:
    """What a reference names. KeyError, FileNotFoundError: nothing."""
    file, _, pointer = reference.partition("#")
    found: Any = json.loads((folder / file).read_text()) if file else document
    for part in pointer.strip("/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def wrong(document: Document, folder: Path) -> list[str]:
    """What does not hold together in a document of AsyncAPI 3.0."""
    found = []
    if document.get("asyncapi") != "3.0.0" or not {"title", "version"} <= set(document.get("info", ())):
        found.append("head")
    for reference in references(document):
        try:
            resolved(reference, document, folder)
        except (KeyError, FileNotFoundError):
            found.append(reference)
    messages = document["components"]["messages"]
    for names in (document["channels"], document["operations"], messages, document["components"]["schemas"]):
        found += [name for name in names if not NAME.match(name)]
    for name, operation in document["operations"].items():
        channel = operation["channel"]["$ref"]
        if operation["action"] not in ("send", "receive") or not channel.startswith("#/channels/"):
            found.append(name)
        of_channel = {
            f"{channel}/messages/{message}" for message in resolved(channel, document, folder)["messages"]
        }
        found += [one["$ref"] for one in operation["messages"] if one["$ref"] not in of_channel]
    for name, message in messages.items():
        if not message.get("contentType") or "payload" not in message:
            found.append(name)
    return found


def test_the_document_holds_together(document: Document, folder: Path) -> None:
    assert wrong(document, folder) == []


@pytest.mark.parametrize("planted", ["head", "reference", "payload", "action", "foreign message"])
def test_a_planted_mistake_is_found(document: Document, folder: Path, planted: str) -> None:
    spoilt = copy.deepcopy(document)
    name = "linkages.link.confirmed.v1"
    match planted:
        case "head":
            spoilt["asyncapi"] = "2.6.0"
        case "reference":
            spoilt["components"]["messages"][name]["payload"] = {
                "$ref": "./events/none.json#/properties/data"
            }
        case "payload":
            del spoilt["components"]["messages"][name]["payload"]
        case "action":
            spoilt["operations"]["publish_coordination"]["action"] = "publish"
        case "foreign message":
            spoilt["operations"]["publish_cws"]["messages"].append(
                {"$ref": f"#/channels/coordination/messages/{name}"}
            )
    assert wrong(spoilt, folder)


def test_every_topic_has_its_types_and_no_other(document: Document) -> None:
    channels = {channel["address"]: channel for channel in document["channels"].values()}
    assert {address: set(channel["messages"]) for address, channel in channels.items()} == {
        address: set(types) for address, types in TYPES.items()
    }
    assert {channel["bindings"]["kafka"]["partitions"] for channel in channels.values()} == {PARTITIONS}


def test_the_headers_of_every_golden_event_are_as_documented(document: Document) -> None:
    validator = Draft202012Validator(document["components"]["schemas"]["headers"])
    files = sorted((Path(__file__).parents[1] / "contract" / "golden").glob("*.json"))
    assert len(files) >= len(document["components"]["messages"])
    for file in files:
        headers = json.loads(file.read_text())["headers"]
        validator.validate(headers)
        assert not validator.is_valid({k: v for k, v in headers.items() if k != "ce_id"})


def breaking(folder: Path) -> Any:
    """What the command says of the contracts of this repository's last tag."""
    return CliRunner().invoke(app, ["contracts", "--breaking", "--directory", str(folder)])


def test_without_a_tag_nothing_can_be_broken(folder: Path) -> None:
    done = breaking(folder)
    assert done.exit_code == 0, done.output
    assert "no tag" in done.output


def test_what_the_last_tag_promised_and_is_gone_is_named(folder: Path) -> None:
    root = folder.parents[1]
    git(root, "tag", "v1")
    assert breaking(folder).exit_code == 0
    promised = folder / "events" / "linkages.link.confirmed.v1.json"
    schema = json.loads(promised.read_text())
    schema["properties"]["data"]["properties"]["promised"] = {"type": "string"}
    promised.write_text(json.dumps(schema))
    (folder / "events" / "linkages.promised.v1.json").write_text("{}")
    git(root, "add", ".")
    git(root, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "promise")
    git(root, "tag", "v2")
    done = breaking(folder)
    assert done.exit_code == 1
    assert "events/linkages.link.confirmed.v1.json: /properties/" not in done.output
    assert "events/linkages.link.confirmed.v1.json: /data/promised is gone (it stood in v2)" in done.output
    assert "events/linkages.promised.v1.json is gone" in done.output
