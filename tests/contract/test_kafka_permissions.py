"""Who may do what, on a broker with an authorizer: exactly what `deploy/kafka/acls.yaml` says, tried by each user."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)
from typer.testing import CliRunner

from services import broker, kafka_setup
from services.cli import app
from services.kafka_setup import Permission
from services.native.kafka import Cluster, Plan
from shared.bus import CALWORKS_TOPIC, COORDINATION_TOPIC, CWS_TOPIC, PARTITIONS, Message
from shared.bus.kafka import KafkaBus
from shared.bus.security import KafkaSecurity
from shared.errors import Unavailable

TOPICS = [CWS_TOPIC, CALWORKS_TOPIC, COORDINATION_TOPIC]
SERVICES = ["linkages-cws", "linkages-calworks", "linkages-matcher", "linkages-dashboard"]
ADMIN, ROOT = "linkages-admin", "root"
USERS = [*SERVICES, ADMIN]

READS = {
    ("linkages-matcher", CWS_TOPIC),
    ("linkages-matcher", CALWORKS_TOPIC),
    ("linkages-dashboard", COORDINATION_TOPIC),
}
WRITES = {
    ("linkages-cws", CWS_TOPIC),
    ("linkages-calworks", CALWORKS_TOPIC),
    ("linkages-matcher", COORDINATION_TOPIC),
}
DESCRIBES = READS | WRITES | {(ADMIN, topic) for topic in TOPICS}


def password(user: str) -> str:
    return f"{user}-tells-nobody"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker that asks who comes, with our topics and our permissions."""
    users = {user: password(user) for user in (*USERS, ROOT)}
    plan = Plan(users=users, authorizer=True, super_users=(ROOT,))
    cluster = Cluster(tmp_path_factory.mktemp("kafka"), plan)
    try:
        servers = cluster.start().servers
        root = administrator(servers, ROOT)
        kafka_setup.create_topics(root, kafka_setup.read_topics(broker.TOPICS, 1))
        kafka_setup.grant(root, kafka_setup.read_permissions(broker.PERMISSIONS))
        yield servers
    finally:
        cluster.remove()


def security(user: str) -> KafkaSecurity:
    return KafkaSecurity("SASL_PLAINTEXT", user, password(user))


def administrator(servers: str, user: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": servers, "log_level": 0, **security(user).for_librdkafka()})


async def tried(servers: str, user: str, call: Callable[[KafkaBus], Any]) -> str:
    """What comes of a call: `done`, or the sentence of the error."""
    bus = await KafkaBus.open(servers=servers, client_id="test", security=security(user))
    try:
        await call(bus)
    except Unavailable as error:
        return error.detail
    finally:
        await bus.close()
    return "done"


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("user", USERS)
async def test_a_user_publishes_where_the_file_says_and_nowhere_else(
    servers: str, user: str, topic: str
) -> None:
    said = await tried(servers, user, lambda bus: bus.publish(topic, 0, [Message(b"k", b"v")]))
    may_not = f"{user} may not Write to the topic {topic}: run `linkages kafka acls`"
    assert said == ("done" if (user, topic) in WRITES else may_not)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("user", USERS)
async def test_a_user_reads_where_the_file_says_and_is_told_where_he_may_not(
    servers: str, user: str, topic: str
) -> None:
    writer = next(writer for writer, written in WRITES if written == topic)
    assert await tried(servers, writer, lambda bus: bus.publish(topic, 5, [Message(b"k", b"v")])) == "done"

    async def read(bus: KafkaBus) -> None:
        assert list(await bus.fetch(topic, {5: 0}, limit=1, timeout=0)) == [5]

    said = await tried(servers, user, read)
    if (user, topic) in READS:
        assert said == "done"
    else:
        operation = "Read" if (user, topic) in DESCRIBES else "Describe"
        assert said == f"{user} may not {operation} the topic {topic}: run `linkages kafka acls`"


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("user", USERS)
async def test_a_user_learns_the_bounds_of_what_he_reads_or_writes_and_of_nothing_else(
    servers: str, user: str, topic: str
) -> None:
    said = await tried(servers, user, lambda bus: bus.bounds(topic))
    may_not = f"{user} may not Describe the topic {topic}: run `linkages kafka acls`"
    assert said == ("done" if (user, topic) in DESCRIBES else may_not)


def _delete_topic(admin: AdminClient, topic: str) -> None:
    admin.delete_topics([topic])[topic].result(15)


def _delete_records(admin: AdminClient, topic: str) -> None:
    place = TopicPartition(topic, 0, 1)
    admin.delete_records([place])[place].result(15)


def _shorten(admin: AdminClient, topic: str) -> None:
    entry = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(15)


def _grant(admin: AdminClient, topic: str) -> None:
    binding = Permission("linkages-cws", "topic", topic, "Read").granted()
    admin.create_acls([binding])[binding].result(15)


@pytest.mark.parametrize("deed", [_delete_topic, _delete_records, _grant])
@pytest.mark.parametrize("user", USERS)
def test_nobody_deletes_topics_or_records_or_grants_permissions(
    servers: str, user: str, deed: Callable[[AdminClient, str], None]
) -> None:
    for topic in TOPICS:
        with pytest.raises(KafkaException, match=r"AUTHORIZATION_FAILED|UNKNOWN_TOPIC|No leaders found"):
            deed(administrator(servers, user), topic)


@pytest.mark.parametrize("user", SERVICES)
def test_no_service_changes_a_topic(servers: str, user: str) -> None:
    for topic in TOPICS:
        with pytest.raises(KafkaException, match="AUTHORIZATION_FAILED"):
            _shorten(administrator(servers, user), topic)


def test_what_the_broker_says_that_each_may_do_is_what_the_file_says(servers: str) -> None:
    brings = {"READ": {"READ", "DESCRIBE"}, "WRITE": {"WRITE", "DESCRIBE"}}
    for user in USERS:
        wanted: dict[str, set[str]] = {}
        for one in kafka_setup.read_permissions(broker.PERMISSIONS):
            for topic in TOPICS:
                named = topic.startswith(one.name) if one.prefixed else topic == one.name
                if one.user == user and one.kind == "topic" and named:
                    operation = AclOperation(one.granted().operation).name
                    wanted.setdefault(topic, set()).update(brings.get(operation, {operation}))
        admin = administrator(servers, user)
        assert {topic: _operations(admin, topic) for topic in wanted} == wanted, user


def _operations(admin: AdminClient, topic: str) -> set[str]:
    asked = admin.describe_topics(TopicCollection([topic]), include_authorized_operations=True)
    return {AclOperation(one).name for one in asked[topic].result(15).authorized_operations}


async def test_a_wrong_password_is_told_as_what_it_is(servers: str) -> None:
    wrong = KafkaSecurity("SASL_PLAINTEXT", "linkages-cws", "a guess")
    bus = await KafkaBus.open(servers=servers, client_id="test", security=wrong)
    for call in (
        lambda: bus.bounds(CWS_TOPIC),
        lambda: bus.publish(CWS_TOPIC, 0, [Message(b"k", b"v")]),
        lambda: bus.fetch(CWS_TOPIC, {0: 0}, limit=1, timeout=0.1),
    ):
        with pytest.raises(
            Unavailable, match="The brokers refuse the user linkages-cws: set LINKAGES_KAFKA_USER"
        ):
            await call()
    await bus.close()


async def test_a_reader_that_may_not_join_the_lag_group_reads_all_the_same(servers: str) -> None:
    bus = await KafkaBus.open(
        servers=servers, client_id="test", security=security("linkages-matcher"), lag_group="somebody-elses"
    )
    assert await bus.fetch(CWS_TOPIC, dict.fromkeys(range(PARTITIONS), 0), limit=1, timeout=0.5) is not None
    await asyncio.sleep(1)
    assert (await bus.bounds(CWS_TOPIC)).keys() == set(range(PARTITIONS))
    await bus.close()


def run(servers: str, user: str, *arguments: str) -> tuple[int, list[str]]:
    """`linkages kafka ...` as a user: exit code and lines."""
    told = {
        "LINKAGES_KAFKA_SERVERS": servers,
        "LINKAGES_KAFKA_SECURITY": "SASL_PLAINTEXT",
        "LINKAGES_KAFKA_USER": user,
        "LINKAGES_KAFKA_PASSWORD": password(user),
    }
    ran = CliRunner(env=told).invoke(app, ["kafka", *arguments])
    return ran.exit_code, ran.output.splitlines()


def test_applied_again_the_permissions_change_nothing(servers: str) -> None:
    assert run(servers, ROOT, "acls") == (0, [])
    assert run(servers, ROOT, "acls", "--dry-run", "--prune") == (0, [])
    assert run(servers, ADMIN, "acls", "--dry-run") == (0, [])


def test_a_permission_beyond_the_file_is_told_and_taken_away_only_when_asked(servers: str) -> None:
    root = administrator(servers, ROOT)
    kafka_setup.grant(root, [Permission("linkages-cws", "topic", CALWORKS_TOPIC, "Read")])
    kafka_setup.grant(root, [Permission("a-stranger", "topic", COORDINATION_TOPIC, "DescribeConfigs")])
    kafka_setup.grant(root, [Permission("a-stranger", "topic", "strange.v1", "Read")])
    beyond = [
        f"a-stranger may DescribeConfigs topic {COORDINATION_TOPIC}",
        f"linkages-cws may Read topic {CALWORKS_TOPIC}",
    ]
    assert run(servers, ROOT, "acls", "--dry-run") == (1, [f"beyond the file: {one}" for one in beyond])
    assert run(servers, ROOT, "acls") == (0, [f"beyond the file: {one}" for one in beyond])
    assert run(servers, ROOT, "acls", "--prune") == (0, [f"taken away: {one}" for one in beyond])
    assert run(servers, ROOT, "acls", "--dry-run") == (0, [])


def test_a_refusal_that_no_file_of_ours_could_say_is_not_taken_for_a_permission(servers: str) -> None:
    root = administrator(servers, ROOT)
    refusal = AclBinding(
        ResourceType.TOPIC,
        CWS_TOPIC,
        ResourcePatternType.LITERAL,
        "User:linkages-dashboard",
        "*",
        AclOperation.READ,
        AclPermissionType.DENY,
    )
    root.create_acls([refusal])[refusal].result(15)
    assert run(servers, ROOT, "acls", "--dry-run", "--prune") == (0, [])


def test_a_missing_permission_is_told_then_granted(servers: str) -> None:
    lost = Permission("linkages-dashboard", "group", "linkages-dashboard", "Read", prefixed=True)
    kafka_setup.take_away(administrator(servers, ROOT), [lost])
    assert run(servers, ADMIN, "acls", "--dry-run") == (1, [f"missing: {lost}"])
    assert run(servers, ROOT, "acls") == (0, [f"granted: {lost}"])
    assert run(servers, ROOT, "acls") == (0, [])


def test_the_administrator_of_topics_grants_nothing(servers: str) -> None:
    kafka_setup.take_away(
        administrator(servers, ROOT), [Permission("linkages-cws", "topic", CWS_TOPIC, "Write")]
    )
    with pytest.raises(Unavailable, match="CLUSTER_AUTHORIZATION_FAILED"):
        kafka_setup.grant(administrator(servers, ADMIN), kafka_setup.read_permissions(broker.PERMISSIONS))
    assert run(servers, ROOT, "acls")[0] == 0


def test_topics_applied_again_change_nothing_and_what_differs_is_told(servers: str, tmp_path: Path) -> None:
    assert run(servers, ADMIN, "topics", "--replication", "1") == (0, [])
    other = tmp_path / "topics.yaml"
    text = (
        broker.TOPICS.read_text().replace("604800000", "86400000").replace("partitions: 8", "partitions: 4")
    )
    other.write_text(text)
    code, lines = run(servers, ADMIN, "topics", "--replication", "1", "--file", str(other))
    assert code == 1
    assert lines == [
        f"{CWS_TOPIC}: partitions 8, to be 4",
        f"{CWS_TOPIC}: retention.ms 604800000, to be 86400000",
        f"{CALWORKS_TOPIC}: partitions 8, to be 4",
        f"{CALWORKS_TOPIC}: retention.ms 604800000, to be 86400000",
        f"{COORDINATION_TOPIC}: partitions 8, to be 4",
    ]
    assert run(servers, ADMIN, "topics", "--replication", "1") == (0, [])


def test_a_missing_topic_is_made_by_its_administrator(servers: str) -> None:
    _delete_topic(administrator(servers, ROOT), COORDINATION_TOPIC)
    assert run(servers, ADMIN, "topics", "--replication", "1") == (0, [f"created: {COORDINATION_TOPIC}"])
    assert run(servers, ADMIN, "topics", "--replication", "1") == (0, [])
