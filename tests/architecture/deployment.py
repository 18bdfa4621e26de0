"""What is wrong with docker-compose.yml and the Dockerfile, in words; nothing of them is run."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from pydantic import AliasChoices

from services.calworks_api.settings import CalworksSettings
from services.cws_api.settings import CwsSettings
from services.matcher.settings import MatcherSettings
from services.secret_files import NAMES
from shared.bus.security import KafkaSecurity
from shared.errors import LinkagesError
from tests.architecture.commands import fault_in

ROOT = Path(__file__).parents[2]
SETTINGS: dict[str, type[CwsSettings | CalworksSettings | MatcherSettings]] = {
    "cws": CwsSettings,
    "calworks": CalworksSettings,
    "matcher": MatcherSettings,
}
ROLES = {"serve": "app", "work": "worker"}  # which of a service's roles a process signs in as
JOBS = {"database", "migrate", "topics", "acls"}  # run once, and end
OURS = "linkages:"

Compose = dict[str, Any]


def compose() -> Compose:
    """The file as it stands."""
    found: Compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def variables() -> set[str]:
    """What the settings classes know."""
    known = set()
    for settings in SETTINGS.values():
        for name, field in settings.model_fields.items():
            alias = field.validation_alias
            assert not isinstance(alias, AliasChoices)
            known.add(str(alias or f"LINKAGES_{name}").upper())
    return known


def secrets_of(service: Compose) -> dict[str, str]:
    """The secrets of a service: the name of the file that it finds, and which one it is."""
    return {
        (s if isinstance(s, str) else s["target"]): (s if isinstance(s, str) else s["source"])
        for s in service.get("secrets", ())
    }


def faults(found: Compose, folder: Path) -> list[str]:
    """Everything that is wrong; `folder` is for files of this look alone."""
    wrong = [*_secrets(found), *_clear_text(found)]
    for name, service in found["services"].items():
        wrong += [f"{name}: {fault}" for fault in (*_hardening(name, service), *_needs(found, service))]
        if service["image"].startswith(OURS):
            wrong += [f"{name}: {fault}" for fault in _ours(name, service, folder)]
    return wrong


def _secrets(found: Compose) -> Iterator[str]:
    if set(found["secrets"]) != set(NAMES):
        yield f"secrets and `linkages secrets` differ: {sorted(set(found['secrets']) ^ set(NAMES))}"
    for name, secret in found["secrets"].items():
        if secret != {"file": f"./secrets/{name}"}:
            yield f"secret {name} is not its file"
    for name, service in found["services"].items():
        for one in set(secrets_of(service).values()) - set(found["secrets"]):
            yield f"{name}: there is no secret {one}"


def _clear_text(found: Compose) -> Iterator[str]:
    for name, service in found["services"].items():
        for variable, value in service.get("environment", {}).items():
            secret = re.search("PASSWORD|SECRET|TOKEN|CREDENTIAL", variable) and not variable.endswith(
                "_FILE"
            )
            if secret or re.search(r"://[^/\s]*:[^/\s]*@", str(value)):
                yield f"{name}: {variable} stands in the clear"


def _hardening(name: str, service: Compose) -> Iterator[str]:
    image, _, tag = service["image"].rpartition(":")
    if not image or tag == "latest":
        yield "its image has no tag"
    if str(service.get("user", "root")).partition(":")[0] in ("0", "root"):
        yield "it runs as root"
    if service.get("read_only") is not True:
        yield "its root can be written"
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add") or service.get("privileged"):
        yield "it has capabilities"
    if service.get("security_opt") != ["no-new-privileges:true"]:
        yield "it may gain privileges"
    once = name in JOBS or "profiles" in service
    if service.get("restart") != ("no" if once else "unless-stopped"):
        yield "nobody starts it again, or somebody does for ever"
    if not once and "test" not in service.get("healthcheck", {}):
        yield "nobody looks at its health"
    for port in service.get("ports", ()):
        if not str(port).startswith("127.0.0.1:"):
            yield f"the port {port} is open to others than this machine"
    for volume in service.get("volumes", ()):
        if volume["type"] == "bind" and not volume.get("read_only"):
            yield f"{volume['source']} of this machine can be written"


def _needs(found: Compose, service: Compose) -> Iterator[str]:
    for other, how in service.get("depends_on", {}).items():
        if other not in found["services"]:
            yield f"it waits for {other}, which is not there"
        elif (how["condition"] == "service_completed_successfully") != (other in JOBS):
            yield f"it waits for {other} in a way that never comes"
    for network in set(service["networks"]) - set(found["networks"]):
        yield f"there is no network {network}"
    for volume in service.get("volumes", ()):
        if volume["type"] == "volume" and volume["source"] not in found["volumes"]:
            yield f"there is no volume {volume['source']}"


def _ours(name: str, service: Compose, folder: Path) -> Iterator[str]:
    """A process of ours: its command, and its settings as the classes read them."""
    command, files = service["command"], secrets_of(service)
    if fault := fault_in(command):
        yield fault
    given = {str(k): str(v) for k, v in service["environment"].items()}
    yield from _settings(command, given, files)
    what, whose = command[0], command[1] if len(command) > 1 else ""
    if what in ROLES:
        yield from _identity(what, whose, files)
    if what == "serve" and "linkages_token_secret" not in files:
        yield "it cannot tell who calls"
    if what == "serve" and "bus" in service["networks"]:
        yield "an app needs no way to the broker"
    read = _read(given, files, folder / name)
    if what in ("work", "kafka"):
        yield from _broker(read, files)


def _settings(command: list[str], given: dict[str, str], files: dict[str, str]) -> Iterator[str]:
    """Each variable means something, and each file that is named is there."""
    told = {variable for variable in given if variable.startswith("LINKAGES_")}
    told |= {target.upper() for target, source in files.items() if target != source}
    for unknown in sorted(told - variables() - {"KEYS"}):
        yield f"no settings class knows {unknown}"
    for file in re.findall(r"/run/secrets/(\w+)", " ".join([*command, *given.values()])):
        if file not in files:
            yield f"it has no secret {file}"
    if given.get("LINKAGES_ENVIRONMENT") != "production":
        yield "it does not run as production"


def _identity(what: str, whose: str, files: dict[str, str]) -> Iterator[str]:
    """A process signs in to its own database, as what it is, and has its own keys."""
    if files.get(f"linkages_{whose}_database") != f"linkages_{whose}_{ROLES[what]}":
        yield f"{what} is to sign in to its database as {ROLES[what]}"
    if files.get("keys") != f"keys_{whose}":
        yield "it has no keys, or those of another service"
    if len([file for file in files if file.endswith("_database")]) != 1:
        yield "it can reach the database of another service"


def _read(given: dict[str, str], files: dict[str, str], folder: Path) -> MatcherSettings:
    """The settings, as the process reads them; ValueError: one cannot be read."""
    folder.mkdir(parents=True, exist_ok=True)
    for target in files:
        (folder / target).write_text("hush")
    with patch.dict(os.environ, given):
        return MatcherSettings(_secrets_dir=folder)  # type: ignore[call-arg] # an argument of the library's


def _broker(read: MatcherSettings, files: dict[str, str]) -> Iterator[str]:
    """What the broker asks for is there."""
    try:
        told = read.bus == "kafka" and KafkaSecurity.of(read).by_password
    except LinkagesError:
        told = False
    if not told:
        yield "it does not use the broker, or says not who it is"
    elif files.get("linkages_kafka_password") != f"kafka_{read.kafka_user}":
        yield "its password for the broker is another user's"
