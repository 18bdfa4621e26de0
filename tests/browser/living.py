"""The real system in a process of its own, and a made-up family that comes to both programs."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from shared.web.auth import sign
from shared.web.session import one_time_link

ROOT = Path(__file__).resolve().parents[2]
COUNTY, SECRET, ISSUER = "43", "for the tests of the pages alone, nowhere else", "linkages"
_PATIENCE = 30.0  # seconds for which something may take its time
T = TypeVar("T")


def eventually(look: Callable[[], T | None], what: str) -> T:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + _PATIENCE
    while (found := look()) is None or found is False:
        assert time.monotonic() < until, f"{what} did not come"
        time.sleep(0.05)
    return found


@dataclass(frozen=True)
class Worker:
    """Somebody with an inbox."""

    ref: str
    program: str
    roles: tuple[str, ...]
    name: str = "Sam Worker"
    phone: str = "408-555-0100"

    @property
    def told(self) -> dict[str, str]:
        """As an intake names the worker."""
        return {"ref": self.ref, "name": self.name, "phone": self.phone, "office": "North County"}


def social_worker(ref: str) -> Worker:
    return Worker(ref, "cws", ("er_worker", "case_worker"), "Rosa Ortiz", "408-555-0142")


def specialist(ref: str) -> Worker:
    return Worker(ref, "calworks", ("eligibility_worker", "wtw_worker"), "Jin Kim", "408-555-0177")


@dataclass
class System:
    """`linkages up`, on files of its own. `more`: settings besides."""

    data_dir: Path
    more: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=15))

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.port = self.port or free_port()
        settings = {name: value for name, value in os.environ.items() if not name.startswith("LINKAGES_")}
        settings |= {
            "LINKAGES_DATA_DIR": str(self.data_dir),
            "LINKAGES_TOKEN_SECRET": SECRET,
            "LINKAGES_LOG_LEVEL": "warning",
            "PYTHONPATH": str(ROOT),
            **self.more,
        }
        with (self.data_dir / "system.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "up", "--port", str(self.port)],
                env=settings,
                cwd=self.data_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        eventually(self._ready, "the system")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it and what it left open."""
        self.client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}/matcher"

    def link(self, worker: Worker, **more: Any) -> str:
        """A one-time link of a worker."""
        told = {
            "county": COUNTY,
            "program": worker.program,
            "roles": list(worker.roles),
            "worker": worker.ref,
            "now": datetime.now(UTC),
        }
        return one_time_link(SECRET, self.url, **{**told, **more})

    def call(self, method: str, service: str, path: str, worker: Worker, body: Any = None) -> httpx.Response:
        """A call of the API as this worker."""
        token = sign(
            SECRET,
            ISSUER,
            county=COUNTY,
            program=worker.program,
            roles=list(worker.roles),
            worker=worker.ref,
            now=datetime.now(UTC),
        )
        return self.client.request(
            method,
            f"http://127.0.0.1:{self.port}/{service}{path}",
            json=body,
            headers={"authorization": f"Bearer {token}"},
        )

    def post(self, service: str, path: str, worker: Worker, body: Any) -> Any:
        """The answer to a POST that must be accepted."""
        answer = self.call("POST", service, path, worker, body)
        assert answer.is_success, answer.text
        return answer.json()

    def alerts(self, worker: Worker) -> list[dict[str, Any]]:
        """What stands in a worker's inbox."""
        items = self.call("GET", "matcher", "/v1/alerts?limit=200", worker).json()["items"]
        return [item for item in items if item["state"] in ("open", "acknowledged")]

    def alert(self, worker: Worker, kind: str) -> dict[str, Any]:
        """The worker's alert of this type, as soon as it is there."""
        return eventually(lambda: next((a for a in self.alerts(worker) if a["type"] == kind), None), kind)

    def tasks(self, worker: Worker) -> list[dict[str, Any]]:
        """A worker's open tasks."""
        items = self.call("GET", "matcher", "/v1/tasks?limit=200", worker).json()["items"]
        return [item for item in items if item["state"] == "open"]

    def _ready(self) -> bool | None:
        assert self.process is not None
        assert self.process.poll() is None, (self.data_dir / "system.log").read_text()
        try:
            services = ("cws", "calworks", "matcher")
            return all(
                self.client.get(f"http://127.0.0.1:{self.port}/{name}/readyz").is_success for name in services
            )
        except httpx.TransportError:
            return None


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Family:
    """A mother and her son, in Child Welfare Services with `social` and in CalWORKs with `specialist`.

    The two programs write them differently: nothing that only the other side has may be on a page.
    """

    system: System
    social: Worker
    specialist: Worker
    first: str
    last: str
    child: str
    number: int
    referral: dict[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)
    case: dict[str, Any] = field(default_factory=dict)

    @property
    def other_sides(self) -> tuple[str, ...]:
        """What CalWORKs alone has written."""
        return (f"Calle {self.number}", f"415-555-{self.number:04}", "Josefa")

    def come_to_cws(self) -> None:
        street = {"street": f"{self.number} Alder Street", "city": "San Jose", "zip": "95112"}
        mother = self._mother() | {"addresses": [street]}
        boy = self._boy() | {"addresses": [street]}
        self.referral = self.system.post(
            "cws",
            "/v1/referrals",
            self.social,
            {
                "received_at": datetime.now(UTC).isoformat(),
                "response": "10_day",
                "participants": [{"person": mother, "role": "parent"}, {"person": boy, "role": "child"}],
                "worker": self.social.told,
            },
        )

    def come_to_calworks(self) -> None:
        mother = self._mother() | {
            "middle_name": "Josefa",
            "addresses": [{"street": f"{self.number} Calle {self.number}", "city": "Gilroy", "zip": "95020"}],
            "phones": [f"415-555-{self.number:04}"],
        }
        self.application = self.system.post(
            "calworks",
            "/v1/applications",
            self.specialist,
            {
                "received_at": datetime.now(UTC).isoformat(),
                "persons": [
                    {"person": mother, "role": "aided_adult"},
                    {"person": self._boy(), "role": "aided_child"},
                ],
                "worker": self.specialist.told,
            },
        )

    def come(self) -> "Family":
        """Come to both."""
        self.come_to_cws()
        self.come_to_calworks()
        return self

    @property
    def mother(self) -> str:
        """The mother's reference in Child Welfare Services."""
        return str(self.referral["participants"][0]["client"])

    @property
    def boy(self) -> str:
        """The son's."""
        return str(self.referral["participants"][1]["client"])

    @property
    def adult(self) -> str:
        """The mother's reference in CalWORKs."""
        return str(self.application["persons"][0]["person"])

    def sign(self) -> str:
        """Sign a release for both, as soon as the social worker is known to work with them."""
        today = datetime.now(UTC).date() - timedelta(days=1)
        body = {
            "persons": [
                {"ref": self.mother, "signed_by": "self"},
                {"ref": self.boy, "signed_by": "parent_guardian"},
            ],
            "categories": ["K0", "K1", "K2", "K3", "K4", "K6", "K7"],
            "directions": ["both"],
            "purposes": ["P2", "P3", "P4", "P6", "P7"],
            "form": "Linkages ROI",
            "signed_on": today.isoformat(),
            "expires_on": (today + timedelta(days=300)).isoformat(),
        }

        def take() -> dict[str, Any] | None:
            answer = self.system.call("POST", "matcher", "/v1/releases", self.social, body)
            return answer.json() if answer.status_code == 201 else None

        return str(eventually(take, "the release")["ref"])

    def open_cases(self) -> None:
        """A case on both sides, so that sanctions reach the case worker."""
        today = datetime.now(UTC).date() - timedelta(days=1)
        self.case = self.system.post(
            "cws",
            "/v1/cases",
            self.social,
            {
                "child": self.boy,
                "referral": self.referral["ref"],
                "component": "FM",
                "court": False,
                "opened_on": today.isoformat(),
                "worker": self.social.told,
            },
        )
        self.system.post(
            "calworks",
            "/v1/cases",
            self.specialist,
            {
                "application": self.application["ref"],
                "aid_start": today.isoformat(),
                "workers": [
                    {"kind": "EW", "worker": self.specialist.told},
                    {"kind": "WTW", "worker": self.specialist.told},
                ],
            },
        )

    def get_a_notice(self, days_ago: int = 14) -> None:
        """A notice of non-participation, with the missed activity."""
        at = datetime.now(UTC)
        body = {
            "person": self.adult,
            "notice_date": _local(at, -days_ago),
            "missed": {
                "kind": "job club",
                "starts_at": (at - timedelta(days=20)).isoformat(),
                "ends_at": (at - timedelta(days=20, hours=-3)).isoformat(),
            },
        }
        self.system.post("calworks", "/v1/noncompliances", self.specialist, body)

    def get_a_sanction(self) -> None:
        """A sanction with the steps that end it."""
        month = datetime.now(UTC).date().replace(day=1)
        body = {
            "person": self.adult,
            "sanction_class": "wtw",
            "effective_month": month.isoformat(),
            "cure_steps": [{"kind": "sign a plan"}, {"kind": "go to job club"}],
        }
        self.system.post("calworks", "/v1/sanctions", self.specialist, body)

    def lose_the_child(self) -> None:
        """The son is placed out of the home."""
        body = {"removed_on": _local(datetime.now(UTC), -1), "all_eligible_removed": True}
        self.system.post("cws", f"/v1/clients/{self.boy}/removals", self.social, body)

    def _mother(self) -> dict[str, Any]:
        born = date(1985, 1, 1) + timedelta(days=37 * self.number)
        return {
            "first_name": self.first,
            "last_name": self.last,
            "birth_date": born.isoformat(),
            "sex": "F",
            "ssn": f"612-{10 + self.number % 80:02}-{1000 + self.number}",
        }

    def _boy(self) -> dict[str, Any]:
        born = date(2015, 1, 1) + timedelta(days=41 * self.number)
        return {
            "first_name": self.child,
            "last_name": self.last,
            "birth_date": born.isoformat(),
            "sex": "M",
            "ssn": f"613-{10 + self.number % 80:02}-{2000 + self.number}",
        }


def _local(at: datetime, days: int) -> str:
    """A day in California."""
    return ((at - timedelta(hours=8)).date() + timedelta(days=days)).isoformat()
