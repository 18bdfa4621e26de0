"""The accounting of disclosures of one person, read for the family by the program that holds the facts.

Who may ask: that program's own liaison, and a supervisor of somebody who works with the person. Nobody of the other
program: there the record is as one that does not exist, as a sealed one is to everybody.

What is told: decisions of the gate about facts of that record, so never a fact, and never who read it, only in which
role. Yet that the other program was asked at all tells that it knows the person, which it may withhold. So:

- What has gone over is always told: a program has to account for what left it. But for matching alone (P1), which
  happens before anybody knows whether two records are one person's: that a liaison is told, who sees reviews anyway.
- What was withheld, and what was permitted but not looked at, is told once something has gone over, or once the gate
  has let the caller's program know something of the same person from the other. Until then there is nothing, as for
  somebody whom the other program does not know.
- In which role it was asked for is told where the gate has let the caller's program know whom to call there (K0).

Each reading is written to the accounting too (`stage` accounting): who, in which role, whose, when. It is no decision
of the gate, which is not asked: no fact crosses here, and the rules above tell nothing that has not been told. What is
told stays told: a release that is revoked still shows what had gone by it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from services.matcher.disclosure.decide import Outcome
from services.matcher.disclosure.handlers import PersonNotYours, require_assigned
from services.matcher.disclosure.policy import table_on
from services.matcher.disclosure.request import Program, Purpose
from services.matcher.tables import DISCLOSURE, RELEASE
from services.matcher.work import Work
from shared.calendars import local_date
from shared.database import among, insert_into
from shared.web.auth import Caller

READERS = ("linkages_liaison", "cws_supervisor", "calworks_supervisor")
"""Who may ask, for records of the own program."""

ACCOUNTING = "accounting"  # the stage of a row that tells of a reading of the accounting
READ = "read"  # the stage of a row that tells of somebody who asked to see a fact
LAST = 2**63 - 1  # beyond the number of any row
_WHOM_TO_CALL = "K0"

_D = DISCLOSURE.c
_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_OF_THE_PERSON = (
    _D.county == _COUNTY,
    among(_D.subject, "subjects"),
    _D.holder == sa.bindparam("holder"),
    _D.stage != ACCOUNTING,
    sa.or_(
        sa.bindparam("whole", type_=sa.Boolean).is_(sa.true()),
        sa.and_(_D.stage == READ, _D.outcome != Outcome.DENY.value),
    ),
    sa.or_(sa.bindparam("matching", type_=sa.Boolean).is_(sa.true()), _D.purpose != Purpose.P1.value),
)
_PAGE = (
    sa.select(DISCLOSURE)
    .where(*_OF_THE_PERSON, _D.id < sa.bindparam("before"))
    .order_by(_D.id.desc())
    .limit(sa.bindparam("limit"))
)
_REASONS = sa.cast(_D.reasons, sa.Text)  # PostgreSQL does not compare JSON
_TIMES = sa.func.count(sa.distinct(_D.at))  # whoever opens an inbox sees several alerts at one instant
_ALIKE = (
    *(_D.stage, _D.program, _D.role, _D.category, _D.purpose, _D.outcome),
    *(_D.rule, _D.basis, _D.basis_source, _D.redaction, _REASONS),
)
_GROUPS = (
    sa.select(
        *_ALIKE[:-1],
        _REASONS.label("reasons"),
        _TIMES.label("times"),
        sa.func.min(_D.at).label("first"),
        sa.func.max(_D.at).label("last"),
    )
    .where(*_OF_THE_PERSON)
    .group_by(*_ALIKE)
)
_GONE = (
    sa.select(_D.id)
    .where(
        _D.county == _COUNTY,
        among(_D.subject, "subjects"),
        _D.holder == sa.bindparam("holder"),
        _D.stage == READ,
        _D.outcome != Outcome.DENY.value,
        _D.purpose != Purpose.P1.value,
    )
    .limit(1)
)
_TOLD = (
    sa.select(_D.category)
    .where(
        _D.county == _COUNTY,
        among(_D.subject, "subjects"),
        _D.program == sa.bindparam("program"),
        _D.stage != ACCOUNTING,
        _D.outcome != Outcome.DENY.value,
        _D.purpose != Purpose.P1.value,
    )
    .distinct()
)
_RELEASES = sa.select(RELEASE.c.id, RELEASE.c.terms, RELEASE.c.revoked_at).where(
    RELEASE.c.county == _COUNTY, among(RELEASE.c.id, "releases")
)


@dataclass(frozen=True, slots=True)
class SignedRelease:
    """The release by which something went over: what it is called, when it was signed, and when withdrawn."""

    ref: str
    signed_on: date
    revoked_on: date | None


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A decision about one fact of the person, or some that are alike: `times` of them between `first` and `last`.

    `id` and `source`, the reference of what the fact comes from, are of a single one. `role` None: the caller's
    program has not been told whom to call there. `law`: the source of the ground in the decision table of that day.
    """

    stage: str
    program: str
    role: str | None
    category: str
    purpose: str
    outcome: str
    basis: str | None
    release: SignedRelease | None
    law: str | None
    redaction: str | None
    reasons: tuple[str, ...]
    first: datetime
    last: datetime
    times: int = 1
    id: int = 0
    source: str = ""

    @property
    def has_gone(self) -> bool:
        """Whether somebody of the other program was shown it."""
        return self.stage == READ and self.outcome != Outcome.DENY

    @property
    def was_withheld(self) -> bool:
        """Whether it stayed where it is."""
        return self.outcome == Outcome.DENY


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose rows are read, and which of them."""

    parameters: Mapping[str, Any]
    tells_role: bool


async def page_of(work: Work, caller: Caller, ref: str, *, before: int, limit: int) -> list[Disclosed]:
    """The decisions about a person's facts, the newest first. PersonNotYours: no such record of the caller's."""
    scope = await _scope(work, caller, ref)
    given = {**scope.parameters, "before": before, "limit": limit}
    rows = (await work.connection.execute(_PAGE, given)).all()
    releases = await _releases(work, {row.basis_source for row in rows})
    return [
        _disclosed(
            work,
            scope,
            releases,
            row,
            tuple(row.reasons),
            first=row.at,
            last=row.at,
            id=row.id,
            source=_own_source(row),
        )
        for row in rows
    ]


async def grouped(work: Work, caller: Caller, ref: str) -> list[Disclosed]:
    """The same decisions, those that are alike as one; in no order."""
    scope = await _scope(work, caller, ref)
    rows = (await work.connection.execute(_GROUPS, scope.parameters)).all()
    releases = await _releases(work, {row.basis_source for row in rows})
    return [
        _disclosed(
            work,
            scope,
            releases,
            row,
            tuple(json.loads(row.reasons)),
            first=row.first,
            last=row.last,
            times=row.times,
        )
        for row in rows
    ]


async def _scope(work: Work, caller: Caller, ref: str) -> _Scope:
    """What the caller may read of this person; and write down that it is read."""
    await require_assigned(work, caller, {ref})
    if ref not in await work.identity.active({ref}):  # somebody sealed was merged into the record
        raise PersonNotYours
    subjects = (await work.identity.merges({ref})).classes({ref})
    holder = Program.of(str(caller.program)).value
    asked: dict[str, Any] = {"county": work.county, "subjects": sorted(subjects), "holder": holder}
    told = await _told(work, caller, await _others(work, caller, subjects))
    whole = bool(told) or (await work.connection.execute(_GONE, asked)).first() is not None
    await _write_down(work, caller, ref, holder)
    matching = whole or caller.has("linkages_liaison")
    return _Scope({**asked, "whole": whole, "matching": matching}, _WHOM_TO_CALL in told)


async def _others(work: Work, caller: Caller, subjects: Collection[str]) -> set[str]:
    """The other program's records that are, or were found not to be, of the same person; none that is hidden."""
    ends = [
        (row.cws, row.calworks) for row in await work.identity.pairs(subjects) if row.decision == "linked"
    ]
    ends += list(await work.identity.verdicts(subjects))
    refs = {calworks if caller.program == "cws" else cws for cws, calworks in ends}
    merges = await work.identity.merges(refs)
    active = await work.identity.active(merges.roots(refs))
    return merges.classes({root for root in merges.roots(refs) if root in active})


async def _told(work: Work, caller: Caller, others: Collection[str]) -> set[str]:
    """The categories that the gate has let the caller's program know of these records of the other one."""
    if not others:
        return set()
    asked = {"county": work.county, "subjects": sorted(others), "program": caller.program}
    return set((await work.connection.execute(_TOLD, asked)).scalars())


async def _write_down(work: Work, caller: Caller, ref: str, holder: str) -> None:
    role = next((role for role in READERS if caller.has(role)), "")
    row = {
        "county": work.county,
        "at": work.now,
        "stage": ACCOUNTING,
        "alert": ACCOUNTING,
        "alert_type": ACCOUNTING,
        "program": caller.program,
        "inbox": caller.worker,
        "role": role,
        "category": ACCOUNTING,
        "holder": holder,
        "subject": ref,
        "source": ref,
        "purpose": ACCOUNTING,
        "outcome": "READ",
        "rule": ACCOUNTING,
        "basis": None,
        "basis_source": None,
        "redaction": None,
        "reasons": [],
    }
    await work.connection.execute(insert_into(DISCLOSURE), [row])


async def _releases(work: Work, refs: Iterable[str | None]) -> dict[str, SignedRelease]:
    named = sorted({ref for ref in refs if ref is not None})
    if not named:
        return {}
    rows = await work.connection.execute(_RELEASES, {"county": work.county, "releases": named})
    zone = work.policy.zone
    return {
        row.id: SignedRelease(
            row.id,
            date.fromisoformat(row.terms["signed_on"]),
            row.revoked_at and local_date(row.revoked_at, zone),
        )
        for row in rows
    }


def _disclosed(
    work: Work,
    scope: _Scope,
    releases: Mapping[str, SignedRelease],
    row: Any,
    reasons: tuple[str, ...],
    **more: Any,
) -> Disclosed:
    return Disclosed(
        stage=row.stage,
        program=row.program,
        role=row.role if scope.tells_role else None,
        category=row.category,
        purpose=row.purpose,
        outcome=row.outcome,
        basis=row.basis,
        release=releases.get(row.basis_source or ""),
        law=row.basis and _law(row.basis, row.rule, local_date(more["last"], work.policy.zone)),
        redaction=row.redaction,
        reasons=reasons,
        **more,
    )


def _own_source(row: Any) -> str:
    """What the fact comes from, in the holder's own program. A record of a doubtful match is told as itself: its source
    is the record that it was compared with."""
    return str(row.subject if row.purpose == Purpose.P1 else row.source)


def _law(basis: str, rule: str, on: date) -> str | None:
    """Where the ground stands: by the column that the rule names, else by the first column of the basis."""
    columns = table_on(on).columns
    named = columns.get(rule.partition("/")[2])
    return next((one.source for one in (named, *columns.values()) if one and one.basis == basis), None)
