"""Looks for everybody in every place that a run leaves behind, and says where somebody stands, never who.

Nobody may stand anywhere but in answers to workers: there, people whom the worker's own program wrote down, people of a
family that signed, and two records side by side where the answer says by what right; and never a Social Security
number. The programs' own tables need no leave, since they keep people sealed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.canary import places
from tests.canary.canaries import Canary, Crowd
from tests.canary.forms import Search
from tests.canary.story import Run
from tests.canary.system import Exchange, System

_CHUNK, _OVERLAP = 4_000_000, 200  # bytes
_REFERENCE = re.compile(r"[a-z]{2,6}_[a-z2-7]{26}|[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)[0-9a-f]{16,}")
_COMPARISON = re.compile(r"^GET /\S*reviews?/\{id\}$")
_GROUNDS = (b'"ground":{', b"For matching only, because of")

Leave = Callable[[Canary], bool]


def _nobody(_: Canary) -> bool:
    return False


def _compared(canary: Canary) -> bool:
    """A comparison that says by what right it shows the other program's record: who it is, not how to reach them."""
    return canary.kind in ("name", "birth date", "street")


@dataclass(frozen=True, order=True)
class Finding:
    """Where, what of somebody, in which form; not whose."""

    place: str
    kind: str
    form: str


class Sweep:
    """`look` at one place after the other; `findings` says how often what was found where."""

    def __init__(self, crowd: Crowd) -> None:
        self.findings: dict[Finding, int] = defaultdict(int)
        self.places: dict[str, int] = defaultdict(int)
        """Bytes by kind of place."""
        self._canaries, self._signed = crowd.canaries, crowd.signed
        self._search = Search(crowd.canaries)

    def look(self, place: str, data: bytes, leave: Leave = _nobody, *, packed: bool = True) -> None:
        """Search a place. `leave`: of whom it may tell; `packed`: whether what is packed is unpacked."""
        self.places[place.partition(" ")[0]] += len(data)
        for start in range(0, len(data), _CHUNK):
            part = data[max(0, start - _OVERLAP) : start + _CHUNK]
            for (at, form), count in self._search.find(part, packed=packed).items():
                canary = self._canaries[at]
                if not leave(canary):
                    self.findings[Finding(place, canary.kind, form)] += count

    def all_of(self, system: System, run: Run) -> None:
        """Every place of a run."""
        self.answers(run.overheard.exchanges)
        for service, text in run.metrics.items():
            self.look(f"metrics of {service}", text.encode())
        self.look("stream of alerts", run.streams)
        for command, text in run.printed.items():
            self.look(f"output of {command}", text.encode())
        self.left_behind(system)

    def left_behind(self, system: System) -> None:
        """Topics, tables and files, as they are now."""
        for place, data in places.topics(system):
            self.look(place, data)
        for place, data in places.columns(system):
            self.look(place, data)
        self.files(system.directory, places.files(system))

    def files(self, directory: Path, files: Iterable[Path]) -> None:
        """Bytes of files. What is in tables is unpacked there, so of a database's own file each page is read once."""
        for file in files:
            name = file.relative_to(directory).as_posix()
            if places.is_of_a_database(file):
                self.look(f"file {name}", places.pages(file), packed=False)
            else:
                kind = "log" if file.suffix == ".log" else "file"
                self.look(f"{kind} {name}", file.read_bytes())

    def answers(self, exchanges: Iterable[Exchange]) -> None:
        """What was answered to whom, and every address that was asked for."""
        bodies: dict[tuple[str, Leave], list[bytes]] = defaultdict(list)
        leaves = {side: self._leave_of(side) for side in ("cws", "calworks", None)}
        heads: dict[str, list[bytes]] = defaultdict(list)
        for one in exchanges:
            path = _REFERENCE.sub("{id}", one.url.partition("?")[0].split("/", 3)[3])
            place = f"{one.method} /{path}"
            if one.malformed:
                place = f"a refused {one.method}"
            else:
                heads[f"URL of {place}"].append(one.url.encode())
            heads[f"headers of {place}"].append(one.headers)
            leave = _nobody if one.malformed else leaves[one.side]
            if one.side and _COMPARISON.search(place) and any(ground in one.body for ground in _GROUNDS):
                leave = _compared
            bodies[f"answer to {place} for {one.side}", leave].append(one.body)
        for place, parts in heads.items():
            self.look(place, b"\n".join(parts))
        for (place, leave), parts in bodies.items():
            self.look(place, b"\n".join(parts), leave)

    def _leave_of(self, side: str | None) -> Leave:
        def leave(canary: Canary) -> bool:
            if canary.kind == "ssn" or side is None:
                return False
            return side in canary.sides or bool(canary.families & self._signed)

        return leave

    def told(self) -> str:
        """The findings, by place."""
        return "\n".join(
            f"{one.place}: {one.kind} ({one.form}), {count} times"
            for one, count in sorted(self.findings.items())
        )
