"""Topics and permissions of a Kafka cluster, beside what `deploy/kafka/*.yaml` says that they are to be."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    TopicMetadata,
)

from shared.bus.security import KafkaSecurity
from shared.errors import Unavailable
from shared.settings import CommonSettings

WITHIN, _BETWEEN_LOOKS = 15.0, 0.1  # seconds
PARTITIONS, COPIES = "partitions", "copies"  # what a topic has beside its settings
_USER, _ANY_HOST = "User:", "*"
_TOPIC, _GROUP, _CLUSTER = "topic", "group", "cluster"
_CLUSTER_NAME = "kafka-cluster"  # of the one resource of its sort
_KINDS = {_TOPIC: ResourceType.TOPIC, _GROUP: ResourceType.GROUP, _CLUSTER: ResourceType.BROKER}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_ALL = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type] # any name, user and host
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ANY,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Topic:
    """A topic as it is to be."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


def administrator(settings: CommonSettings) -> AdminClient:
    """A client of the cluster that the settings name."""
    security = KafkaSecurity.of(settings)
    return AdminClient(
        {"bootstrap.servers": settings.kafka_servers, "log_level": 0, **security.for_librdkafka()}
    )


@dataclass(frozen=True)
class Difference:
    """A part of a topic (a setting's name, partitions, copies) that is otherwise than it is to be."""

    topic: str
    part: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.part} {self.found}, to be {self.wanted}"


def read_topics(file: Path, replication: int | None = None) -> list[Topic]:
    """The topics of a file. With fewer copies than it asks for, fewer need be in step, too."""
    return [
        _topic(name, told, replication)
        for name, told in yaml.safe_load(file.read_text(encoding="utf-8"))["topics"].items()
    ]


def _topic(name: str, told: Mapping[str, Any], replication: int | None) -> Topic:
    copies = replication or told["replication"]
    config = {**told["config"], "min.insync.replicas": min(told["config"]["min.insync.replicas"], copies)}
    return Topic(name, told["partitions"], copies, {key: _written(value) for key, value in config.items()})


def _written(value: object) -> str:
    """As Kafka writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def create_topics(admin: AdminClient, wanted: Iterable[Topic]) -> list[str]:
    """Create the topics that are not there, and wait until a broker knows them; their names."""
    missing = [topic for topic in wanted if topic.name not in _topics(admin)]
    if missing:
        asked = [NewTopic(t.name, t.partitions, t.replication, config=dict(t.config)) for t in missing]
        _all_done(admin.create_topics(asked, request_timeout=WITHIN).values())
        _until(lambda: {topic.name for topic in missing} <= _topics(admin).keys())
    return [topic.name for topic in missing]


def topic_differences(admin: AdminClient, wanted: Sequence[Topic]) -> list[Difference]:
    """What is otherwise than it is to be. A topic that is missing has no partitions and no copies."""
    there = _topics(admin)
    known = [ConfigResource(ConfigResource.Type.TOPIC, t.name) for t in wanted if t.name in there]
    configs = admin.describe_configs(known, request_timeout=WITHIN) if known else {}
    config = {resource.name: future for resource, future in configs.items()}
    found: list[Difference] = []
    for topic in wanted:
        partitions = there[topic.name].partitions.values() if topic.name in there else []
        copies = {len(partition.replicas) for partition in partitions} or {0}
        found += _unlike(topic.name, PARTITIONS, str(len(partitions)), str(topic.partitions))
        found += _unlike(topic.name, COPIES, " or ".join(map(str, sorted(copies))), str(topic.replication))
        if topic.name in there:
            values = _done(config[topic.name])
            for name, value in topic.config.items():
                found += _unlike(topic.name, name, values[name].value, value)
    return found


def _unlike(topic: str, part: str, found: str, wanted: str) -> list[Difference]:
    return [] if found == wanted else [Difference(topic, part, found, wanted)]


@dataclass(frozen=True, order=True)
class Permission:
    """What somebody may do, from any host. `name` of a topic or group; `prefixed`: all whose names begin so."""

    user: str
    kind: str
    name: str
    operation: str
    prefixed: bool = False

    @classmethod
    def of(cls, binding: AclBinding) -> "Permission | None":
        """As the cluster has it; None for what no file of ours can say: a refusal, a host, another sort of thing."""
        kind = _NAMES.get(ResourceType(binding.restype))
        allowed = AclPermissionType(binding.permission_type) == AclPermissionType.ALLOW
        if kind is None or not allowed or binding.host != _ANY_HOST:
            return None
        return cls(
            binding.principal.removeprefix(_USER),
            kind,
            binding.name,
            AclOperation(binding.operation).name.replace("_", " ").title().replace(" ", ""),
            ResourcePatternType(binding.resource_pattern_type) == ResourcePatternType.PREFIXED,
        )

    def __str__(self) -> str:
        what = "the cluster" if self.kind == _CLUSTER else f"{self.kind} {self.name}{'*' * self.prefixed}"
        return f"{self.user} may {self.operation} {what}"

    def granted(self) -> AclBinding:
        """As the cluster takes it."""
        return AclBinding(*self._place(), AclPermissionType.ALLOW)

    def exactly(self) -> AclBindingFilter:
        """What finds this one alone."""
        return AclBindingFilter(*self._place(), AclPermissionType.ALLOW)

    def _place(self) -> tuple[ResourceType, str, ResourcePatternType, str, str, AclOperation]:
        operation = "".join(f"_{c}" if c.isupper() and at else c for at, c in enumerate(self.operation))
        return (
            _KINDS[self.kind],
            self.name,
            ResourcePatternType.PREFIXED if self.prefixed else ResourcePatternType.LITERAL,
            f"{_USER}{self.user}",
            _ANY_HOST,
            AclOperation[operation.upper()],
        )


def read_permissions(file: Path) -> set[Permission]:
    """The permissions of a file."""
    found = set()
    for user, granted in yaml.safe_load(file.read_text(encoding="utf-8"))["principals"].items():
        for one in granted:
            kind = next(kind for kind in _KINDS if kind in one)
            name = _CLUSTER_NAME if kind == _CLUSTER else one[kind]
            found |= {
                Permission(user, kind, name.removesuffix("*"), operation, name.endswith("*"))
                for operation in one["operations"]
            }
    return found


def permission_differences(
    admin: AdminClient, wanted: set[Permission]
) -> tuple[list[Permission], list[Permission]]:
    """What is missing, and what our users or topics have beyond it; nothing else is looked at."""
    users = {one.user for one in wanted}
    topics = {one.name for one in wanted if one.kind == _TOPIC}
    ours = {one for one in _there(admin) if one.user in users or (one.kind == _TOPIC and one.name in topics)}
    return sorted(wanted - ours), sorted(ours - wanted)


def _there(admin: AdminClient) -> set[Permission]:
    found = {Permission.of(binding) for binding in _done(admin.describe_acls(_ALL, request_timeout=WITHIN))}
    return {one for one in found if one is not None}


def grant(admin: AdminClient, permissions: Iterable[Permission]) -> None:
    """Add permissions, and wait until a broker goes by them: it takes the controller's word a moment later."""
    asked = set(permissions)
    if not asked:
        return
    _all_done(admin.create_acls([one.granted() for one in asked], request_timeout=WITHIN).values())
    _until(lambda: asked <= _there(admin))


def take_away(admin: AdminClient, permissions: Iterable[Permission]) -> None:
    """Remove permissions."""
    if asked := [one.exactly() for one in permissions]:
        _all_done(admin.delete_acls(asked, request_timeout=WITHIN).values())


def _topics(admin: AdminClient) -> dict[str, TopicMetadata]:
    return _asked(lambda: admin.list_topics(timeout=WITHIN)).topics


def _until(taken_over: Callable[[], bool]) -> None:
    """Brokers hear of what the controller has done a moment later."""
    until = time.monotonic() + WITHIN
    while not taken_over():
        if time.monotonic() > until:
            raise Unavailable("The brokers do not take over what was changed: look at the controllers' logs")
        time.sleep(_BETWEEN_LOOKS)


def _all_done(futures: Iterable["Future[T]"]) -> None:
    for future in futures:
        _done(future)


def _done(future: "Future[T]") -> T:
    return _asked(lambda: future.result(WITHIN))


def _asked(ask: Callable[[], T]) -> T:
    """What the cluster answers. Unavailable: it does not, or refuses."""
    try:
        return ask()
    except KafkaException as error:
        if error.args[0].code() == KafkaError.SECURITY_DISABLED:
            raise Unavailable("The brokers keep no permissions: give them an authorizer") from error
        raise Unavailable(
            f"The Kafka cluster says {error.args[0].name()}: look at LINKAGES_KAFKA_SERVERS, and whether "
            "LINKAGES_KAFKA_USER is an administrator"
        ) from error
    except TimeoutError:
        raise Unavailable("The Kafka cluster does not answer: look at LINKAGES_KAFKA_SERVERS") from None
