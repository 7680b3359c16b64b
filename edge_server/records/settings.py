"""What people or the county set while the box runs: one row a setting, who and when."""

import json
from typing import Any

from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx


def get(db: Db, key: str, default: Any = None) -> Any:
    """Return a setting, or ``default`` when nobody has set it."""
    value = db.value("select value from settings where key = ?", (key,))
    return default if value is None else json.loads(value)


def put(tx: Tx, clock: Clock, key: str, value: Any, *, by: str) -> None:
    """Set a setting.

    Args:
        tx: The transaction.
        clock: The box's clock.
        key: Its name.
        value: Anything JSON can say.
        by: Who: ``init``, an account's name, ``county``.
    """
    tx.execute(
        "insert into settings values (?, ?, ?, ?) on conflict (key) do update set"
        " value = excluded.value, by = excluded.by, at = excluded.at",
        (key, json.dumps(value, ensure_ascii=False), by, clock.moment().at),
    )


def forget(tx: Tx, key: str) -> None:
    """Set a setting no longer: it is as if nobody ever had."""
    tx.execute("delete from settings where key = ?", (key,))
