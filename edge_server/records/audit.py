"""What was done with rights: each row carries the hash of all before it.

A row that was changed or taken out breaks the chain, and `broken_at` says where.
"""

import hashlib
import json
from collections.abc import Mapping

from edge_server.errors import Value
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx


def note(
    tx: Tx,
    clock: Clock,
    *,
    who: str,
    client: str,
    what: str,
    values: Mapping[str, Value] | None = None,
) -> None:
    """Append what somebody did, in the transaction that does it.

    Args:
        tx: The transaction.
        clock: The box's clock.
        who: Name of the account, or ``terminal``.
        client: Network address, empty at the terminal.
        what: A short word: ``sign_in``, ``upload``, ``withdraw``, ``restore`` …
        values: What it was done to.
    """
    last = tx.one("select chain from audit order by seq desc limit 1")
    at = clock.moment().at
    detail = json.dumps(dict(values or {}), ensure_ascii=False, sort_keys=True)
    tx.execute(
        "insert into audit (at, noted_s, who, client, what, detail, chain)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        (
            at, clock(), who, client, what, detail,
            _link(last["chain"] if last else b"", at, who, client, what, detail),
        ),
    )  # fmt: skip


def forget_older(tx: Tx, before_s: float) -> None:
    """Remove rows from before a running time; the newest stays, for the next to follow."""
    tx.execute(
        "delete from audit where noted_s < ? and seq < (select max(seq) from audit)",
        (before_s,),
    )


def broken_at(db: Db) -> int | None:
    """Return the number of the first row that does not follow from the one before."""
    chain: bytes | None = None
    for row in db.all("select * from audit order by seq"):
        if chain is None and row["seq"] > 1:
            chain = row["chain"]  # earlier ones were kept their 180 days
            continue
        expected = _link(
            chain or b"",
            row["at"],
            row["who"],
            row["client"],
            row["what"],
            row["detail"],
        )
        if row["chain"] != expected:
            return int(row["seq"])
        chain = row["chain"]
    return None


def _link(
    chain: bytes, at: float, who: str, client: str, what: str, detail: str
) -> bytes:
    text = json.dumps([at, who, client, what, detail], ensure_ascii=False)
    return hashlib.sha256(chain + text.encode()).digest()
