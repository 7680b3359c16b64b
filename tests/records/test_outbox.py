"""Rows on their way to the county: how many there are, without counting them."""

from edge_server.ground.db import transaction
from edge_server.records import outbox


def test_what_waits_is_known_over_epochs_and_after_the_first_rows_went(box):
    before = outbox.waiting(box.db)
    with transaction(box.db) as tx:
        seqs = [outbox.add(tx, box.clock, "usage", {"n": n}) for n in range(5)]
        epoch = tx.value("select epoch from outbox limit 1")
        outbox.begin_epoch(tx, box.clock)
        outbox.add(tx, box.clock, "usage", {"n": 5})
    assert outbox.waiting(box.db) - before == 6

    with transaction(box.db) as tx:  # acknowledged, and their time is over
        tx.execute("delete from outbox where epoch = ? and seq <= ?", (epoch, seqs[1]))
    assert outbox.waiting(box.db) == box.db.value("select count(*) from outbox") == 4
