"""What `linkages doctor` asks a Kafka cluster: is it there, are topics and permissions as `deploy/kafka` has them."""

import asyncio

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import ApiVersionRequest
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient

from services.broker import PERMISSIONS, TOPICS
from services.kafka_setup import (
    WITHIN,
    Difference,
    Permission,
    administrator,
    permission_differences,
    read_permissions,
    read_topics,
    topic_differences,
)
from shared.bus import CALWORKS_TOPIC
from shared.bus.diagnosis import why
from shared.bus.security import KafkaSecurity
from shared.errors import Unavailable
from shared.settings import CommonSettings

COPIES = 3  # of each record, so that the loss of one broker is not noticed
_ANSWERS_WITHIN = 3.0  # seconds
_FETCH, _OLDEST_FETCH_OF_4 = 1, 4  # Kafka 4.0 took away the older versions of this request
_IMPLY_DESCRIBE = {"Read", "Write", "Delete", "Alter"}


async def brokers(settings: CommonSettings) -> tuple[int, bool]:
    """How many brokers there are, and whether those of the settings that answer are of Kafka 4 or newer.

    Unavailable: none answers, or none lets this user in.
    """
    security = KafkaSecurity.of(settings)
    versions = []
    for host, port, _ in collect_hosts(settings.kafka_servers, randomize=False):
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN):
                connection = await create_conn(
                    host, port, request_timeout_ms=int(_ANSWERS_WITHIN * 1000), **security.for_aiokafka()
                )
                try:
                    answer = await connection.send(ApiVersionRequest())
                finally:
                    connection.close()
        except (KafkaError, TimeoutError, OSError):
            continue
        versions += [oldest for request, oldest, _ in answer.api_versions if request == _FETCH]
    if not versions:
        raise Unavailable(await why(settings.kafka_servers, security, CALWORKS_TOPIC))
    return await asyncio.to_thread(_count, settings), min(versions) >= _OLDEST_FETCH_OF_4


def _count(settings: CommonSettings) -> int:
    try:
        return len(administrator(settings).list_topics(timeout=WITHIN).brokers)
    except KafkaException as error:
        raise Unavailable("The brokers do not say who they are") from error


def unlike_topics(settings: CommonSettings) -> tuple[int, list[Difference]]:
    """How many copies are possible here, and what of the topics is not as the file has it with that many."""
    copies = min(COPIES, _count(settings))
    return copies, topic_differences(administrator(settings), read_topics(TOPICS, copies))


def unlike_permissions(settings: CommonSettings) -> tuple[list[str], list[str]]:
    """What is missing and what is beyond the file, in words: of everybody if this user may look, else its own."""
    admin, wanted, user = administrator(settings), read_permissions(PERMISSIONS), settings.kafka_user
    own = {one for one in wanted if one.user == user}
    looks_at_all = not own or any(one.kind == "cluster" for one in own)
    missing, beyond = (
        permission_differences(admin, wanted) if looks_at_all else _own(admin, wanted, str(user))
    )
    return [str(one) for one in missing], [str(one) for one in beyond]


def _own(admin: AdminClient, wanted: set[Permission], user: str) -> tuple[list[Permission], list[Permission]]:
    """The same of the topics, by what the brokers say that this user may do."""
    topics = sorted({one.name for one in wanted if one.kind == "topic" and not one.prefixed})
    missing, beyond = [], []
    asked = admin.describe_topics(
        TopicCollection(topics), include_authorized_operations=True, request_timeout=WITHIN
    )
    for topic, future in asked.items():
        may = {one.operation for one in wanted if (one.user, one.name) == (user, topic)}
        allowed = may | ({"Describe"} if may & _IMPLY_DESCRIBE else set())
        found = _operations(future.result(WITHIN).authorized_operations) if _is_there(future) else set()
        missing += [Permission(user, "topic", topic, one) for one in sorted(may - found)]
        beyond += [Permission(user, "topic", topic, one) for one in sorted(found - allowed)]
    return missing, beyond


def _is_there(future: object) -> bool:
    """Whether this user sees the topic at all."""
    try:
        future.result(WITHIN)  # type: ignore[attr-defined]
    except KafkaException:
        return False
    return True


def _operations(given: list[AclOperation] | None) -> set[str]:
    return {AclOperation(one).name.replace("_", " ").title().replace(" ", "") for one in given or ()}
