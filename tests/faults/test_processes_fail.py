"""Processes and the database fail while a county streams in: nothing is lost, doubled or told out of order.

T1, T2, T3 and T6; one broker. The last two plant a bug, which must be found.
"""

import sys
import time

import pytest

from tests.faults.load import Load
from tests.faults.planted import FENCED, READ
from tests.faults.stand import LEASE, MATCHERS, PARTS, RELAYS, Stand
from tests.faults.verdicts import AFTER, SEED, at_most, chance_of, holds, number

ERRORS_WITHIN = 5.0  # seconds
SEEN_AFTER = (
    LEASE / 2 + 0.5
)  # seconds after a lease has ended until somebody else has seen it and has taken it

pytestmark = [pytest.mark.alone, pytest.mark.timeout(4 * 3600)]


def test_t1_processes_killed_at_random(stand: Stand) -> None:
    chance, faults = chance_of("T1"), number("T1", 10)
    with Load(stand, SEED) as load:
        stand.supervise(2.0)
        for _ in range(faults):
            stand.kill(chance.choice(PARTS))
            stand.supervise(chance.uniform(1.2, 3.2))
        stand.wait_until_ready(*PARTS)
        load.outages.end()
        stand.supervise(AFTER)
    holds("T1", load, faults)


@pytest.mark.faults
def test_t2_a_rolling_restart_fails_no_call(stand: Stand) -> None:
    rounds = number("T2", 1)
    took = []
    with Load(stand, SEED) as load:
        stand.supervise(1.0)
        for _ in range(rounds):
            for name in PARTS:
                took.append(stand.stop(name))
                stand.start(name)
                stand.wait_until_ready(name)
        load.outages.end()
        stand.supervise(AFTER)
    sys.stdout.write(f"\nT2: the slowest end took {max(took):.1f} s\n")
    holds("T2", load, rounds * len(PARTS))


@pytest.mark.faults
def test_t3_a_worker_frozen_past_its_lease_writes_nothing_when_it_wakes(stand: Stand) -> None:
    chance = chance_of("T3")
    faults, most = number("T3", 3), at_most(4.0, 30.0, "T3")
    before = {name: stand.said(name).count(FENCED) for name in MATCHERS}
    with stand.running(planted("slow-fence"), *MATCHERS), Load(stand, SEED) as load:
        stand.supervise(2.0)
        for fault in range(faults):
            name = chance.choice(RELAYS) if fault % 3 == 2 else chance.choice(MATCHERS)
            if name in MATCHERS:
                wait_for_a_batch(stand, name)
            began = time.monotonic()
            stand.freeze(name)
            stand.supervise(LEASE + chance.uniform(SEEN_AFTER, most))
            stand.thaw(name)
            if name in RELAYS:  # it has no stand-in
                load.outages.add(began)
            load.outages.end()
            stand.supervise(chance.uniform(1.0, 3.0))
        stand.supervise(AFTER)
    fenced = sum(stand.said(name).count(FENCED) - before[name] for name in MATCHERS)
    sys.stdout.write(f"\nT3: the fence turned {fenced} batches away\n")
    holds("T3", load, faults)
    assert fenced > 0


def wait_for_a_batch(stand: Stand, name: str) -> None:
    """Wait until a matcher worker is between reading and writing; not for ever, since it may hold no partition."""
    before, until = stand.said(name).count(READ), time.monotonic() + 5.0
    while stand.said(name).count(READ) == before and time.monotonic() < until:
        time.sleep(0.01)


@pytest.mark.faults
def test_t6_the_database_crashes_freezes_and_ends_connections(stand: Stand) -> None:
    chance = chance_of("T6")
    faults, most = number("T6", 3), at_most(6.0, 30.0, "T6")
    with Load(stand, SEED) as load:
        stand.supervise(2.0)
        for fault in range(faults):
            began = time.monotonic()
            match fault % 3:
                case 0:
                    stand.server.crash()
                    stand.supervise(chance.uniform(0.0, 1.0))
                    stand.server.start()
                    load.outages.add(began)
                case 1:
                    stand.server.pause()
                    stand.supervise(chance.uniform(5.0, most))
                    stand.server.resume()
                    load.outages.add(began)
                case 2:
                    stand.sql(
                        "matcher",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'linkages%'",
                    )
            load.outages.end()
            stand.supervise(chance.uniform(2.0, 4.0))
        stand.supervise(AFTER)
    holds("T6", load, faults)
    if load.verdict.error_p99 is not None:
        assert load.verdict.error_p99 < ERRORS_WITHIN, load.verdict.told()


# --- the harness finds what it is there to find ---


def planted(bug: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.faults.planted", bug)


@pytest.mark.faults
def test_a_relay_that_acknowledges_before_it_sends_is_found(stand: Stand) -> None:
    with stand.running(planted("acknowledged-first"), *RELAYS), Load(stand, SEED, visible_within=8.0) as load:
        stand.supervise(2.0)
        for _ in range(6):
            for name in RELAYS:
                stand.kill(name)
            stand.supervise(2.5)
    assert load.verdict.lost > 0


@pytest.mark.faults
def test_a_reader_without_an_inbox_is_found(stand: Stand) -> None:
    with (
        stand.running(planted("no-inbox"), *MATCHERS),
        Load(stand, SEED, look_at_order=False, visible_within=8.0) as load,
    ):
        stand.supervise(4.0)
        # As when a relay dies between sending and keeping what was acknowledged.
        stand.sql(
            "cws",
            'UPDATE outbox SET "offset" = NULL WHERE position > (SELECT max(position) - 50 FROM outbox)',
        )
        stand.supervise(2.0)
    assert load.verdict.doubled > 0
