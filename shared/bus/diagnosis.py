"""Why a topic cannot be reached, in one sentence: aiokafka says of most reasons only that time ran out.

A client without permission gets nothing for ever, a wrong password is a broken connection, and a topic that is not
there is asked for again and again. So after a failure one connection asks a broker by name.
"""

import asyncio
import ssl
from typing import Any

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from aiokafka.protocol.metadata import MetadataRequest

from shared.bus import PARTITIONS
from shared.bus.security import KafkaSecurity

WITHIN = 2.0  # seconds for each broker
_NO_LEADER = -1


async def why(servers: str, security: KafkaSecurity, topic: str) -> str:
    """What stands between this client and a topic, and what mends it."""
    reason = f"No broker answers at {servers}: start it, or set LINKAGES_KAFKA_SERVERS"
    for host, port, _ in collect_hosts(servers, randomize=False):
        try:
            async with asyncio.timeout(WITHIN):
                connection = await create_conn(
                    host, port, request_timeout_ms=int(WITHIN * 1000), **security.for_aiokafka()
                )
                try:
                    return await _why_not(connection, security, topic)
                finally:
                    connection.close()
        except ssl.SSLError:
            reason = (
                "A broker's certificate is not trusted: set LINKAGES_KAFKA_CA_FILE to those it comes from"
            )
        except (KafkaConnectionError, TimeoutError, OSError):
            continue
        except KafkaError:
            if not security.by_password:
                raise
            reason = f"The brokers refuse the user {security.user}: set LINKAGES_KAFKA_USER and LINKAGES_KAFKA_PASSWORD"
    return reason


async def _why_not(connection: AIOKafkaConnection, security: KafkaSecurity, topic: str) -> str:
    """What a broker that lets us in says about the topic."""
    answer: Any = await connection.send(MetadataRequest([topic], allow_auto_topic_creation=False))
    error, _, *_, partitions = answer.topics[0]
    if error == TopicAuthorizationFailedError.errno:
        return f"{security.principal} may not Describe the topic {topic}: run `linkages kafka acls`"
    if error == UnknownTopicOrPartitionError.errno:
        return f"There is no topic {topic}: run `linkages kafka topics`"
    if len(partitions) != PARTITIONS:
        return (
            f"The topic {topic} has {len(partitions)} partitions and must have {PARTITIONS}, or keys move: "
            "delete it and run `linkages kafka topics`; what the outboxes keep is sent again"
        )
    if any(leader == _NO_LEADER for _, _, leader, *_ in partitions):
        return f"A partition of {topic} has no leader: too few brokers are there"
    return f"The brokers do not answer in time about {topic}"
