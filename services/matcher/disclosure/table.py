"""The decision table: which ground opens which category, and what refuses whatever the ground.

The law is in the versions under `policies/`, read strictly: a misspelt key in a legal table must stop the
reader and not be passed over. The mechanism is in `grants.py`, `overrides.py` and `decide.py`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.matcher.disclosure.request import BasisKind, Breadth, Category, Program, Purpose, Role, Topic
from shared.counties import PolicyFileError, read_yaml

_POLICIES = Path(__file__).parent / "policies"

Element = Literal["names_protected_address", "names_hiv", "dv_specific", "part2_valid", "minor_own"]
OverrideRule = Literal["O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8", "O9", "O10", "O11"]
Attachment = Literal["part2_notice", "consent_copy"]

_FIXES = {
    "missing": "is missing: add it",
    "extra_forbidden": "is not a key of this file: correct its spelling or take it out",
}


class Outcome(StrEnum):
    """What the gate says, and a cell. REDACT is a permit that shows less."""

    PERMIT = "PERMIT"
    REDACT = "REDACT"
    DENY = "DENY"


class Strict(BaseModel):
    """A part of a policy file: nothing unknown in it, and nothing changes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cell(Strict):
    """What one ground opens of one category; in the file, a bare outcome stands for a cell of that alone.

    A condition that is None does not narrow. `fields` are what may be shown (None: all of the row's);
    `redaction` names what remains, in words. `needs` is the element of special authorisations that the basis
    must carry, `whole_with` the one that turns REDACT into PERMIT of all the row. `listed`: the basis must
    list the category itself. `open_code`: the item's reason code must be an open one that gives nothing away.
    """

    outcome: Outcome
    purposes: frozenset[Purpose] | None = None
    recipient: Program | None = None
    roles: frozenset[Role] | None = None
    topics: frozenset[Topic] | None = None
    needs: Element | None = None
    whole_with: Element | None = None
    listed: bool = False
    open_code: bool = False
    fields: frozenset[str] | None = None
    redaction: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _may_be_an_outcome_alone(cls, written: Any) -> Any:
        return {"outcome": written} if isinstance(written, str) else written

    @model_validator(mode="after")
    def _says_what_remains(self) -> Self:
        narrowed = self.outcome is Outcome.REDACT or self.fields is not None
        if narrowed != (self.redaction is not None):
            raise ValueError("a cell that shows less than the row says in 'redaction' what remains")
        if self.outcome is Outcome.DENY and self.model_fields_set != {"outcome"}:
            raise ValueError("a DENY has no conditions")
        if self.outcome is not Outcome.REDACT and self.whole_with is not None:
            raise ValueError("only a REDACT can have 'whole_with'")
        return self


class Column(Strict):
    """One legal ground. `purposes` None: those that the basis itself states.

    `roster_for`: a recipient of these programs must be known to stand on the roster or in the order.
    `days_after_report`: it holds to the end of that day, the day of the report being day 0.
    """

    basis: BasisKind
    breadth: Breadth | None = None
    means: str = Field(min_length=1)
    purposes: frozenset[Purpose] | None
    must_name: frozenset[Literal["categories", "directions", "purposes", "persons"]] = frozenset()
    must_expire: bool = False
    longest_months: int | None = Field(default=None, ge=1)
    roster_for: frozenset[Program] = frozenset()
    days_after_report: int | None = Field(default=None, ge=0, le=366)
    source: str = Field(min_length=1)


class Row(Strict):
    """One category: the fields it consists of; `revealing` are those that could give another category away.

    `attachments` go with it wherever it is permitted.
    """

    name: str = Field(min_length=1)
    fields: frozenset[str] = Field(min_length=1)
    revealing: frozenset[str]
    attachments: tuple[Attachment, ...] = ()
    source: str = Field(min_length=1)
    cells: Mapping[str, Cell]

    @model_validator(mode="after")
    def _fields_are_known(self) -> Self:
        for named in (self.revealing, *(cell.fields or frozenset() for cell in self.cells.values())):
            if not named <= self.fields:
                raise ValueError(f"unknown fields {sorted(named - self.fields)}")
        return self


class Override(Strict):
    """What refuses whatever the ground. `categories` are refused but where a cell of their row opens them.

    `abuser_among_clients`: refused, row or no row, where the alleged abuser is among the recipient's clients.
    """

    means: str = Field(min_length=1)
    categories: frozenset[Category] = frozenset()
    abuser_among_clients: frozenset[Category] = frozenset()
    source: str = Field(min_length=1)


class Holders(Strict):
    """Whose own fact a category is. One that is not named may be held by either program."""

    source: str = Field(min_length=1)
    of: Mapping[Category, Program]


class RoleLimit(Strict):
    """What a role may receive: its program, and lists that narrow (None: no list)."""

    program: Program | None
    only: frozenset[Category] | None = None
    never: frozenset[Category] = frozenset()
    purposes: frozenset[Purpose] | None = None


class Roles(Strict):
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


class ReasonCodes(Strict):
    """Codes that may be told as they are, and the categories that go when a code is taken out."""

    source: str = Field(min_length=1)
    open: frozenset[str]
    hides: frozenset[Category]


class Table(Strict):
    """One version of the decision table."""

    version: str = Field(min_length=1)
    effective_from: date | None
    effective_until: date | None
    source: str = Field(min_length=1)
    columns: Mapping[str, Column]
    rows: Mapping[Category, Row]
    overrides: Mapping[OverrideRule, Override]
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

    @model_validator(mode="after")
    def _no_two_columns_are_of_one_ground(self) -> Self:
        grounds = [(column.basis, column.breadth) for column in self.columns.values()]
        if len(set(grounds)) != len(grounds):
            raise ValueError("two columns are of the same basis and breadth")
        if any((basis is BasisKind.ADMIN_10850) != (breadth is not None) for basis, breadth in grounds):
            raise ValueError("a breadth belongs to each column of ADMIN_10850 and to no other")
        return self

    @model_validator(mode="after")
    def _every_override_stands_once(self) -> Self:
        missing = set(get_args(OverrideRule)) - set(self.overrides)
        if missing:
            raise ValueError(f"no override {sorted(missing)}")
        named = [category for one in self.overrides.values() for category in one.categories]
        if len(set(named)) != len(named):
            raise ValueError("a category stands under two overrides")
        return self

    @cached_property
    def specials(self) -> Mapping[Category, OverrideRule]:
        """The override that refuses a category but where a cell opens it; ordinary categories are absent."""
        return {category: rule for rule, one in self.overrides.items() for category in one.categories}

    @cached_property
    def grounds(self) -> Mapping[tuple[BasisKind, Breadth | None], str]:
        """The name of the column of each ground."""
        return {(column.basis, column.breadth): name for name, column in self.columns.items()}

    def in_force(self, on: date) -> bool:
        """Whether this version holds on that day (its last day included)."""
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_until is None or on <= self.effective_until)


def read_table(path: Path) -> Table:
    """The table in a file. PolicyFileError: anything missing, unknown or of the wrong kind, by its key."""
    try:
        return Table.model_validate(read_yaml(path))
    except ValidationError as wrong:
        raise PolicyFileError(f"{path.name}: {where(wrong)}") from wrong


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


def where(wrong: ValidationError) -> str:
    """Each key that is wrong, and what to do about it."""
    return "; ".join(
        f"{'.'.join(str(part) for part in one['loc'])}: {_FIXES.get(one['type'], one['msg'])}"
        for one in wrong.errors(include_url=False, include_input=False)
    )
