"""`edge-server library` as a technician types it: what one command prints, the next takes."""

from edge_server.cli import main
from tests.boxes import make_box


def test_the_number_in_a_list_names_the_resource_for_other_commands(tmp_path, capsys):
    make_box(tmp_path / "box").db.close()
    poem = tmp_path / "春晓.txt"
    poem.write_text("春眠不觉晓，处处闻啼鸟。")
    data = ("--data", str(tmp_path / "box"))
    assert main(["library", "add", str(poem), *data]) == 0
    for listing in (["library", "list"], ["index", "search", "春晓"]):
        capsys.readouterr()
        assert main([*listing, *data]) == 0
        number = capsys.readouterr().out.splitlines()[1].split()[0]

        assert main(["library", "withdraw", number, *data]) == 0
        assert main(["library", "restore", number, *data]) == 0
        assert main(["library", "show", number, *data]) == 0
        assert "春晓.txt" in capsys.readouterr().out
