"""One process, known by its folder: whoever has the folder may look at it, signal it, or start it again."""

import atexit
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.errors import Unavailable

_LOOK_EVERY = 0.02  # seconds
_TAIL = 1_500  # characters of a log that an error shows
_PORTS = range(15_000, 30_000)  # below those that the system gives to outgoing connections
_PROC = Path("/proc")  # macOS has none
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Process:
    """`folder/name.pid` says which process it is, `folder/name.log` what it wrote."""

    folder: Path
    name: str

    @property
    def log(self) -> Path:
        """What it and those before it wrote; kept to some megabytes by whoever starts it."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """The id of the running process, or None."""
        try:
            number, since = self._file.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(number) if started(int(number)) == since else None

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        farewell: signal.Signals | None = signal.SIGKILL,
    ) -> None:
        """Start it, away from the terminal's Ctrl-C. `farewell`: the signal it gets if its starter dies; None: none.

        The system sends that when the *thread* that started it ends, so only the main thread asks for it.
        """
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("ab") as log:
            child = subprocess.Popen(  # noqa: S603 - our own command
                command,
                env=None if env is None else dict(env),
                cwd=None if user is None else self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
                group=None if user is None else _group(user),
                extra_groups=None if user is None else (),
                preexec_fn=_told_of_death(farewell),  # noqa: PLW1509 - one call of the system is all it does
            )
        self._file.write_text(f"{child.pid} {started(child.pid) or 'gone'}")
        _CHILDREN[child.pid] = child, self._file

    @property
    def exit_status(self) -> int | None:
        """How the one that this process started last has ended; None: it runs, or another process started it."""
        return _ENDED.get(self._file)

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing if it is gone."""
        if (pid := self.pid) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def wait(self, timeout: float) -> bool:
        """Whether it has ended within so many seconds."""
        return eventually(lambda: self.pid is None, timeout)

    def stop(self, number: signal.Signals = signal.SIGTERM, *, within: float = 15.0) -> None:
        """Ask it to end, and make it end if it does not in time."""
        self.send(signal.SIGCONT)
        self.send(number)
        if not self.wait(within):
            self.send(signal.SIGKILL)
            self.wait(within)

    def tail(self) -> str:
        """The last of what it wrote."""
        with suppress(FileNotFoundError):
            return self.log.read_text(errors="replace")[-_TAIL:].strip()
        return ""

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.name}.pid"


_LOG_BYTES = 5_000_000
# Children of this process, which looking at takes away when they have ended; and how the last of each name did.
_CHILDREN: dict[int, tuple["subprocess.Popen[bytes]", Path]] = {}
_ENDED: dict[Path, int] = {}


@atexit.register
def _let_go() -> None:
    """Those that are to outlive this process are not waited for: Python would complain of each."""
    for child, _ in _CHILDREN.values():
        child.returncode = child.returncode or 0


def started(pid: int) -> str | None:
    """When a living process was started, as the system tells it: another process may have had its id."""
    if pid in _CHILDREN:
        child, file = _CHILDREN[pid]
        if (status := child.poll()) is not None:
            del _CHILDREN[pid]
            _ENDED[file] = status
            return None
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return None if _PROC.exists() else _asked_for_start(pid)
    return None if fields[0] in "ZX" else fields[19]


def _asked_for_start(pid: int) -> str | None:
    told = subprocess.run(  # noqa: S603
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607 - where the system keeps it
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    return "-".join(told[1:]) if told and not told[0].startswith("Z") else None


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415 - not on every system

    return pwd.getpwnam(user).pw_gid


def _told_of_death(number: signal.Signals | None) -> Callable[[], None] | None:
    """What a child does first, so that it does not outlive its starter; None where the system knows no such thing."""
    if number is None or sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    libc = ctypes.CDLL(None)
    starter = os.getpid()

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != starter:  # it has died already
            os._exit(1)

    return ask


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on now."""
    found: list[int] = []
    for port in random.sample(_PORTS, len(_PORTS)):
        if is_free(port):
            found.append(port)
            if len(found) == count:
                return found
    raise Unavailable(f"no {count} free ports between {_PORTS.start} and {_PORTS.stop}")


def free_ports_in_a_row(count: int) -> int:
    """The first of so many neighbouring ports that nobody listens on now."""
    for port in random.sample(_PORTS, len(_PORTS)):
        if all(is_free(port + more) for more in range(count)):
            return port
    raise Unavailable(f"no {count} free ports in a row between {_PORTS.start} and {_PORTS.stop}")


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def eventually(look: Callable[[], bool], timeout: float, every: float = _LOOK_EVERY) -> bool:
    """Whether it became true within so many seconds."""
    until = time.monotonic() + timeout
    while not look():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True
