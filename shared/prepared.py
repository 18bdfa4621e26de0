"""SQLAlchemy statements compiled once, to be run on the database's driver.

A statement of ours takes SQLite some ten microseconds; SQLAlchemy's execution of it, which looks the statement up,
makes a context, a cursor and a result, takes several times that. Here the SQL is still SQLAlchemy's, with its types;
only the running of it is not (`shared.sqlite`, `shared.postgres`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.types import TypeEngine

Rows = sa.Result[*tuple[Any, ...]]
Given = Mapping[str, Any]
_Convert = Callable[[Any], Any] | None

_FLOAT8 = 701  # PostgreSQL's number of the type that all our fractions have; other types do not ask
_NO_COLUMNS = SimpleResultMetaData(())  # of a statement that gives no rows


class Prepared:
    """A statement as a driver runs it: its SQL, how parameters become values, how values become rows."""

    def __init__(
        self, compiled: sa.sql.compiler.SQLCompiler, columns: sa.ColumnCollection[Any, Any] | None
    ) -> None:
        dialect = compiled.dialect
        self.sql = str(compiled)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._constants = {name: compiled.params[name] for name, bind in binds.items() if not bind.required}
        self._binds = [
            (name, binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        ]
        self._columns = None if columns is None else SimpleResultMetaData(list(columns.keys()))
        readers = [_reader(column.type, dialect) for column in columns or ()]
        self._reads = [(place, read) for place, read in enumerate(readers) if read is not None]

    @property
    def gives_rows(self) -> bool:
        """Whether it is a query, or a change that returns what it changed."""
        return self._columns is not None

    def values(self, given: Given) -> list[Any]:
        """Parameters in the order of the SQL's places, as the driver takes them."""
        named = {**self._constants, **given} if self._constants else given
        return [named[name] if bind is None else bind(named[name]) for name, bind in self._binds]

    def rows(self, found: Iterable[Sequence[Any]]) -> Rows:
        """What the driver gave, as rows."""
        if self._columns is None:
            return IteratorResult(_NO_COLUMNS, iter(()))
        return IteratorResult(self._columns, self._converted(found) if self._reads else iter(found))

    def _converted(self, found: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for row in found:
            values = list(row)
            for place, read in self._reads:
                values[place] = read(values[place])
            yield values


class PreparedStatements:
    """Every statement that was run with parameters, for as long as somebody keeps the statement."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[sa.Executable, dict[tuple[str, ...], Prepared | None]] = (
            WeakKeyDictionary()
        )

    def of(self, statement: Any, names: tuple[str, ...], dialect: Dialect) -> Prepared | None:
        """The statement prepared for parameters of these names. None: its SQL depends on their values."""
        known = self._known.setdefault(statement, {})
        if names not in known:
            known[names] = _prepare(statement, names, dialect)
        return known[names]


def _prepare(statement: Any, names: tuple[str, ...], dialect: Dialect) -> Prepared | None:
    if not isinstance(statement, sa.SelectBase | sa.Insert | sa.Update | sa.Delete):
        return None
    written = list(names) if isinstance(statement, sa.Insert | sa.Update) else None
    compiled = statement.compile(dialect=dialect, column_keys=written, for_executemany=written is not None)
    if not isinstance(compiled, sa.sql.compiler.SQLCompiler) or compiled.post_compile_params:
        return None
    return Prepared(compiled, statement.exported_columns or None)


def _reader(of: TypeEngine[Any], dialect: Dialect) -> _Convert:
    processor: _Convert = of.dialect_impl(dialect).result_processor(dialect, _FLOAT8)
    return processor
