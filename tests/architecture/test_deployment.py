"""The compose file and the Dockerfile fit the settings, the commands and each other, and are closed by default."""

import re
import stat
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from services import secret_files
from services.secret_files import KEYRINGS, NAMES, PRINCIPALS, SUPER_USER
from shared.crypto import KeyFile
from tests.architecture.deployment import JOBS, ROOT, Compose, compose, faults, secrets_of

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
BROKER = ROOT / "deploy" / "kafka" / "compose" / "server.properties"


def test_the_compose_file_has_no_fault(tmp_path: Path) -> None:
    assert faults(compose(), tmp_path) == []


def test_it_has_every_service_its_worker_and_what_they_stand_on() -> None:
    found = set(compose()["services"])
    assert found == JOBS | {"tools", "kafka", "postgres"} | {
        f"{service}-{part}" for service in ("cws", "calworks", "matcher") for part in ("api", "work")
    }


def put(value: Any, *place: str) -> Callable[[Compose], None]:
    """A planted fault: this value at that place; None: nothing there."""

    def plant(found: Compose) -> None:
        for name in place[:-1]:
            found = found[name]
        if value is None:
            found.pop(place[-1])
        else:
            found[place[-1]] = value

    return plant


def of(service: str, value: Any, *place: str) -> Callable[[Compose], None]:
    """The same in a service."""
    return put(value, "services", service, *place)


PLANTED = {
    "unknown variable": (
        of("cws-api", "x", "environment", "LINKAGES_DATABSE"),
        "no settings class knows LINKAGES_DATABSE",
    ),
    "unknown secret": (
        of("cws-api", [{"source": "token_secret", "target": "linkages_token_secrets"}], "secrets"),
        "no settings class knows LINKAGES_TOKEN_SECRETS",
    ),
    "no database": (of("matcher-work", ["keys_matcher"], "secrets"), "as worker"),
    "role of another": (
        of("cws-api", [{"source": "linkages_cws_worker", "target": "linkages_cws_database"}], "secrets"),
        "as app",
    ),
    "keys of another": (
        of("cws-api", [{"source": "keys_matcher", "target": "keys"}], "secrets"),
        "keys, or those of another",
    ),
    "development": (of("cws-api", "development", "environment", "LINKAGES_ENVIRONMENT"), "as production"),
    "embedded bus": (of("cws-work", "embedded", "environment", "LINKAGES_BUS"), "does not use the broker"),
    "in the clear": (of("cws-work", "hush", "environment", "LINKAGES_KAFKA_PASSWORD"), "in the clear"),
    "address with password": (
        of("cws-work", "postgresql://a:b@c/d", "environment", "LINKAGES_CWS_DATABASE"),
        "in the clear",
    ),
    "plain broker": (
        of("cws-work", "PLAINTEXT", "environment", "LINKAGES_KAFKA_SECURITY"),
        "does not use the broker",
    ),
    "another's user": (
        of("cws-work", "linkages-matcher", "environment", "LINKAGES_KAFKA_USER"),
        "another user's",
    ),
    "no such command": (of("cws-work", ["works", "cws"], "command"), "there is no command works"),
    "no such option": (of("topics", ["kafka", "topics", "--copies", "1"], "command"), "--copies"),
    "no tag": (of("postgres", "postgres", "image"), "no tag"),
    "latest": (of("kafka", "apache/kafka:latest", "image"), "no tag"),
    "root": (of("cws-api", "0:0", "user"), "runs as root"),
    "nobody": (of("postgres", None, "user"), "runs as root"),
    "writable": (of("kafka", None, "read_only"), "can be written"),
    "capabilities": (of("kafka", ["NET_ADMIN"], "cap_add"), "has capabilities"),
    "privileges": (of("kafka", [], "security_opt"), "gain privileges"),
    "no restart": (of("matcher-work", None, "restart"), "nobody starts it again"),
    "job for ever": (of("migrate", "always", "restart"), "for ever"),
    "no health": (of("matcher-work", None, "healthcheck"), "its health"),
    "open port": (of("postgres", ["5432:5432"], "ports"), "open to others"),
    "unknown need": (
        of("cws-api", {"migrations": {"condition": "service_healthy"}}, "depends_on"),
        "which is not there",
    ),
    "need that never comes": (
        of("cws-api", {"migrate": {"condition": "service_healthy"}}, "depends_on"),
        "never comes",
    ),
    "app on the bus": (of("cws-api", ["front", "bus"], "networks"), "no way to the broker"),
    "secret nobody makes": (put({"file": "./secrets/extra"}, "secrets", "extra"), "extra"),
    "secret from elsewhere": (put({"environment": "X"}, "secrets", "token_secret"), "not its file"),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_fault_is_found(tmp_path: Path, plant: str) -> None:
    change, says = PLANTED[plant]
    found = deepcopy(compose())  # the file's anchors are shared by several services
    found = yaml.load(yaml.dump(found, Dumper=_NoAliases), Loader=yaml.SafeLoader)
    change(found)
    assert any(says in fault for fault in faults(found, tmp_path)), faults(found, tmp_path)


class _NoAliases(yaml.SafeDumper):
    """What is shared in the file is written out for each."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def test_every_image_of_the_dockerfile_has_a_tag_and_the_last_one_is_not_roots() -> None:
    text = DOCKERFILE.read_text()
    images = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(images) == 3
    assert all(re.search(r":[\w.-]*\d", image) for image in images)
    user = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    assert user == [compose()["services"]["cws-api"]["user"]]
    assert re.search(r'^ENTRYPOINT \["linkages"\]', text, re.MULTILINE)


def test_the_image_is_made_of_files_that_are_there_and_that_the_context_lets_in() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE.read_text(), re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in allowed or f"{Path(source).parent}/*{Path(source).suffix}" in allowed, source
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"


def test_the_image_installs_by_hash_and_without_what_tests_need() -> None:
    text = DOCKERFILE.read_text()
    syncs = re.findall(r"uv pip sync[^\n]*", text)
    assert len(syncs) == 2
    assert all("--require-hashes" in sync for sync in syncs)
    assert re.findall(r"--extra (\w+)", text) == ["county"]
    assert "--constraint requirements.lock" in text
    assert "npm ci" in text


def test_the_broker_knows_the_users_of_the_services_and_lets_nobody_else_in() -> None:
    settings = dict(
        line.split("=", 1) for line in BROKER.read_text().splitlines() if line and not line.startswith("#")
    )
    assert settings["authorizer.class.name"].endswith("StandardAuthorizer")
    assert settings["allow.everyone.if.no.acl.found"] == "false"
    assert settings["auto.create.topics.enable"] == "false"
    protocols = dict(one.split(":") for one in settings["listener.security.protocol.map"].split(","))
    for listener in settings["listeners"].split(","):
        name, _, address = listener.partition("://")
        assert protocols[name] == "SASL_PLAINTEXT" or address.startswith("127.0.0.1:"), listener
    users = {s.removeprefix("kafka_") for s in compose()["services"]["kafka"]["secrets"]}
    assert users == set(PRINCIPALS)
    assert set(settings["super.users"].split(";")) == {"User:ANONYMOUS", f"User:{SUPER_USER}"}
    granted = yaml.safe_load((ROOT / "deploy" / "kafka" / "acls.yaml").read_text())["principals"]
    assert set(granted) == users - {SUPER_USER}
    supers = {n for n, s in compose()["services"].items() if f"kafka_{SUPER_USER}" in secrets_of(s).values()}
    assert supers == {"kafka", "acls"}


def test_secrets_are_made_once_and_each_service_gets_only_its_own_keys(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    secret_files.make(folder, ("43", "07"), "postgres:5432")
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert set(made) == set(NAMES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for service, programs in KEYRINGS.items():
        counties = KeyFile.model_validate_json(made[f"keys_{service}"]).counties
        assert set(counties) == {"43", "07"}
        assert all(set(county.keyrings) == set(programs) for county in counties.values())
    whole = KeyFile.model_validate_json(made["keys_matcher"]).keys()["43"]
    own = KeyFile.model_validate_json(made["keys_cws"]).keys()["43"]
    sealed = own.keyring("cws").seal(b"it", b"")
    assert whole.keyring("cws").open(sealed, b"") == b"it"
    assert whole.digest("x") == own.digest("x")
    assert len({text for name, text in made.items() if not name.startswith("keys")}) == len(NAMES) - 3
    secret_files.make(folder, ("43",), "elsewhere:5432")
    assert {file.name: file.read_text() for file in folder.iterdir()} == made
