"""Who may do more than browse: PINs, one-time codes, sessions, and slowing down guessers.

There is no default password. `init` gives a one-time code; the first phone that gives it
sets the PIN of 8 digits. A PIN is kept as an Argon2id hash (t=2, 19 MiB, p=1: 34 a second
on the machine where it was measured, about ten times slower on a weak ARM, so one is
verified at a time). Guessing is slowed for each (account, client), for each client and for
each account, in the database and by running time, and never ends in a hard lock, which
would let a pupil lock the teacher out.
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from edge_server.errors import Refused, TemporaryError
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx, transaction

PIN_DIGITS = 8
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LETTERS = 8
CODE_LIVES_S = 7 * 86_400.0
FREE_TRIES = 5
LONGEST_WAIT_S = 300.0
CLIENT_PER_MINUTE = 30
ACCOUNT_PER_DAY = 200
UPLOAD_LIVES_S = 150 * 86_400.0
"""A phone that gave the PIN may upload for 150 days of running."""
FULL_IDLE_S = {"teacher": 1800.0, "admin": 600.0}
FULL_LIVES_S = 12 * 3600.0
NOTE_SEEN_S = 300.0
WEAK = frozenset(
    {"11223344", "12341234", "12344321", "11112222", "66668888", "88886666"}
)
"""Too easy beside runs, repetitions and birthdays."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_one_at_a_time = threading.Semaphore(1)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may upload and withdraw."""

    id: int
    name: str
    role: str
    """``teacher`` or ``admin``."""
    has_pin: bool


@dataclass(frozen=True, slots=True)
class Session:
    """What a phone's cookie stands for."""

    account: Account
    rights: str
    """``upload``: may upload; ``full``: gave the PIN lately, may withdraw and set."""


class TooManyTries(TemporaryError):
    """Guessed too often: wait ``wait_s`` seconds."""

    code = "too_many_tries"


def all_accounts(db: Db) -> list[Account]:
    """Return every account by name."""
    return [
        Account(row["id"], row["name"], row["role"], row["pin_hash"] is not None)
        for row in db.all("select * from accounts order by name")
    ]


def add(tx: Tx, clock: Clock, name: str, role: str = "teacher") -> Account:
    """Make an account without a PIN.

    Raises:
        Refused: ``account_exists`` or ``account_name_empty``.
    """
    name = name.strip()
    if not name:
        raise Refused("account_name_empty")
    if tx.value("select 1 from accounts where name = ?", (name,)):
        raise Refused("account_exists", name=name)
    account_id = tx.insert(
        "insert into accounts (name, role, pin_hash, changed_at, sum)"
        " values (?, ?, null, ?, ?)",
        (name, role, clock.moment().at, _sum(name, role, None)),
    )
    return Account(account_id, name, role, has_pin=False)


def one_time_code(tx: Tx, clock: Clock, account: Account) -> str:
    """Return a new code with which a phone may set this account's PIN, once.

    It replaces earlier ones, takes the old PIN away and ends the account's sessions.
    """
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LETTERS))
    tx.execute("delete from one_time_codes where account_id = ?", (account.id,))
    tx.execute("delete from sessions where account_id = ?", (account.id,))
    tx.execute(
        "update accounts set pin_hash = null, changed_at = ?, sum = ? where id = ?",
        (clock.moment().at, _sum(account.name, account.role, None), account.id),
    )
    tx.execute(
        "insert into one_time_codes values (?, 'set-pin', ?, ?)",
        (_hash(code), account.id, clock() + CODE_LIVES_S),
    )
    return code


def check_pin(pin: str) -> None:
    """Raise `Refused` with the reason when a PIN will not do."""
    if len(pin) != PIN_DIGITS or not pin.isascii() or not pin.isdigit():
        raise Refused("pin_not_8_digits", digits=PIN_DIGITS)
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    birthday = (
        "1930" <= pin[:4] <= "2030" and "01" <= pin[4:6] <= "12" and pin[6:] <= "31"
    )
    if pin in WEAK or steps in ({0}, {1}, {9}) or birthday:
        raise Refused("pin_too_easy")


def set_pin(db: Db, clock: Clock, code: str, pin: str, client: str) -> str:
    """Set the PIN of the account that a one-time code is for; returns a session's token.

    Args:
        db: The database.
        clock: The box's clock.
        code: What `init` or ``accounts reset-pin`` printed.
        pin: 8 digits.
        client: Network address of the phone, for slowing down guessers.

    Raises:
        Refused: The PIN will not do, or the code is wrong, used or too old.
        TooManyTries: Wait first.
    """
    check_pin(pin)
    _may_try(db, clock, "code", client)
    with _one_at_a_time:
        hashed = _hasher.hash(pin)
    with transaction(db) as tx:
        row = tx.one(
            "select a.* from one_time_codes c join accounts a on a.id = c.account_id"
            " where c.code_hash = ? and c.until_s > ?",
            (_hash(code.strip().upper()), clock()),
        )
        if row is not None:
            tx.execute(
                "update accounts set pin_hash = ?, changed_at = ?, sum = ? where id = ?",
                (
                    hashed,
                    clock.moment().at,
                    _sum(row["name"], row["role"], hashed),
                    row["id"],
                ),
            )
            tx.execute("delete from one_time_codes where account_id = ?", (row["id"],))
            tx.execute("delete from sessions where account_id = ?", (row["id"],))
            return _begin(tx, clock, row["id"])
    raise Refused("code_wrong")


def sign_in(db: Db, clock: Clock, name: str, pin: str, client: str) -> str:
    """Begin a session with full rights; returns its token, for a cookie.

    Raises:
        Refused: ``pin_wrong``: no such account, no PIN yet, or another PIN.
        TooManyTries: Wait first.
    """
    _may_try(db, clock, name, client)
    row = db.one("select * from accounts where name = ?", (name,))
    good = False
    if row is not None and row["pin_hash"] is not None:
        if row["sum"] != _sum(row["name"], row["role"], row["pin_hash"]):
            raise Refused("account_damaged", name=name)
        try:
            with _one_at_a_time:
                good = _hasher.verify(row["pin_hash"], pin)
        except (VerificationError, InvalidHashError):
            good = False
    if not good or row is None:
        raise Refused("pin_wrong")
    with transaction(db) as tx:
        tx.execute("delete from throttle where who = ?", (f"{name}|{client}",))
        return _begin(tx, clock, row["id"])


def session(db: Db, clock: Clock, token: str | None) -> Session | None:
    """Return what a cookie stands for now, or None.

    Full rights end after 30 minutes without use (an admin's after 10) and after 12 hours;
    what stays is the right to upload, for 150 days of running.
    """
    if not token:
        return None
    row = db.one(
        "select s.*, a.name, a.role, a.pin_hash from sessions s"
        " join accounts a on a.id = s.account_id where token_hash = ?",
        (_hash(token),),
    )
    now = clock()
    if row is None or now > row["began_s"] + UPLOAD_LIVES_S:
        return None
    account = Account(row["account_id"], row["name"], row["role"], True)
    full = (
        row["rights"] == "full"
        and now <= row["seen_s"] + FULL_IDLE_S[row["role"]] + NOTE_SEEN_S
        and now <= row["began_s"] + FULL_LIVES_S
    )
    if full and now > row["seen_s"] + NOTE_SEEN_S:
        with transaction(db) as tx:
            tx.execute(
                "update sessions set seen_s = ? where token_hash = ?",
                (now, _hash(token)),
            )
    return Session(account, "full" if full else "upload")


def sign_out(tx: Tx, token: str) -> None:
    """End a session."""
    tx.execute("delete from sessions where token_hash = ?", (_hash(token),))


def forget_ended(tx: Tx, clock: Clock) -> None:
    """Remove sessions and codes whose time is over, and tries long past."""
    now = clock()
    tx.execute("delete from sessions where began_s < ?", (now - UPLOAD_LIVES_S,))
    tx.execute("delete from one_time_codes where until_s < ?", (now,))
    tx.execute("delete from throttle where since_s < ?", (now - 2 * 86_400.0,))


def _begin(tx: Tx, clock: Clock, account_id: int) -> str:
    token = secrets.token_urlsafe(24)
    tx.execute(
        "insert into sessions values (?, ?, 'full', ?, ?)",
        (_hash(token), account_id, clock(), clock()),
    )
    return token


def _may_try(db: Db, clock: Clock, name: str, client: str) -> None:
    """Count a try before it is made, so that many at once cannot slip through.

    Raises:
        TooManyTries: For (account, client): 5 free, then 2, 4, 8 … seconds up to 5
            minutes; for a client 30 a minute; for an account 200 a day.
    """
    now = clock()
    with transaction(db) as tx:
        rules = (
            (f"{name}|{client}", 86_400.0, None),
            (f"|{client}", 60.0, CLIENT_PER_MINUTE),
            (f"{name}|", 86_400.0, ACCOUNT_PER_DAY),
        )
        wait_s = 0.0
        rows = {}
        for who, window_s, most in rules:
            row = tx.one("select * from throttle where who = ?", (who,))
            failed, since_s, until_s = 0, now, 0.0
            if row is not None and now <= row["since_s"] + window_s:
                failed, since_s, until_s = row["failed"], row["since_s"], row[3]
            if most is not None and failed >= most:
                until_s = since_s + window_s
            wait_s = max(wait_s, until_s - now)
            rows[who] = (failed, since_s, most)
        if wait_s <= 0:
            for who, (failed, since_s, most) in rows.items():
                until_s = 0.0
                if most is None and failed + 1 >= FREE_TRIES:
                    until_s = now + min(
                        2.0 ** (failed + 2 - FREE_TRIES), LONGEST_WAIT_S
                    )
                tx.execute(
                    "insert into throttle values (?, ?, ?, ?) on conflict (who) do"
                    " update set failed = excluded.failed, since_s = excluded.since_s,"
                    " wait_until_s = excluded.wait_until_s",
                    (who, failed + 1, since_s, until_s),
                )
    if wait_s > 0:
        raise TooManyTries(wait_s=round(wait_s, 1))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _sum(name: str, role: str, pin_hash: str | None) -> bytes:
    return hashlib.sha256(f"{name}\0{role}\0{pin_hash or ''}".encode()).digest()
