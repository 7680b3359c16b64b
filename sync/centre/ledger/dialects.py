"""What SQLite and PostgreSQL say differently, in one place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table


def upsert(
    tx: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    raised: Iterable[str] = (),
    replaced: Iterable[str] = (),
) -> None:
    """Insert rows; where the key is there, change its row instead.

    Args:
        tx: The transaction.
        table: The table.
        rows: Values by the names of columns, the same names in each; no key twice.
        raised: Columns to which the new value is added.
        replaced: Columns that take the new value. With neither, the row stays.
    """
    names = list(rows[0])
    changes = [f"{n} = excluded.{n}" for n in replaced]
    changes += [f"{n} = {table.name}.{n} + excluded.{n}" for n in raised]
    key = ", ".join(column.name for column in table.primary_key)
    conflict = (
        f"({key}) do update set {', '.join(changes)}" if changes else "do nothing"
    )
    into = f"insert into {table.name} ({', '.join(names)})"
    if tx.dialect.name == "postgresql":
        # One statement for all rows: a fifth of the time of one each.
        arrays = ", ".join(
            f"%s::{table.c[name].type.compile(tx.dialect)}[]" for name in names
        )
        tx.exec_driver_sql(
            f"{into} select * from unnest({arrays}) on conflict {conflict}",
            tuple([row[name] for row in rows] for name in names),
        )
    else:
        values = ", ".join("?" * len(names))
        tx.exec_driver_sql(
            f"{into} values ({values}) on conflict {conflict}",
            [tuple(row.values()) for row in rows],
        )


def append(tx: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Insert many rows, values in the order of the columns, the fastest way there is."""
    names = ", ".join(f'"{column.name}"' for column in table.c)
    if tx.dialect.name == "postgresql":
        connection = tx.connection.driver_connection
        assert connection is not None
        with (
            connection.cursor() as cursor,
            cursor.copy(f"copy {table.name} ({names}) from stdin") as copy,
        ):
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(table.c))
        tx.exec_driver_sql(
            f"insert into {table.name} ({names}) values ({marks})",
            [tuple(row) for row in rows],
        )
