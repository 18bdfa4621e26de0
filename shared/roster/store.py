"""The statements of imports. Each sees one county on one connection."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from shared.bulk import insert_rows
from shared.crypto import CountyKeys
from shared.database import Connection, among, insert_into
from shared.roster.checking import Checked, Finding, Row
from shared.roster.tables import COUNTS, Import, ImportNotFound, ImportTables, Result

LEASE = timedelta(seconds=30)
_SHOWN = ("county", "ref", "worker", "dry_run", "initial", "state", *COUNTS, "created_at", "finished_at")
_NAMED_UNIT = "a"  # before the name of every unit, and after that of somebody alone
_OTHER_DATA = Finding("record_id", "stands in a row before with other data: keep one of them")


class Imports:
    """The imports of a county."""

    def __init__(
        self, connection: Connection, tables: ImportTables, county: str, keys: CountyKeys, program: str
    ) -> None:
        self.connection = connection
        self._imports, self._rows = tables.imports, tables.rows
        self._county, self._keys, self._ring = county, keys, keys.keyring(program)

    async def add(self, new: Import, owner: str, now: datetime) -> None:
        """Begin to receive a file; nothing is left of uploads that broke off."""
        table = self._imports.c
        broken = await self.connection.execute(
            sa.select(table.ref).where(
                table.county == self._county, table.state == "receiving", table.until < now
            )
        )
        for row in broken.all():
            await self.forget(row.ref)
        given: dict[str, object] = {name: getattr(new, name) for name in _SHOWN}
        given |= {"created_at": now, "digest": None, "owner": owner, "until": now + LEASE}
        await self.connection.execute(insert_into(self._imports), given)

    async def forget(self, ref: str) -> None:
        """Keep nothing of an import."""
        table, row = self._imports, self._rows
        await self.connection.execute(
            row.delete().where(row.c.county == self._county, row.c["import"] == ref)
        )
        await self.connection.execute(
            table.delete().where(table.c.county == self._county, table.c.ref == ref)
        )

    async def get(self, ref: str) -> Import:
        """An import. Raises ImportNotFound."""
        row = (await self.connection.execute(_one(self._imports), self._of(ref))).one_or_none()
        if row is None:
            raise ImportNotFound
        return Import(**{name: getattr(row, name) for name in _SHOWN})

    async def same(self, digest: bytes, *, dry_run: bool, initial: bool) -> Import | None:
        """The import of this very file, unless it is done and another has come after it."""
        table = self._imports.c
        last = (
            sa.select(table.ref)
            .where(table.county == self._county, table.state != "receiving")
            .order_by(table.created_at.desc(), table.ref)
            .limit(1)
            .scalar_subquery()
        )
        found = await self.connection.execute(
            sa.select(table.ref).where(
                table.county == self._county,
                table.digest == digest,
                table.dry_run == dry_run,
                table.initial == initial,
                sa.or_(table.state == "applying", table.ref == last),
            )
        )
        row = found.first()
        return None if row is None else await self.get(row.ref)

    async def put(self, ref: str, checked: Sequence[Checked], *, keep: bool, until: datetime) -> None:
        """Store rows with their outcomes, and count them. With `keep` they are sealed, to be applied."""
        ids = [one.record_id for one in checked if one.row is not None]
        before = await self.connection.execute(_said(self._rows), self._of(ref) | {"record_ids": ids})
        said = {row.record_id: bytes(row.content) for row in before.all()}
        results = [self._result(ref, one, said, keep=keep) for one in checked]
        await insert_rows(self.connection, self._rows, results)
        outcomes = [one["outcome"] for one in results]
        counts = {f"more_{name}": outcomes.count(name) for name in ("accepted", "repeated", "rejected")}
        counts["more_rows"] = len(results)
        counts["more_warnings"] = sum(
            one["outcome"] == "accepted" and one["findings"] is not None for one in results
        )
        await self.connection.execute(_receive(self._imports), self._of(ref) | counts | {"to_until": until})

    def _result(self, ref: str, one: Checked, said: dict[str, bytes], *, keep: bool) -> dict[str, object]:
        """The row of a record; `said` has what earlier rows of the file say, by record_id."""
        outcome, findings = "rejected", one.findings
        content = sealed = None
        if one.row is not None:
            content = self._keys.digest(one.row.model_dump_json(exclude={"line"}))
            known = said.get(one.row.record_id)
            if known is None:
                outcome = "accepted"
                said[one.row.record_id] = content
                sealed = self._seal(ref, one.row) if keep else None
            elif known == content:
                outcome, content, findings = "repeated", None, ()
            else:
                content, findings = None, (_OTHER_DATA,)
        return {
            "county": self._county,
            "import": ref,
            "line": one.line,
            "record_id": one.record_id,
            "unit": one.unit,
            "outcome": outcome,
            "findings": _written(findings),
            "content": content,
            "sealed": sealed,
        }

    async def received(self, ref: str, digest: bytes, owner: str | None, now: datetime) -> Import:
        """The file is here: it is to be applied, by `owner` if one is named, unless there is nothing to apply."""
        rows = self._rows.c
        unit = sa.case((rows.unit >= _NAMED_UNIT, rows.unit))
        totals = await self.connection.execute(
            sa.select(sa.func.count(rows.record_id.distinct()), sa.func.count(unit.distinct())).where(
                rows.county == self._county, rows["import"] == ref
            )
        )
        record_ids, units = totals.one()
        found = await self.get(ref)
        is_over = found.dry_run or not found.accepted
        await self.connection.execute(
            self._imports.update()
            .where(self._imports.c.county == self._county, self._imports.c.ref == ref)
            .values(
                state="done" if is_over else "applying",
                finished_at=now if is_over else None,
                digest=digest,
                record_ids=record_ids,
                units=units,
                owner=owner,
                until=now if owner is None else now + LEASE,
            )
        )
        return await self.get(ref)

    async def hold(self, ref: str, owner: str, now: datetime) -> Import | None:
        """The import, locked and leased to `owner`; None if it is done or another process works on it."""
        given = self._of(ref) | {"me": owner, "now": now, "to_until": now + LEASE}
        found = (await self.connection.execute(_hold(self._imports), given)).first()
        return None if found is None else await self.get(ref)

    async def waiting(self, ref: str, limit: int) -> list[tuple[str, Row]]:
        """The next rows to apply, each with its unit; those of a unit stand together."""
        found = await self.connection.execute(_waiting(self._rows), self._of(ref) | {"limit": limit})
        return [(row.unit, self._open(ref, row.line, row.sealed)) for row in found.all()]

    async def applied(self, ref: str, rows: Sequence[Row], now: datetime) -> None:
        """These rows are applied; with the last one the import is done."""
        given = self._of(ref) | {"lines": [row.line for row in rows]}
        await self.connection.execute(_applied(self._rows), given)
        await self.connection.execute(
            _progress(self._imports), self._of(ref) | {"more_done": len(rows), "less": 0, "now": now}
        )

    async def refused(self, ref: str, rows: Sequence[Row], fix: str, now: datetime) -> None:
        """These rows cannot be applied: they are rejected after all."""
        for row in rows:
            await self.connection.execute(
                self._rows.update()
                .where(
                    self._rows.c.county == self._county,
                    self._rows.c["import"] == ref,
                    self._rows.c.line == row.line,
                )
                .values(outcome="rejected", findings=_written((Finding("", fix),)), sealed=None)
            )
        given = self._of(ref) | {"more_done": 0, "less": len(rows), "now": now}
        await self.connection.execute(_progress(self._imports), given)

    async def results(self, ref: str, after: int, limit: int) -> list[Result]:
        """What became of each row, by line."""
        found = await self.connection.execute(
            _results(self._rows), self._of(ref) | {"after": after, "limit": limit}
        )
        return [
            Result(row.line, row.record_id, row.outcome, tuple(_read(row.findings))) for row in found.all()
        ]

    def _of(self, ref: str) -> dict[str, object]:
        return {"of_county": self._county, "of_ref": ref}

    def _associated(self, ref: str, line: int) -> bytes:
        return f"import/{self._county}/{ref}/{line}".encode()

    def _seal(self, ref: str, row: Row) -> bytes:
        plain = row.model_dump_json(exclude_defaults=True).encode()
        return self._ring.seal(plain, self._associated(ref, row.line))

    def _open(self, ref: str, line: int, sealed: bytes) -> Row:
        return Row.model_validate_json(self._ring.open(sealed, self._associated(ref, line)))


def _written(findings: Sequence[Finding]) -> str | None:
    return json.dumps([asdict(one) for one in findings]) if findings else None


def _read(findings: str | None) -> list[Finding]:
    return [] if findings is None else [Finding(**one) for one in json.loads(findings)]


# Built once: they are run for every batch.
_OF_COUNTY: sa.BindParameter[str] = sa.bindparam("of_county")
_OF_REF: sa.BindParameter[str] = sa.bindparam("of_ref")


def _mine(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.county == _OF_COUNTY, table.c.ref == _OF_REF)


def _of_import(rows: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(rows.c.county == _OF_COUNTY, rows.c["import"] == _OF_REF)


@cache
def _one(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).where(_mine(table))


@cache
def _said(rows: sa.Table) -> sa.Select[Any]:
    return sa.select(rows.c.record_id, rows.c.content).where(
        _of_import(rows), among(rows.c.record_id, "record_ids"), rows.c.content.is_not(None)
    )


@cache
def _receive(table: sa.Table) -> sa.Update:
    counted = ("rows", "accepted", "repeated", "warnings", "rejected")
    values = {name: table.c[name] + sa.bindparam(f"more_{name}", type_=sa.Integer) for name in counted}
    return (
        table.update()
        .where(_mine(table))
        .values(**values, until=sa.bindparam("to_until", type_=table.c.until.type))
    )


@cache
def _hold(table: sa.Table) -> sa.Update:
    return (
        table.update()
        .where(
            _mine(table),
            table.c.state == "applying",
            sa.or_(table.c.owner == sa.bindparam("me"), table.c.until <= sa.bindparam("now")),
        )
        .values(owner=sa.bindparam("me"), until=sa.bindparam("to_until", type_=table.c.until.type))
        .returning(table.c.ref)
    )


@cache
def _waiting(rows: sa.Table) -> sa.Select[Any]:
    return (
        sa.select(rows.c.line, rows.c.unit, rows.c.sealed)
        .where(_of_import(rows), rows.c.sealed.is_not(None))
        .order_by(rows.c.unit, rows.c.line)
        .limit(sa.bindparam("limit"))
    )


@cache
def _applied(rows: sa.Table) -> sa.Update:
    return rows.update().where(_of_import(rows), among(rows.c.line, "lines")).values(sealed=None)


@cache
def _progress(table: sa.Table) -> sa.Update:
    column = table.c
    done = column.done + sa.bindparam("more_done", type_=sa.Integer)
    less = sa.bindparam("less", type_=sa.Integer)
    is_over = done >= column.accepted - less
    return (
        table.update()
        .where(_mine(table))
        .values(
            done=done,
            accepted=column.accepted - less,
            rejected=column.rejected + less,
            state=sa.case((is_over, "done"), else_=column.state),
            finished_at=sa.case((is_over, sa.bindparam("now", type_=column.finished_at.type))),
        )
    )


@cache
def _results(rows: sa.Table) -> sa.Select[Any]:
    return (
        sa.select(rows.c.line, rows.c.record_id, rows.c.outcome, rows.c.findings)
        .where(_of_import(rows), rows.c.line > sa.bindparam("after"))
        .order_by(rows.c.line)
        .limit(sa.bindparam("limit"))
    )


@cache
def to_apply(table: sa.Table) -> sa.Select[Any]:
    """The first import of a county that waits to be applied and that nobody else holds."""
    return (
        sa.select(table.c.county, table.c.ref, table.c.created_at)
        .where(
            table.c.county == _OF_COUNTY,
            table.c.state == "applying",
            sa.or_(table.c.owner == sa.bindparam("me"), table.c.until <= sa.bindparam("now")),
        )
        .order_by(table.c.created_at)
        .limit(1)
    )


@cache
def left(table: sa.Table) -> sa.Select[Any]:
    """How many rows of a county wait to be applied, and when the first of their imports came."""
    waiting = sa.func.sum(table.c.accepted - table.c.done)
    return sa.select(waiting, sa.func.min(table.c.created_at)).where(
        table.c.county == _OF_COUNTY, table.c.state == "applying"
    )


@cache
def begun(table: sa.Table) -> sa.Subquery:
    """The imports that are or were applied, as records: changed when they were done."""
    column = table.c
    ended = sa.func.coalesce(column.finished_at, column.created_at, type_=column.created_at.type)
    return (
        sa.select(column.county, column.ref, column.created_at, ended.label("changed_at"))
        .where(column.state != "receiving", column.accepted > 0, sa.not_(column.dry_run))
        .subquery("begun")
    )
