"""`edge-server jobs list`: what the technician reads of work that was set aside."""

import json

from edge_server.cli import main
from edge_server.ground import jobs
from edge_server.ground.db import transaction
from tests.boxes import make_box


def test_the_technician_reads_what_the_program_said(tmp_path, capsys):
    box = make_box(tmp_path / "box")
    with transaction(box.db) as tx:
        jobs.enqueue(tx, "render", "0" * 64, now=0.0)
        tx.execute(
            "update jobs set state = 'aside', code = 'unexpected', detail = ?",
            (json.dumps({"what": "KeyError: 7"}),),
        )
    box.db.close()
    assert main(["jobs", "list", "--data", str(box.folder)]) == 1
    assert "This step did not succeed" in (said := capsys.readouterr().out)
    assert "KeyError: 7" in said
