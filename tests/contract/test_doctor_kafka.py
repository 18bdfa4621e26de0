"""`linkages doctor` and `linkages kafka` against the broker of docker-compose.yml: what is wrong there is named."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
from typer.testing import CliRunner

from services import doctor, local
from services.cli import app
from services.doctor import Finding
from services.secret_files import PRINCIPALS, SUPER_USER
from tests.contract import compose_broker
from tests.contract.compose_broker import Broker

SERVICES = ("linkages-cws", "linkages-calworks", "linkages-matcher")
As = Callable[[str], None]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with compose_broker.running(tmp_path_factory.mktemp("broker")) as found:
        yield found


@pytest.fixture(autouse=True)
def sign_in(broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> As:
    """Have what follows sign in as another user; before, as the administrator."""
    monkeypatch.setenv("LINKAGES_DATA_DIR", str(tmp_path / "data"))

    def become(user: str) -> None:
        for name, value in broker.environment(user).items():
            monkeypatch.setenv(name, value)

    become("linkages-admin")
    return become


@pytest.fixture(autouse=True)
def as_the_files_have_it(broker: Broker, sign_in: As) -> None:
    """Permissions and topics as the jobs of the compose file make them."""
    sign_in(SUPER_USER)
    granted = CliRunner().invoke(app, ["kafka", "acls", "--prune"])
    assert granted.exit_code == 0, granted.output
    sign_in("linkages-admin")
    made = CliRunner().invoke(app, ["kafka", "topics", "--replication", "1"])
    assert made.exit_code == 0, made.output


def look() -> dict[str, Finding]:
    """The findings by part."""
    return {one.part: one for one in asyncio.run(doctor.examine(local.Settings()))}


def inside(broker: Broker) -> AdminClient:
    """Somebody who may do everything."""
    return AdminClient({"bootstrap.servers": broker.inside, "log_level": 0})


def test_as_the_administrator_all_is_well_but_that_one_broker_keeps_one_copy() -> None:
    found = look()
    assert (found["broker"].state, found["broker"].says) == ("ok", "1 answer, Apache Kafka 4 or newer")
    assert (found["topics"].state, found["topics"].says[:6]) == ("warning", "1 of t")
    assert found["permissions"].state == "ok"


@pytest.mark.parametrize("user", SERVICES)
def test_as_a_service_it_looks_at_its_own_permissions(sign_in: As, user: str) -> None:
    sign_in(user)
    found = look()
    assert [found[part].state for part in ("broker", "topics", "permissions")] == ["ok"] * 3


@pytest.mark.parametrize("user", ["linkages-matcher", "linkages-admin"])
def test_a_permission_that_is_missing_is_named(broker: Broker, sign_in: As, user: str) -> None:
    from services.broker import PERMISSIONS
    from services.kafka_setup import read_permissions, take_away

    taken = [
        p for p in read_permissions(PERMISSIONS) if (p.user, p.operation) == ("linkages-matcher", "Write")
    ]
    take_away(inside(broker), taken)
    sign_in(user)
    found = look()["permissions"]
    assert (found.state, found.fix) == ("failed", "run `linkages kafka acls`")
    assert found.says == "missing: linkages-matcher may Write topic linkages.coordination.v1"


@pytest.mark.parametrize("user", ["linkages-cws", "linkages-admin"])
def test_a_program_that_may_read_what_it_must_not_is_named(broker: Broker, sign_in: As, user: str) -> None:
    from services.kafka_setup import Permission, grant

    grant(inside(broker), [Permission("linkages-cws", "topic", "linkages.calworks.v1", "Read")])
    sign_in(user)
    found = look()["permissions"]
    assert (found.state, "--prune" in found.fix) == ("warning", True)
    assert "linkages-cws may Read topic linkages.calworks.v1" in found.says


def test_a_topic_that_is_missing_or_otherwise_is_named(broker: Broker) -> None:
    shorter = ConfigEntry("retention.ms", "1000", incremental_operation=AlterConfigOpType.SET)
    setting = ConfigResource(ConfigResource.Type.TOPIC, "linkages.cws.v1", incremental_configs=[shorter])
    admin = inside(broker)
    next(iter(admin.incremental_alter_configs([setting]).values())).result(10)
    next(iter(admin.delete_topics(["linkages.coordination.v1"]).values())).result(10)
    found = look()["topics"]
    assert (found.state, "linkages kafka topics" in found.fix) == ("failed", True)
    assert "linkages.coordination.v1: partitions 0" in found.says
    assert "linkages.cws.v1: retention.ms 1000, to be 604800000" in found.says
    next(iter(admin.delete_topics(["linkages.cws.v1"]).values())).result(10)


def test_a_wrong_password_and_a_broker_that_is_not_there_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKAGES_KAFKA_PASSWORD", "not it")
    refused = look()["broker"]
    assert (refused.state, "refuse the user linkages-admin" in refused.fix) == ("failed", True)
    monkeypatch.setenv("LINKAGES_KAFKA_SERVERS", "127.0.0.1:9")
    away = look()["broker"]
    assert (away.state, "No broker answers at 127.0.0.1:9" in away.fix) == ("failed", True)
    assert "not it" not in str((refused, away))


def test_what_the_broker_says_of_itself_holds_no_password(broker: Broker) -> None:
    said = broker.log.read_text()
    for user in PRINCIPALS:
        assert (broker.secrets / f"kafka_{user}").read_text() not in said
    assert "storedKey" not in said
