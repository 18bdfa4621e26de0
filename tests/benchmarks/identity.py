"""One new record against a county's index: how long it takes to find and weigh its candidates, beside Splink's
`predict_between` over the same people with the same model.

The people are made up, in households of three, with names as frequent as names are (Zipf) and a long tail. The index is
filled row by row as the service would have it, without the transactions of a million intakes. What is measured is what
a decide does for the pairs of one person: the blocks, the records of everybody in them, every weight.

    python -m tests.benchmarks.identity [--people 1000000] [--postgresql] [--peer]
"""

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from services import local
from services.matcher.identity import blocking, record
from services.matcher.identity.decision import Weigher
from services.matcher.identity.model import load_model
from services.matcher.identity.person import Person
from services.matcher.identity.repository import IdentityRepository
from services.matcher.sweeper import Sweeper
from services.matcher.tables import BLOCK_KEY, PERSON
from services.native import postgres
from shared import logs, migrations
from shared.bulk import insert_rows
from shared.crypto import CountyKeys, KeyFile
from shared.database import Database
from shared.events.person import Address, Name, PersonDetails
from tests.benchmarks.databases import new_database

COUNTY = "43"
ASKED = 300  # new records
WARM = 50  # of them, before time is taken
PEER_ASKED = 5
_AT_ONCE = 20_000  # rows of one statement
_MOST_COMMON = 0.01  # the share of the most common name

_COMMAND = (sys.executable, "-m", "tests.benchmarks.identity")
T = TypeVar("T")

_SYLLABLES = tuple(one + vowel for one in "bcdfghjklmnprstvz" for vowel in "aeo")


class Population:
    """People in households; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)
        self._firsts = self._names(3_000)
        self._lasts = self._names(60_000)

    def _names(self, count: int) -> tuple[list[str], list[float]]:
        rng, found = self._rng, set[str]()
        while len(found) < count:
            found.add("".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))).capitalize())
        names = sorted(found)
        rng.shuffle(names)
        rank = 1 / _MOST_COMMON / 10
        weights = [1 / (rank + n) for n in range(count)]
        total, reached, steps = sum(weights), 0.0, []
        for weight in weights:
            reached += weight / total
            steps.append(reached)
        return names, steps

    def _draw(self, among: tuple[list[str], list[float]]) -> str:
        return self._rng.choices(among[0], cum_weights=among[1])[0]

    def people(self, count: int) -> Iterator[PersonDetails]:
        """So many people."""
        rng = self._rng
        left = count
        while left:
            last, phone = self._draw(self._lasts), f"510{rng.randint(2_000_000, 9_999_999)}"
            address = Address(
                street=f"{rng.randint(1, 9999)} {self._draw(self._lasts)} St",
                city="Oakland",
                zip=f"{94500 + rng.randint(0, 120)}",
            )
            for number in range(min(left, rng.choice((2, 3, 4)))):
                left -= 1
                age = rng.randint(6600, 20000) if number == 0 else rng.randint(30, 6500)
                yield PersonDetails(
                    name=Name(first_name=self._draw(self._firsts), last_name=last),
                    birth_date=(date(2026, 1, 1) - timedelta(days=age)).isoformat(),
                    sex=rng.choice(("F", "M")),
                    addresses=(address,),
                    phones=(phone,) if rng.random() < 0.6 else (),
                )


def asked(known: list[PersonDetails], seed: int) -> list[PersonDetails]:
    """New records: half of them people of the index, with a slip; half of them nobody in it."""
    rng = Random(seed)
    again = [_slipped(one, rng) for one in rng.sample(known, ASKED // 2)]
    found = [*again, *Population(seed).people(ASKED - len(again))]
    rng.shuffle(found)
    return found


def _slipped(one: PersonDetails, rng: Random) -> PersonDetails:
    date_ = list(one.birth_date or "")
    date_[9] = rng.choice("0123456789")
    return one.model_copy(update={"birth_date": "".join(date_), "phones": ()})


def known(people: int) -> list[PersonDetails]:
    """Some of the people of the index."""
    every = max(1, people // 5000)
    return [one for number, one in enumerate(Population(1).people(people)) if number % every == 0]


async def fill(people: int, database: Database, keys: CountyKeys) -> None:
    """Fill the index, and cap its blocks."""
    await _fill(database, _rows(Population(1).people(people), keys))
    await Sweeper(database, {COUNTY}, "bench", blocking.CAP, asyncio.Event()).round()


async def ask(people: int, database: Database, keys: CountyKeys) -> dict[str, Any]:
    """How long a new record takes (ms), how many candidates it has, and what this process needs for it."""
    took, candidates = await _ask(database, keys, asked(known(people), 2))
    return {
        "people": people,
        "p50_ms": round(statistics.median(took), 3),
        "p99_ms": round(statistics.quantiles(took, n=100)[98], 3),
        "candidates": round(statistics.mean(candidates), 1),
        "most_candidates": max(candidates),
        "memory_mb": round(_memory_now()),
    }


def _rows(
    people: Iterable[PersonDetails], keys: CountyKeys
) -> Iterator[tuple[dict[str, Any], list[tuple[bytes, str]]]]:
    ring = keys.keyring("matcher")
    for number, details in enumerate(people):
        ref = f"ps_{number:024d}"
        one = record.of(details)
        sealed = record.seal(one, ring, county=COUNTY, ref=ref)
        person = {"county": COUNTY, "ref": ref, "program": "calworks", "record_seq": 1, "record": sealed}
        person |= {"record_id": None, "sensitivity": "N", "sealed_seq": 0, "sealed": False}
        yield person, [(key, ref) for key in blocking.keys(one.person, keys.digest)]


def _key_row(key: bytes, program: str, ref: str) -> dict[str, Any]:
    return {"county": COUNTY, "key": key, "program": program, "ref": ref, "is_ssn": False}


async def _fill(database: Database, rows: Iterable[tuple[dict[str, Any], list[tuple[bytes, str]]]]) -> None:
    """People as they come; keys in the order of the index, for a tree that is filled in order is filled fast."""
    blocks: list[tuple[bytes, str]] = []
    waiting: list[dict[str, Any]] = []
    for person, its in rows:
        waiting.append(person)
        blocks += its
        if len(waiting) == _AT_ONCE:
            async with database.transaction() as connection:
                await insert_rows(connection, PERSON, waiting)
            waiting = []
    async with database.transaction() as connection:
        await insert_rows(connection, PERSON, waiting)
    blocks.sort()
    for start in range(0, len(blocks), _AT_ONCE):
        some = [_key_row(key, "calworks", ref) for key, ref in blocks[start : start + _AT_ONCE]]
        async with database.transaction() as connection:
            await insert_rows(connection, BLOCK_KEY, some)


async def _ask(
    database: Database, keys: CountyKeys, people: list[PersonDetails]
) -> tuple[list[float], list[int]]:
    model = load_model()
    took, met = [], []
    for number, details in enumerate(people):
        ref = f"cl_{number:024d}"
        rows = [_key_row(key, "cws", ref) for key in blocking.keys(record.of(details).person, keys.digest)]
        async with database.transaction() as connection:
            await insert_rows(connection, BLOCK_KEY, rows)
        began = time.perf_counter()
        found = await _weigh(database, keys, model, ref, details)
        if number >= WARM:
            took.append((time.perf_counter() - began) * 1000)
            met.append(found)
    return took, met


async def _weigh(database: Database, keys: CountyKeys, model: Any, ref: str, details: PersonDetails) -> int:
    """The candidates of a record, each weighed; how many."""
    mine = ("cws", ref)
    async with database.reading() as connection:
        identity = IdentityRepository(connection, COUNTY, keys)
        candidates = (await identity.sharing({mine}))[mine].candidates
        records = await identity.people(candidates)
    people: dict[tuple[str, str], Person] = {other: one.person for other, one in records.items()}
    people[mine] = record.of(details).person
    weigher = Weigher(model)
    for other in candidates:
        weigher.raw(mine, other, people)
    return len(candidates)


def _memory_now() -> float:
    """MB that this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def peer(people: int) -> dict[str, Any]:
    """Splink with the same model over the same people: seconds for one new record."""
    from services.matcher.identity.training import columns, train

    everybody = enumerate(Population(1).people(people))
    index = columns.table((str(number), record.of(details).person) for number, details in everybody)
    new = [record.of(details).person for details in asked(known(people), 2)[:PEER_ASKED]]
    one = columns.table([("new", new[0])])
    linker = train.splink_of(load_model(), [one, index])
    register = linker.table_management.register_table
    right = register(index, "index_of_all")
    took = []
    for number, person in enumerate(new):
        began = time.perf_counter()
        left = register(columns.table([(f"new{number}", person)]), f"asked_{number}")
        linker.inference.predict_between(left, right).as_record_list()
        took.append((time.perf_counter() - began) * 1000)
    return {"people": people, "p50_ms": round(statistics.median(took), 1), "all_ms": [round(t) for t in took]}


async def _with_index(does: Callable[..., Awaitable[T]], people: int, url: str, keys: CountyKeys) -> T:
    database = Database(url)
    try:
        return await does(people, database, keys)
    finally:
        await database.close()


def _keys(file: Path) -> CountyKeys:
    return KeyFile.model_validate_json(file.read_text()).keys()[COUNTY]


def _in_a_new_process(people: int, url: str, keys: Path) -> dict[str, Any]:
    """Asked by a process that has not filled the index, for its memory is a figure too."""
    command = (*_COMMAND, "--people", str(people), "--ask", url, str(keys))
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _filled_and_asked(people: int, url: str, directory: Path) -> dict[str, Any]:
    migrations.upgrade(url, local.PACKAGES["matcher"])
    keys = directory / "keys.json"
    keys.write_text(KeyFile(counties={COUNTY: KeyFile.county()}).model_dump_json())
    began = time.perf_counter()
    asyncio.run(_with_index(fill, people, url, _keys(keys)))
    filled = round(time.perf_counter() - began)
    return _in_a_new_process(people, url, keys) | {"filled_s": filled}


def ours(people: int, *, on_postgresql: bool) -> dict[str, Any]:
    """The figures of one database."""
    with tempfile.TemporaryDirectory(prefix="linkages-identity-") as directory:
        Path(directory).chmod(0o755)  # PostgreSQL runs as a user of its own where we are root
        if not on_postgresql:
            url = f"sqlite:///{directory}/matcher.db"
            return _filled_and_asked(people, url, Path(directory)) | {"database": "SQLite"}
        server = postgres.Server(Path(directory) / "postgres", postgres.Plan())
        try:
            server.start()
            url = asyncio.run(new_database(server, "matcher"))
            return _filled_and_asked(people, url, Path(directory)) | {"database": "PostgreSQL"}
        finally:
            server.remove()


def latencies(people: int) -> dict[str, Any]:
    """Both databases at this size and at a hundredth of it, and the peer; each in a process of its own."""
    found: dict[str, Any] = {}
    for name, *more in (("sqlite",), ("postgresql", "--postgresql"), ("peer", "--peer")):
        for size in (people // 100, people):
            done = subprocess.run(
                (*_COMMAND, "--people", str(size), *more), check=True, stdout=subprocess.PIPE
            )
            found[f"{name}_{size}"] = json.loads(done.stdout)
    return found


def main() -> None:
    """One measurement, as JSON."""
    options = argparse.ArgumentParser()
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--peer", action="store_true")
    options.add_argument("--ask", nargs=2, metavar=("URL", "KEYS"))
    given = options.parse_args()
    logs.configure("error", "bench")
    if given.ask:
        figures = asyncio.run(_with_index(ask, given.people, given.ask[0], _keys(Path(given.ask[1]))))
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    figures = peer(given.people) if given.peer else ours(given.people, on_postgresql=given.postgresql)
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
