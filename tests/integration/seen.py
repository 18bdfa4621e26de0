"""What is seen of a running service from outside: answers of the database, topics, brokers, processes."""

import subprocess

import asyncpg
import sqlalchemy as sa
from confluent_kafka.admin import AdminClient, NewTopic

from tests.services import in_a_thread


async def _value(url: str, query: str, timeout: float = 10.0) -> object:
    """The first value of a query's answer."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain, timeout=timeout)
    try:
        return await connection.fetchval(query, timeout=timeout)
    finally:
        connection.terminate()


def ask(url: str, query: str, timeout: float = 10.0) -> object:
    return in_a_thread(_value(url, query, timeout))


def topics(servers: str, **more: str) -> set[str]:
    return set(
        AdminClient({"bootstrap.servers": servers, "log_level": 0} | more).list_topics(timeout=5).topics
    )


def brokers(servers: str) -> set[int]:
    return set(AdminClient({"bootstrap.servers": servers, "log_level": 0}).list_topics(timeout=5).brokers)


def make_topic(servers: str, name: str, copies: int = 1) -> None:
    admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})
    admin.create_topics([NewTopic(name, 1, copies)])[name].result(timeout=20)


def all_commands() -> str:
    """The command of every process of this machine."""
    return subprocess.run(
        ["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True
    ).stdout
