"""The county's made-up staff: who takes in, who works a case, who supervises, who coordinates."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from services.demo.steps import Side
from shared.web.auth import sign

Job = Literal["er", "case", "ew", "wtw", "supervisor", "liaison"]
_LIFETIME = timedelta(days=7)  # the demo may stand on a desk for a week

_CWS: tuple[tuple[Job, str], ...] = (
    ("case", "Rosa Delgado"),  # the social worker of the demo: takes in and carries cases
    ("er", "Priscilla Moua"),
    ("er", "Thomas Whitfield"),
    ("er", "Marisol Quintero"),
    ("er", "Danh Pham"),
    ("er", "Latasha Greer"),
    ("case", "Anahit Baghdasaryan"),
    ("case", "Benedict Salonga"),
    ("case", "Yvonne Castellanos"),
    ("case", "Kevin Liang"),
    ("supervisor", "Charlotte Okafor"),
    ("liaison", "Hector Villaseñor"),
)
_CALWORKS: tuple[tuple[Job, str], ...] = (
    ("wtw", "Kim Tran"),  # the employment specialist of the demo
    ("ew", "Grace Macapagal"),
    ("ew", "Ismael Bracamontes"),
    ("ew", "Jasleen Brar"),
    ("ew", "Monica Etheridge"),
    ("ew", "Pao Lor"),
    ("wtw", "Silvia Arreola"),
    ("wtw", "Darnell Prescott"),
    ("wtw", "Mei Fong"),
    ("wtw", "Rebecca Stein"),
    ("supervisor", "Alfonso Echeverria"),
    ("liaison", "Nadia Khoury"),
)
_ROLES: dict[Job, tuple[str, ...]] = {
    "er": ("er_worker",),
    "case": ("er_worker", "case_worker"),
    "ew": ("eligibility_worker",),
    "wtw": ("wtw_worker",),
    "liaison": ("linkages_liaison",),
}


@dataclass(frozen=True, slots=True)
class Worker:
    """One member of staff. `ref` is what assignments and tokens name."""

    ref: str
    name: str
    side: Side
    job: Job
    roles: tuple[str, ...]
    phone: str
    office: str
    supervisor: str | None

    def told(self) -> dict[str, str]:
        """As an intake or an assignment names the worker."""
        told = {"ref": self.ref, "name": self.name, "phone": self.phone, "office": self.office}
        return told if self.supervisor is None else {**told, "supervisor": self.supervisor}

    def token(self, secret: str, issuer: str, county: str, now: datetime) -> str:
        """A signed token of this worker."""
        return sign(
            secret,
            issuer,
            county=county,
            program=self.side,
            roles=list(self.roles),
            worker=self.ref,
            now=now,
            lifetime=_LIFETIME,
        )


@dataclass(frozen=True, slots=True)
class Team:
    """Who works with one family; `case` and `wtw` become theirs only when they are assigned."""

    er: str
    case: str
    ew: str
    wtw: str


def make_workers() -> tuple[Worker, ...]:
    """The whole staff, always the same: the first of each program is the demo's persona."""
    return (*_staff("cws", _CWS), *_staff("calworks", _CALWORKS))


def personas(workers: tuple[Worker, ...]) -> tuple[Worker, Worker]:
    """The social worker and the employment specialist whose inboxes the demo opens."""
    return (
        next(worker for worker in workers if worker.side == "cws"),
        next(worker for worker in workers if worker.side == "calworks"),
    )


def make_team(rng: Random, workers: tuple[Worker, ...], *, of_personas: bool) -> Team:
    """A team drawn from the staff. `of_personas`: both personas work with this family."""
    social, specialist = personas(workers)
    if of_personas:
        return Team(social.ref, social.ref, _drawn(rng, workers, "ew"), specialist.ref)
    return Team(*(_drawn(rng, workers, job) for job in ("er", "case", "ew", "wtw")))


def _drawn(rng: Random, workers: tuple[Worker, ...], job: str) -> str:
    return rng.choice([worker.ref for worker in workers if worker.job == job])


def _staff(side: Side, people: tuple[tuple[Job, str], ...]) -> tuple[Worker, ...]:
    office = "Children and Family Center" if side == "cws" else "Employment Connection Center"
    numbered = [(f"{side}-{job}-{n:02}", job, name) for n, (job, name) in enumerate(people, 1)]
    boss = next(ref for ref, job, _ in numbered if job == "supervisor")
    supervisor_role = "cws_supervisor" if side == "cws" else "calworks_supervisor"
    return tuple(
        Worker(
            ref=ref,
            name=name,
            side=side,
            job=job,
            roles=_ROLES.get(job, (supervisor_role,)),
            phone=f"408-555-0{100 + n + (0 if side == 'cws' else 50)}",
            office=office,
            supervisor=None if job == "supervisor" else boss,
        )
        for n, (ref, job, name) in enumerate(numbered, 1)
    )
