"""`library verify` finds what a dying card or a hand in the folder has done, and names it."""

import json

from edge_server.cli import main
from edge_server.ground import store
from edge_server.ground.box import open_box
from edge_server.ground.db import transaction
from edge_server.records import usage
from edge_server.upkeep import verify
from edge_server.upkeep.verify import Problem


def found(box):
    """Return the problems that verify finds."""
    return list(verify.problems(box, lambda count: None))


def flip_a_bit(path):
    """Damage a file where nobody looks."""
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0b100
    path.write_bytes(data)


def opened(resource, number):
    return usage.Event("opened", f"visit-00-{number}", resource.id, resource.version)


def test_a_healthy_box_has_no_problem_and_every_byte_was_read(school, poem):
    read = []

    assert list(verify.problems(school.box, read.append)) == []
    assert sum(read) >= poem.size_bytes


def test_a_flipped_bit_is_found_and_what_uses_the_object_is_named(school, poem):
    flip_a_bit(store.place_of(school.box, poem.main.object_id))

    assert found(school.box) == [
        Problem(
            "object_damaged",
            {"object_id": poem.main.object_id, "used_by": "古诗三首"},
        ),
        Problem("resource_broken", {"resource_id": poem.id, "title": "古诗三首"}),
    ]


def test_the_command_names_it_and_says_so_by_its_exit_status(school, poem, capsys):
    said = ["library", "verify", "--json", "--data", str(school.box.folder)]
    assert main(said) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []

    flip_a_bit(store.place_of(school.box, poem.main.object_id))

    assert main(said) == 1
    told = json.loads(capsys.readouterr().out)["problems"]
    assert [one["code"] for one in told] == ["object_damaged", "resource_broken"]
    assert told[0]["values"]["object_id"] == poem.main.object_id


def test_a_file_that_is_gone_is_named_and_its_row_stays(school, poem):
    place_ = store.place_of(school.box, poem.main.object_id)
    place_.unlink()

    codes = [problem.code for problem in found(school.box)]

    assert codes == ["object_missing", "resource_broken"]
    assert poem.main.object_id in store.all_ids(school.box.db)


def test_a_usage_event_that_was_changed_afterwards_breaks_the_chain(school, poem):
    box = school.box
    with transaction(box.db) as tx:
        usage.record(tx, box.clock, [opened(poem, "1"), opened(poem, "2")])
    assert found(box) == []

    with transaction(box.db) as tx:
        tx.execute("update outbox set body = replace(body, 'opened', 'played')")

    assert [problem.code for problem in found(box)] == ["outbox_chain_broken"]


def test_it_looks_at_the_store_of_a_box_that_was_opened_again(school, poem):
    flip_a_bit(store.place_of(school.box, poem.main.object_id))
    school.box.db.close()

    again = open_box(school.box.folder)

    assert found(again)[0].code == "object_damaged"
    again.db.close()
