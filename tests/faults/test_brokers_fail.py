"""Brokers fail, and lose what they acknowledged, while a county streams in. T4 and T12; three brokers."""

import os
import sys
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import TopicPartition

from shared.bus import CALWORKS_TOPIC, CWS_TOPIC, PARTITIONS
from tests.faults.load import Load
from tests.faults.stand import MATCHERS, RELAYS, Stand
from tests.faults.verdicts import AFTER, SEED, at_most, chance_of, holds, number

NOTICED_WITHIN = 60.0  # seconds

pytestmark = [pytest.mark.alone, pytest.mark.faults, pytest.mark.timeout(4 * 3600)]


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with Stand(brokers=3) as one:
        yield one


def test_t4_brokers_away_and_the_apps_accept_all_the_same(stand: Stand) -> None:
    chance = chance_of("T4")
    faults, most = number("T4", 3), at_most(4.0, 60.0, "T4")
    cluster = stand.cluster
    with Load(stand, SEED) as load:
        stand.supervise(2.0)
        for fault in range(faults):
            kind = ("leader killed", "all killed", "all frozen")[fault % 3]
            gone = [leader(stand)] if kind == "leader killed" else list(cluster.numbers)
            began = time.monotonic()
            for broker in gone:
                (cluster.pause if kind == "all frozen" else cluster.kill)(broker)
            stand.supervise(chance.uniform(0.5, most))
            for broker in gone:
                if kind == "all frozen":
                    cluster.resume(broker)
                else:
                    cluster.restart(broker, wait=False)
            cluster.wait_until_ready()
            if len(gone) == len(cluster.numbers):
                load.outages.add(began)
            load.outages.end()
            stand.supervise(chance.uniform(1.0, 3.0))
        stand.supervise(AFTER)
    holds("T4", load, faults)
    answers = [outcome for outcome in load.verdict.failed_attempts if outcome.isdigit()]
    assert not answers, f"the apps did not accept while brokers were away: {answers}"
    assert faults < 2 or load.verdict.accepted_meanwhile > 0


def leader(stand: Stand) -> int:
    """The broker that leads the first partition of the first topic."""
    told = stand.admin().list_topics(CWS_TOPIC, timeout=10).topics[CWS_TOPIC].partitions[0].leader
    return int(told)


def test_t12_a_log_that_loses_what_it_acknowledged_is_healed(stand: Stand) -> None:
    chance, faults = chance_of("T12"), number("T12", 1)
    slowest = 0.0
    deeds = (topic_made_anew, records_deleted, tail_lost)
    first = chance.randrange(len(deeds))
    for fault in range(faults):
        deed = deeds[(first + fault) % len(deeds)]
        before = generations(stand)
        with Load(stand, SEED + fault, look_at_order=False) as load:
            stand.supervise(2.0)
            began = time.monotonic()
            deed(stand)
            until = time.monotonic() + NOTICED_WITHIN
            while generations(stand) == before and time.monotonic() < until:
                stand.supervise(0.3)
            noticed = time.monotonic() - began
            load.outages.add(began)
            stand.supervise(AFTER)
        sys.stdout.write(f"\nT12: {deed.__name__}, noticed after {noticed:.1f} s\n")
        slowest = max(slowest, noticed)
        holds("T12", load, 1, unnoticed=NOTICED_WITHIN)
    assert slowest < NOTICED_WITHIN


def generations(stand: Stand) -> float:
    """How often a relay or a reader has begun again because the log had lost records."""
    return sum(stand.metric(name, "linkages_generation_changes_total") for name in (*RELAYS, *MATCHERS))


def topic_made_anew(stand: Stand) -> None:
    admin = stand.admin()
    for deleted in admin.delete_topics([CWS_TOPIC], operation_timeout=30).values():
        deleted.result(timeout=35)
    until = time.monotonic() + 30
    while CWS_TOPIC in admin.list_topics(timeout=10).topics:
        assert time.monotonic() < until, "the topic is still there"
        time.sleep(0.1)
    stand.create_topics()


def records_deleted(stand: Stand) -> None:
    """Records that nobody has read yet are gone: the matchers stand still meanwhile."""
    for name in MATCHERS:
        stand.freeze(name)
    stand.supervise(2.0)
    admin = stand.admin()
    places = [
        TopicPartition(topic, p, -1) for topic in (CWS_TOPIC, CALWORKS_TOPIC) for p in range(PARTITIONS)
    ]
    for deleted in admin.delete_records(places, operation_timeout=10).values():
        deleted.result(15)
    for name in MATCHERS:
        stand.thaw(name)


def tail_lost(stand: Stand) -> None:
    """Every copy of a topic loses its last records, as when all brokers lose power before the disk has them."""
    for name in MATCHERS:
        stand.freeze(name)
    stand.supervise(2.0)
    for broker in stand.cluster.numbers:
        stand.cluster.kill(broker)
    for log in stand.cluster.folder.glob(f"*/{CWS_TOPIC}-*/*.log"):
        os.truncate(log, log.stat().st_size * 2 // 3)
    for name in MATCHERS:
        stand.thaw(name)
    stand.cluster.start()
