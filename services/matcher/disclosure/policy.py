"""Law and policy as data: the decision table, and what a county has switched on.

Both are read strictly, since a misspelt key in a legal table must stop the reader and not be passed over.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.matcher.disclosure.request import (
    Basis,
    BasisKind,
    Breadth,
    Category,
    Program,
    Purpose,
    Role,
    Topic,
)
from shared.calendars import BusinessCalendar, CalendarKind
from shared.counties import PolicyFileError, load, read_yaml

_POLICIES = Path(__file__).parent / "policies"
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  # the start of a ground that is written without one


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cell(_Strict):
    """What one ground opens of one category. A condition that is None does not narrow.

    `fields` are what may be shown (None: all of the row's); `redaction` names what remains, in words.
    """

    outcome: Literal["PERMIT", "REDACT", "DENY"]
    purposes: frozenset[Purpose] | None = None
    recipient: Program | None = None
    roles: frozenset[Role] | None = None
    topics: frozenset[Topic] | None = None
    fields: frozenset[str] | None = None
    redaction: str | None = None

    @model_validator(mode="after")
    def _says_what_remains(self) -> Self:
        narrowed = self.outcome == "REDACT" or self.fields is not None
        if narrowed != (self.redaction is not None):
            raise ValueError("a cell that shows less than the row says in 'redaction' what remains")
        if self.outcome == "DENY" and self.model_fields_set != {"outcome"}:
            raise ValueError("a DENY has no conditions")
        return self


class Column(_Strict):
    """One legal ground. `purposes` None: those that the basis itself states."""

    basis: BasisKind
    breadth: Breadth | None = None
    purposes: frozenset[Purpose] | None
    must_name: frozenset[Literal["categories", "directions", "purposes", "persons"]] = frozenset()
    must_expire: bool = False
    longest_months: int | None = Field(default=None, ge=1)
    source: str = Field(min_length=1)


class Row(_Strict):
    """One category: the fields it consists of; `revealing` are those that could give K12 away."""

    name: str = Field(min_length=1)
    fields: frozenset[str] = Field(min_length=1)
    revealing: frozenset[str]
    source: str = Field(min_length=1)
    cells: Mapping[str, Cell]

    @model_validator(mode="after")
    def _fields_are_known(self) -> Self:
        for named in (self.revealing, *(cell.fields or frozenset() for cell in self.cells.values())):
            if not named <= self.fields:
                raise ValueError(f"unknown fields {sorted(named - self.fields)}")
        return self


class Holders(_Strict):
    """Whose own fact a category is. One that is not named may be held by either program."""

    source: str = Field(min_length=1)
    of: Mapping[Category, Program]


class RoleLimit(_Strict):
    """What a role may receive: its program, and lists that narrow (None: no list)."""

    program: Program | None
    only: frozenset[Category] | None = None
    never: frozenset[Category] = frozenset()
    purposes: frozenset[Purpose] | None = None


class Roles(_Strict):
    """The limits of every role, whatever the ground."""

    source: str = Field(min_length=1)
    refused_purposes: frozenset[Purpose]
    sensitive: frozenset[Role]
    limits: Mapping[Role, RoleLimit]

    @model_validator(mode="after")
    def _every_role_stands_here(self) -> Self:
        if missing := set(Role) - set(self.limits):
            raise ValueError(f"no limit for {sorted(missing)}")
        return self


class ReasonCodes(_Strict):
    """Codes that may be told as they are."""

    source: str = Field(min_length=1)
    open: frozenset[str]


class Table(_Strict):
    """One version of the decision table."""

    version: str = Field(min_length=1)
    effective_from: date | None
    effective_until: date | None
    source: str = Field(min_length=1)
    columns: Mapping[str, Column]
    rows: Mapping[Category, Row]
    holders: Holders
    roles: Roles
    reason_codes: ReasonCodes

    @model_validator(mode="after")
    def _every_row_has_every_cell(self) -> Self:
        for category, row in self.rows.items():
            if set(row.cells) != set(self.columns):
                raise ValueError(f"{category}: one cell for each column, no other")
            for name, cell in row.cells.items():
                own = self.columns[name].purposes
                if own is not None and cell.purposes is not None and not cell.purposes <= own:
                    raise ValueError(f"{category}/{name}: a purpose that is not the ground's own")
        return self

    def in_force(self, on: date) -> bool:
        """Whether this version holds on that day (its last day included)."""
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_until is None or on <= self.effective_until)


def read_table(path: Path) -> Table:
    """The table in a file. PolicyFileError: anything missing, unknown or of the wrong kind, by its key."""
    try:
        return Table.model_validate(read_yaml(path))
    except ValidationError as wrong:
        raise PolicyFileError(f"{path.name}: {_where(wrong)}") from wrong


@lru_cache(maxsize=64)
def table_on(on: date) -> Table:
    """The shipped version in force on a day. PolicyFileError: none, or more than one."""
    standing = [table for table in _shipped_tables() if table.in_force(on)]
    if len(standing) != 1:
        raise PolicyFileError(f"{len(standing)} versions of the decision table are in force on {on}")
    return standing[0]


@lru_cache(maxsize=1)
def _shipped_tables() -> tuple[Table, ...]:
    return tuple(read_table(path) for path in sorted(_POLICIES.glob("*.yaml")))


class LegalBases(_Strict):
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


class DueTime(_Strict):
    """Within how much an alert is to be acknowledged, counted from its entry."""

    count: int = Field(ge=1)
    unit: CalendarKind


class NoncomplianceDays(_Strict):
    """Counted from the notice, which is day 0."""

    last_day: int = Field(ge=1)
    hard_stop_day: int = Field(ge=1)


class FormName(_Strict):
    """A form of the registry: the code workers say, and its name in full."""

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)


class MeetingNames(_Strict):
    """What the county calls its meetings."""

    placement: str = Field(min_length=1)
    team: str = Field(min_length=1)


class OfficeHours(_Strict):
    """Local wall times between which an office is open on business days, and the zone of the county."""

    opens: time
    closes: time
    zone: str


class Holidays(_Strict):
    """Names of California's public holidays on which the offices close, and single further dates."""

    names: frozenset[str]
    friday_before_saturday: frozenset[str]
    extra_closures: frozenset[date]


class CountyPolicy(_Strict):
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
    settings = load(county, on)
    values = {key: setting.value for key, setting in settings.items()}
    sources = {key: setting.source for key, setting in settings.items()}
    try:
        return CountyPolicy.model_validate({**values, "county": county, "sources": sources})
    except ValidationError as wrong:
        raise PolicyFileError(f"county {county}: {_where(wrong)}") from wrong


def _where(wrong: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}"
        for one in wrong.errors(include_url=False, include_input=False)
    )
