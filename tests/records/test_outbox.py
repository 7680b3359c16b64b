"""Rows on their way to the county: what waits, how far the centre has them, what may go."""

from edge_server.ground.db import transaction
from edge_server.records import outbox


def add(box, count: int) -> list[int]:
    """Write rows of the epoch that is now."""
    with transaction(box.db) as tx:
        return [outbox.add(tx, box.clock, "usage", {"n": n}) for n in range(count)]


def epoch_of(box) -> str:
    """Return the epoch of the newest rows."""
    return box.db.value("select value ->> '$' from settings where key = 'epoch'")


def test_what_waits_is_known_over_epochs_and_answers(box):
    before = outbox.waiting(box.db)
    seqs = add(box, 5)
    first = epoch_of(box)
    with transaction(box.db) as tx:
        outbox.begin_epoch(tx, box.clock)
    add(box, 1)
    assert outbox.waiting(box.db) - before == 6

    with transaction(box.db) as tx:
        outbox.acknowledge(tx, box.clock, first, seqs[1])
    assert outbox.waiting(box.db) == 4


def test_rows_go_out_in_their_order_one_epoch_at_a_time(box):
    seqs = add(box, 3)
    first = epoch_of(box)
    with transaction(box.db) as tx:
        outbox.begin_epoch(tx, box.clock)
    add(box, 2)

    rows = outbox.next_rows(box.db, 2)
    assert len({row.epoch for row in rows}) == 1
    sent = []
    while rows := outbox.next_rows(box.db, 2):
        sent += [(row.epoch, row.seq) for row in rows]
        with transaction(box.db) as tx:
            outbox.acknowledge(tx, box.clock, rows[-1].epoch, rows[-1].seq)
    assert sorted(sent) == sorted(
        [(first, seq) for seq in seqs] + [(epoch_of(box), 1), (epoch_of(box), 2)]
    )


def test_an_older_answer_takes_nothing_back(box):
    seqs = add(box, 4)
    epoch = epoch_of(box)
    with transaction(box.db) as tx:
        outbox.acknowledge(tx, box.clock, epoch, seqs[3])
        outbox.acknowledge(tx, box.clock, epoch, seqs[0])
    assert outbox.mark(box.db, epoch) == seqs[3]


def test_acknowledged_rows_stay_sixty_days_of_use_and_the_chain_goes_on(box):
    seqs = add(box, 5)
    epoch = epoch_of(box)
    with transaction(box.db) as tx:
        outbox.acknowledge(tx, box.clock, epoch, seqs[2])
        assert outbox.forget_old(tx, box.clock, 100) == 0
        tx.execute("update acknowledged set answered_s = ?", (-outbox.KEPT_S,))
        assert outbox.forget_old(tx, box.clock, 100) == seqs[2] - 1

    chain = outbox.chain_at(box.db, epoch, seqs[2])  # the last one answered for stays
    for row in outbox.next_rows(box.db, 10):
        chain = outbox.link(chain, row.body)
        assert chain == outbox.chain_at(box.db, epoch, row.seq)
    assert outbox.broken_at(box.db) is None
    assert outbox.waiting(box.db) == 2
