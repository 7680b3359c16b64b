"""`edge-server library add` says what of a folder it has not handed in."""

import json

from edge_server.cli import main
from tests.boxes import make_box


def test_links_and_folders_too_deep_are_passed_over_and_told(tmp_path, capsys):
    make_box(tmp_path / "box").db.close()
    folder = tmp_path / "课件"
    folder.mkdir()
    (folder / "春晓.txt").write_text("春眠不觉晓，处处闻啼鸟。")
    (folder / "链接.txt").symlink_to(folder / "春晓.txt")
    (folder / "Thumbs.db").symlink_to(folder / "春晓.txt")
    deep = folder.joinpath(*map(str, range(17)))
    deep.mkdir(parents=True)
    (deep / "深.txt").write_text("看不见")
    add = ["library", "add", str(folder), "--data", str(tmp_path / "box")]

    assert main([*add, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["offered"], told["resources"], told["refused"]) == (1, 1, [])
    assert told["passed_over"] == [
        {"name": str(folder / "链接.txt"), "code": "is_link",
         "values": {"name": "链接.txt"}},
        {"name": str(deep), "code": "path_too_deep",
         "values": {"name": "16", "most": 16}},
    ]  # fmt: skip

    assert main(add) == 0
    said = capsys.readouterr().out
    assert f"- {folder}/链接.txt: 链接.txt is only a link and was not taken." in said
    assert f"- {deep}: 16 lies in too many folders (more than 16)" in said
