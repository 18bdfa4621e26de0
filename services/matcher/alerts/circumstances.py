"""All that the standing alerts of one mutual case are a function of: read once, then only looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.matcher.alerts.routing import Assigned, appointed_in_calworks, appointed_in_cws, at_work
from services.matcher.coordination.fact import Fact
from services.matcher.coordination.life_cycle import ended
from services.matcher.coordination.mutual_case import Link, mutual_id
from services.matcher.disclosure.policy import CountyPolicy, Table
from services.matcher.disclosure.request import Basis, Program
from shared.calendars import PACIFIC, local_date


@dataclass(frozen=True)
class Circumstances:
    """A CWS household and an assistance unit, as of `now`.

    roles: of the active members of either, by person. links: between members of the two. facts: about both, their
    referrals, cases and applications with assignments, and every member. bases: by the person they cover.
    sensitivity: of every active member. held: somebody or something in it has a dead letter.
    """

    county: str
    household: str
    unit: str
    cws_roles: Mapping[str, str]
    unit_roles: Mapping[str, str]
    links: tuple[Link, ...]
    facts: tuple[Fact, ...]
    bases: tuple[Basis, ...]
    sensitivity: Mapping[str, str]
    held: bool
    policy: CountyPolicy
    table: Table
    now: datetime

    @cached_property
    def id(self) -> str:
        """The mutual case's id."""
        return mutual_id(self.county, self.household, self.unit)

    @cached_property
    def ended(self) -> frozenset[str]:
        """The referrals, cases and applications that are over."""
        return ended(self.facts, local_date(self.now, PACIFIC))

    @cached_property
    def appointed(self) -> Mapping[Program, Sequence[Assigned]]:
        """Everybody who was, is or will be assigned, on either side."""
        return {
            Program.CWS: appointed_in_cws(self.facts),
            Program.CALWORKS: appointed_in_calworks(self.facts),
        }

    @cached_property
    def workers(self) -> Mapping[Program, Sequence[Assigned]]:
        """Who works on it now, on either side. Looked up once: every item that holds a contact asks."""
        return {program: at_work(them, self.ended, self.now) for program, them in self.appointed.items()}
