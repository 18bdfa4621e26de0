"""What a county has switched on, by its policy file, and the grounds that it therefore gathers.

It is read strictly, since a misspelt key in a legal file must stop the reader and not be passed over. The
decision table stands in `table.py`; its readers find it here too.
"""

import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, ValidationError

from services.matcher.disclosure.request import Basis, BasisKind, Breadth, Category, Direction
from services.matcher.disclosure.table import Strict, Table, read_table, table_on, where
from shared import counties
from shared.calendars import BusinessCalendar, CalendarKind
from shared.counties import PolicyFileError, Setting, load, read_yaml

__all__ = [
    "ORDINARY",
    "CountyPolicy",
    "PolicyFileError",
    "Table",
    "county_policy",
    "read_county",
    "read_table",
    "table_on",
]

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  # the start of a ground that is written without one
_ANY_COUNTY = "01"
ORDINARY = (  # what "all records" on a form comes to, and what a form provides for unless more is written of it
    Category.K0,
    Category.K1,
    Category.K2,
    Category.K3,
    Category.K4,
    Category.K6,
    Category.K7,
)


class LegalBases(Strict):
    """Which grounds the county uses. Counsel signs off each that is not shipped switched on."""

    admin_10850: Breadth
    roi: bool
    mdt_18951: bool
    mdt_18961_7: bool
    mdt_18986: bool
    cft_832: bool
    court: bool
    index_18961_5: bool
    emergency: bool


class DueTime(Strict):
    """Within how much an alert is to be acknowledged, counted from its entry."""

    count: int = Field(ge=1)
    unit: CalendarKind


class NoncomplianceDays(Strict):
    """Counted from the notice, which is day 0."""

    last_day: int = Field(ge=1)
    hard_stop_day: int = Field(ge=1)


class FormName(Strict):
    """A form of the registry: the code workers say, its name in full, and what its paper provides for.

    What a county's file leaves out is read narrowly: no special category, no last day of its own, the county's
    languages. `versions`: those in use; none listed: any. `default_months`: after how many it ends by itself.
    """

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    versions: tuple[str, ...] = ()
    categories: tuple[Category, ...] = Field(default=ORDINARY, min_length=1)
    directions: tuple[Direction, ...] = Field(default=(Direction.BOTH,), min_length=1)
    default_months: int | None = Field(default=None, ge=1, le=12)
    languages: tuple[str, ...] = ()
    one_recipient: bool = False
    representative_on_paper: bool = False  # an authorized representative cannot sign it electronically


class MeetingNames(Strict):
    """What the county calls its meetings."""

    placement: str = Field(min_length=1)
    team: str = Field(min_length=1)


class OfficeHours(Strict):
    """Local wall times between which an office is open on business days, and the zone of the county."""

    opens: time
    closes: time
    zone: str


class Holidays(Strict):
    """Names of California's public holidays on which the offices close, and single further dates."""

    names: frozenset[str]
    friday_before_saturday: frozenset[str]
    extra_closures: frozenset[date]


class CountyPolicy(Strict):
    """What one county has chosen, on one day. `sources` says for each setting what rule it comes from.

    `live_since`: causes before that instant make no alert; None: all do. `former_unit_months`: for how long the unit
    that a removed child was in counts after the child left it or its aid ended.
    """

    county: str
    sources: Mapping[str, str]
    legal_bases: LegalBases
    no_consent_mode: Literal["universal_prompt", "liaison_only", "admin_flag"]
    index_profile: Literal["10850_admin", "18961_5", "hashed"]
    mutual_types: frozenset[Literal["M1", "M2", "M3", "M4", "M5", "M6"]]
    former_unit_months: int = Field(ge=1, le=60)
    referral_counts: bool
    live_since: AwareDatetime | None
    acknowledge: Mapping[str, DueTime]
    noncompliance: NoncomplianceDays
    release_cap_months: int = Field(ge=1, le=12)
    forms: tuple[FormName, ...] = Field(min_length=1)
    meetings: MeetingNames
    languages: tuple[str, ...] = Field(min_length=1)
    office: OfficeHours
    holidays: Holidays

    def form(self, code: str) -> FormName | None:
        """The registered form of that code, however it is spaced and cased; None: the county has registered none."""
        said = " ".join(code.lower().split())
        return next((one for one in self.forms if " ".join(one.code.lower().split()) == said), None)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the county's days begin and end."""
        return ZoneInfo(self.office.zone)

    @property
    def calendar(self) -> BusinessCalendar:
        """When the county's offices are open."""
        return BusinessCalendar(
            zone=self.zone,
            opens=self.office.opens,
            closes=self.office.closes,
            holiday_names=self.holidays.names,
            saturday_names=self.holidays.friday_before_saturday,
            extra_closures=self.holidays.extra_closures,
        )

    @property
    def standing_bases(self) -> tuple[Basis, ...]:
        """Grounds that hold for every family of the county without anybody's signature."""
        breadth = self.legal_bases.admin_10850
        if breadth is Breadth.NONE:
            return ()
        return (Basis(basis=BasisKind.ADMIN_10850, breadth=breadth, valid_from=_ALWAYS),)

    def gather(self, taken: Iterable[Basis] = ()) -> tuple[Basis, ...]:
        """The bases to ask the gate with: the county's standing ones, and those taken of a kind it uses."""
        return (*self.standing_bases, *(one for one in taken if self._uses(one.basis)))

    def _uses(self, kind: BasisKind) -> bool:
        switch = getattr(self.legal_bases, kind.value.lower(), False)
        return switch is True


@lru_cache(maxsize=512)
def county_policy(county: str, on: date) -> CountyPolicy:
    """The policy of a county ("01" to "58") on a day. PolicyFileError names the file and the key."""
    return _policy(county, load(county, on))


def read_county(path: Path, on: date) -> CountyPolicy:
    """What a county would get on a day if that file were shipped; every day on which a value changes is looked at.

    The file is a county's own, or the default of all. PolicyFileError: as for a shipped one.
    """
    content = read_yaml(path)
    county = content.get("county")
    shipped = Path(counties.__file__).parent / "default.yaml"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        default = path if county is None else shipped
        (folder / "default.yaml").write_bytes(default.read_bytes())
        if county is not None:
            if not isinstance(county, str) or not county.isalnum():
                raise PolicyFileError(f'{path.name}: \'county\' must be two digits in quotes, "01" to "58"')
            (folder / f"{county}.yaml").write_bytes(path.read_bytes())
        for day in _days_of_change(content):
            _policy(county or _ANY_COUNTY, load(county or _ANY_COUNTY, day, folder))
        return _policy(county or _ANY_COUNTY, load(county or _ANY_COUNTY, on, folder))


def _policy(county: str, settings: Mapping[str, Setting]) -> CountyPolicy:
    values = {key: setting.value for key, setting in settings.items()}
    sources = {key: setting.source for key, setting in settings.items()}
    try:
        return CountyPolicy.model_validate({**values, "county": county, "sources": sources})
    except ValidationError as wrong:
        raise PolicyFileError(f"county {county}: {where(wrong)}") from wrong


def _days_of_change(content: Mapping[str, object]) -> set[date]:
    """Days on which a value of the file begins, and those on which one has just ended."""
    settings = content.get("settings")
    written = settings.values() if isinstance(settings, dict) else ()
    days: set[date] = set()
    for one in (part for dated in written for part in (dated if isinstance(dated, list) else [dated])):
        if isinstance(one, dict):
            begins, last = one.get("effective_from"), one.get("effective_until")
            days |= {begins} if type(begins) is date else set()
            days |= {last + timedelta(days=1)} if type(last) is date and last < date.max else set()
    return days
