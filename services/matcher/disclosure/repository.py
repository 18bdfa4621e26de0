"""Releases in the database, and the accounting of what the gate decided."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from services.matcher.disclosure.decide import Outcome
from services.matcher.disclosure.paper import Paper, Withdrawal
from services.matcher.disclosure.policy import CountyPolicy
from services.matcher.disclosure.release import Release, ReleasePerson
from services.matcher.disclosure.request import Category, Direction, Program, Purpose, Role
from services.matcher.disclosure.signers import SignedBy
from services.matcher.tables import DISCLOSURE, RELEASE, RELEASE_PERSON
from shared.database import Connection, among, insert_into
from shared.metrics import DECISIONS

_PAPER = TypeAdapter(Paper)
_WITHDRAWALS = TypeAdapter(tuple[Withdrawal, ...])
_COUNTY: sa.BindParameter[str] = sa.bindparam("county")
_COVERING = (
    sa.select(RELEASE)
    .where(
        RELEASE.c.county == _COUNTY,
        RELEASE.c.id.in_(
            sa.select(RELEASE_PERSON.c.release).where(
                RELEASE_PERSON.c.county == _COUNTY, among(RELEASE_PERSON.c.person, "persons")
            )
        ),
    )
    .order_by(RELEASE.c.id)
    .with_for_update(read=True)
)
_SIGNERS = (
    sa.select(RELEASE_PERSON)
    .where(RELEASE_PERSON.c.county == _COUNTY, among(RELEASE_PERSON.c.release, "releases"))
    .order_by(RELEASE_PERSON.c.release, RELEASE_PERSON.c.person)
)


@dataclass(frozen=True)
class ReleaseRepository:
    """Statements over one county's releases."""

    connection: Connection
    county: str

    async def add(self, release: Release, taken_by: str, policy: CountyPolicy, now: datetime) -> None:
        """Store a new release."""
        await self.connection.execute(
            insert_into(RELEASE),
            {
                "county": self.county,
                "id": release.id,
                "program": release.program,
                "taken_by": taken_by,
                **_held(release, policy),
                "version": 1,
                "recorded_at": now,
            },
        )
        await self.connection.execute(
            insert_into(RELEASE_PERSON),
            [
                {
                    "county": self.county,
                    "release": release.id,
                    "person": p.ref,
                    "signed_by": p.signed_by.value,
                }
                for p in release.persons
            ],
        )

    async def get(self, release_id: str, program: str) -> tuple[Release, Any] | None:
        """A release that a worker of the program took, with its row; locked until the transaction ends."""
        row = (
            await self.connection.execute(
                sa.select(RELEASE)
                .where(
                    RELEASE.c.county == self.county, RELEASE.c.id == release_id, RELEASE.c.program == program
                )
                .with_for_update()
            )
        ).one_or_none()
        if row is None:
            return None
        return (await self._read([row]))[0], row

    async def taken(self, program: str, *, after: str, limit: int) -> list[tuple[Release, Any]]:
        """The releases that workers of a program took, in the order of their ids."""
        rows = (
            await self.connection.execute(
                sa.select(RELEASE)
                .where(RELEASE.c.county == self.county, RELEASE.c.program == program, RELEASE.c.id > after)
                .order_by(RELEASE.c.id)
                .limit(limit)
            )
        ).all()
        return list(zip(await self._read(rows), rows, strict=True))

    async def covering(self, persons: Collection[str]) -> list[Release]:
        """The releases that name one of these records, sorted; locked, so that a revocation waits or is seen."""
        if not persons:
            return []
        asked = {"county": self.county, "persons": list(persons)}
        return await self._read((await self.connection.execute(_COVERING, asked)).all())

    async def change(self, release: Release, policy: CountyPolicy) -> int:
        """Write what became of a release on the row that readers lock; its new version."""
        changed = await self.connection.execute(
            RELEASE.update()
            .where(RELEASE.c.county == self.county, RELEASE.c.id == release.id)
            .values(**_held(release, policy), revoked_at=release.revoked_at, version=RELEASE.c.version + 1)
            .returning(RELEASE.c.version)
        )
        version: int = changed.scalar_one()
        return version

    async def _read(self, rows: Sequence[Any]) -> list[Release]:
        persons: dict[str, list[ReleasePerson]] = defaultdict(list)
        if rows:
            asked = {"county": self.county, "releases": [row.id for row in rows]}
            for person in await self.connection.execute(_SIGNERS, asked):
                persons[person.release].append(ReleasePerson(person.person, SignedBy(person.signed_by)))
        return [_release(row, persons[row.id]) for row in rows]


def _held(release: Release, policy: CountyPolicy) -> dict[str, Any]:
    """The columns of what a release says."""
    return {
        "terms": {
            "categories": list(release.categories),
            "directions": list(release.directions),
            "purposes": list(release.purposes),
            "recipients": None if release.recipients is None else [str(r) for r in release.recipients],
            "form": release.form,
            "signed_on": release.signed_on.isoformat(),
            "expires_on": release.expires_on.isoformat(),
        },
        "details": {
            "paper": _PAPER.dump_python(release.paper, mode="json", exclude_defaults=True),
            "lacks": list(release.lacks),
            "supersedes": release.supersedes,
            "superseded_by": release.superseded_by,
            "superseded_at": None if release.superseded_at is None else release.superseded_at.isoformat(),
            "withdrawals": _WITHDRAWALS.dump_python(release.withdrawals, mode="json", exclude_defaults=True),
        },
        "valid_from": release.begins_at(policy.zone),
        "expires": release.ends_at(policy.zone),
    }


def _release(row: Any, persons: list[ReleasePerson]) -> Release:
    terms, details = row.terms, row.details or {}
    superseded_at = details.get("superseded_at")
    return Release(
        id=row.id,
        county=row.county,
        program=row.program,
        persons=tuple(persons),
        categories=tuple(Category(one) for one in terms["categories"]),
        directions=tuple(Direction(one) for one in terms["directions"]),
        purposes=tuple(Purpose(one) for one in terms["purposes"]),
        recipients=None
        if terms["recipients"] is None
        else tuple(Role(one) if one in set(Role) else Program(one) for one in terms["recipients"]),
        form=terms["form"],
        signed_on=date.fromisoformat(terms["signed_on"]),
        expires_on=date.fromisoformat(terms["expires_on"]),
        revoked_at=row.revoked_at,
        paper=_PAPER.validate_python(details.get("paper", {})),
        lacks=tuple(details.get("lacks", ())),
        supersedes=details.get("supersedes"),
        superseded_by=details.get("superseded_by"),
        superseded_at=None if superseded_at is None else datetime.fromisoformat(superseded_at),
        withdrawals=_WITHDRAWALS.validate_python(details.get("withdrawals", ())),
    )


async def account(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store and count decisions of the gate."""
    for row in rows:
        DECISIONS.labels(row["stage"], "refuse" if row["outcome"] == Outcome.DENY else "permit").inc()
    if rows:
        await connection.execute(insert_into(DISCLOSURE), rows)
