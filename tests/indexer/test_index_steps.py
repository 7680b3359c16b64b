"""From an object in the store to a lesson that is found."""

import hashlib
from pathlib import Path

import pytest

from edge_server import pipeline
from edge_server.errors import TemporaryError
from edge_server.ground import jobs, store
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.ground.jobs import Job
from edge_server.ground.worker import Worker
from edge_server.records import catalogue, curriculum, renditions, versions
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.curriculum import Place
from edge_server.records.renditions import Rendition
from indexer import fulltext, search, steps
from indexer.postings import WordsDamaged

THIRD_GRADE_CHINESE = Place(
    stage=curriculum.free("stage", "小学").id,
    grade=curriculum.free("grade", "三年级").id,
    subject=curriculum.free("subject", "语文").id,
    edition=curriculum.free("edition", "统编版").id,
    unit="大自然",
    unit_no=2,
    lesson="古诗三首",
    lesson_no=5,
)


def put(
    box: Box,
    title: str,
    content: bytes,
    format: str,
    kind: str = "document",
    version: int = 1,
    also: tuple[Part, ...] = (),
) -> Resource:
    """Keep an object and show a resource that consists of it."""
    resource_id = f"box/{title}"
    part = keep(box, content, format, "main", f"{title}.{format}")
    resource = Resource(
        id=resource_id,
        id_on_disk=catalogue.disk_id(resource_id),
        version=version,
        state="waiting",
        own=True,
        kind=kind,
        format=format,
        about=Description(title, THIRD_GRADE_CHINESE, tags="国庆", source="向阳小学"),
        path=f"{title}.{format}",
        channel="folder",
        size_bytes=len(content),
        arrived_at=0.0,
        parts=(part, *also),
    )
    with transaction(box.db) as tx:
        versions.add_version(tx, box.clock, resource)
        assert versions.make_visible(tx, box.clock, resource_id)
    return resource


def keep(box: Box, content: bytes, format: str, role: str, name: str) -> Part:
    """Put an object into the store; returns it as a part."""
    object_id = hashlib.sha256(content).hexdigest()
    path = box.folder / "work" / object_id
    path.write_bytes(content)
    kept = store.keep(box, path, object_id)
    with transaction(box.db) as tx:
        store.record(tx, kept, "own", 0.0)
    return Part(role, object_id, name, format, "text/plain")


def do(box: Box, kind: str, key: str) -> list[str]:
    """Do a step as the worker would; returns the keys of what follows."""
    step = {"extract": steps.extract, "index": steps.index}
    write_down = step[kind](box, Job(1, kind, key))
    with transaction(box.db) as tx:
        return list(write_down(tx))


def work(box: Box) -> None:
    """Do the jobs of the index that wait, as the worker does."""
    kinds = ("extract", "index", "rebuild")
    indexing = [step for step in pipeline.STEPS if step.kind in kinds]
    Worker(box, indexing).run(until_idle=True)


def found(box: Box, text: str) -> list[str]:
    """Return the ids of what a search finds, the best first."""
    results = search.search(
        steps.words_of(box.folder),
        text,
        allowed=lambda pairs: catalogue.visible(box.db, list(pairs)),
    )
    return [hit.resource_id for hit in results.hits]


def test_an_object_is_read_and_its_resource_found(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")

    follows = do(box, "extract", poem.main.object_id)
    for key in follows:
        do(box, "index", key)

    assert follows == [poem.id]
    for typed in ("明月", "静夜", "jys", "三年级 语文", "3年级", "第5课", "古诗三首"):
        assert found(box, typed) == [poem.id], typed
    for typed in ("Grade 3 Chinese", "部编版", "国庆", "向阳小学", "xiangyang", "文档"):
        assert found(box, typed) == [poem.id], typed


def test_a_resource_is_filtered_by_its_axes(box: Box) -> None:
    poem = put(box, "静夜思", b"x", "txt")
    do(box, "index", poem.id)
    words = steps.words_of(box.folder)

    grade = THIRD_GRADE_CHINESE.grade or ""
    assert search.search(words, "静夜", facets={"grade": grade}).total == 1
    assert search.search(words, "静夜", facets={"grade": "another"}).total == 0
    assert search.search(words, "静夜", facets={"kind": "video"}).total == 0


def test_subtitles_of_a_film_lead_to_their_second(box: Box) -> None:
    lines = "[00:07.00]小船儿推开波浪\n".encode("gb18030")
    subtitle = keep(box, lines, "lrc", "subtitle", "歌.lrc")
    film = put(box, "让我们荡起双桨", b"film", "mp4", "video", also=(subtitle,))

    do(box, "index", film.id)

    [hit] = search.search(steps.words_of(box.folder), "推开波浪").hits
    assert (hit.resource_id, hit.at_s) == (film.id, 7.0)


def test_what_is_withdrawn_is_no_longer_in_the_index(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")
    do(box, "index", poem.id)
    with transaction(box.db) as tx:
        versions.withdraw(tx, box.clock, poem.id)
    assert found(box, "静夜") == []  # at once, before any job

    do(box, "index", poem.id)

    assert fulltext.indexed_versions(steps.words_of(box.folder)) == {}
    assert do(box, "extract", poem.main.object_id) == []


def test_a_new_version_is_found_by_its_new_words_only(box: Box) -> None:
    put(box, "静夜思", "床前明月光".encode(), "txt")
    do(box, "index", "box/静夜思")
    put(box, "静夜思", "举头望明月".encode(), "txt", version=2)
    assert found(box, "静夜") == []  # the old words say nothing of the new version

    do(box, "index", "box/静夜思")

    assert found(box, "举头") == ["box/静夜思"]
    assert found(box, "床前") == []


def test_a_damaged_file_is_found_by_its_title(box: Box) -> None:
    slides = put(box, "圆的周长", b"not a presentation", "pptx", "slides")

    assert do(box, "extract", slides.main.object_id) == [slides.id]
    do(box, "index", slides.id)

    words = steps.words_of(box.folder)
    assert found(box, "圆的周长") == [slides.id]
    assert fulltext.stats(words).unreadable == 1
    assert steps.reconcile(box, box.db) == []  # not tried again at each start


def test_a_wps_file_is_read_from_the_pdf_that_was_made_of_it(
    box: Box, office: dict[str, Path]
) -> None:
    letter = put(box, "课文", b"a file of WPS", "wps")
    do(box, "extract", letter.main.object_id)  # asked when the file came: no PDF yet
    do(box, "index", letter.id)
    assert found(box, "坪坝") == []

    pdf = keep(box, office["pdf"].read_bytes(), "pdf", "main", "x.pdf")
    made = Rendition(letter.main.object_id, renditions.PDF, pdf.object_id)
    with transaction(box.db) as tx:
        renditions.record(tx, box.clock, made)
    do(box, "extract", letter.main.object_id)  # asked again by `pages`

    assert found(box, "坪坝") == [letter.id]


def test_without_a_sandbox_titles_are_found_and_texts_come_later(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")

    def none_here(path: Path, format: str) -> None:
        raise TemporaryError("no_sandbox", why="sandbox_not_installed")

    with monkeypatch.context() as bare:
        bare.setattr(steps, "read_file", none_here)
        with pytest.raises(TemporaryError):
            do(box, "extract", poem.main.object_id)
        do(box, "index", poem.id)
        assert found(box, "静夜") == [poem.id]

    for key in steps.reconcile(box, box.db):
        do(box, "index", key)
    assert found(box, "床前") == [poem.id]


def test_deleting_words_db_brings_every_hit_back(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")
    film = put(box, "长城", b"film", "mp4", "video")
    for resource in (poem, film):
        do(box, "index", resource.id)
    assert steps.reconcile(box, box.db) == []

    for path in box.folder.glob("words*"):
        path.unlink()
    lacking = steps.reconcile(box, box.db)
    for key in lacking:
        do(box, "index", key)

    assert sorted(lacking) == sorted([poem.id, film.id])
    assert found(box, "明月") == [poem.id]
    assert found(box, "长城") == [film.id]


def test_reconcile_names_what_is_old_new_and_gone(box: Box) -> None:
    kept, gone, changed = (put(box, title, b"x", "txt") for title in "甲乙丙")
    for resource in (kept, gone, changed):
        do(box, "index", resource.id)
    with transaction(box.db) as tx:
        versions.withdraw(tx, box.clock, gone.id)
    put(box, "丙", b"xx", "txt", version=2)
    new = put(box, "丁", b"x", "txt")

    assert steps.reconcile(box, box.db) == sorted([gone.id, changed.id, new.id])


def test_an_index_of_another_program_is_made_again_at_the_start(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")
    do(box, "index", poem.id)
    with transaction(steps.words_of(box.folder).db) as tx:
        tx.execute("update made_with set value = '0' where name = 'schema'")
    steps.words_of.cache_clear()

    pipeline.reconcile(box)
    work(box)

    assert steps.words_of(box.folder).problem is None
    assert found(box, "明月") == [poem.id]


def test_an_index_that_lies_is_made_again_and_the_job_goes_on(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")
    do(box, "index", poem.id)
    with transaction(steps.words_of(box.folder).db) as tx:
        tx.execute("update texts set body = '别的'")
    with transaction(box.db) as tx:
        versions.withdraw(tx, box.clock, poem.id)

    with pytest.raises(WordsDamaged):
        do(box, "index", poem.id)
    work(box)
    do(box, "index", poem.id)

    assert fulltext.indexed_versions(steps.words_of(box.folder)) == {}


def test_a_text_that_replaces_one_that_lies_is_kept(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")
    do(box, "index", poem.id)
    with transaction(steps.words_of(box.folder).db) as tx:
        tx.execute("update texts set body = ''")  # so that it is read again

    with pytest.raises(WordsDamaged):
        do(box, "extract", poem.main.object_id)
    work(box)
    do(box, "extract", poem.main.object_id)

    assert found(box, "明月") == [poem.id]


def test_rebuild_asks_for_what_it_could_not_carry_over(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")
    do(box, "index", poem.id)
    pipeline.rebuild(box, Job(1, "rebuild", "all"))
    assert found(box, "明月") == [poem.id]
    assert jobs.rows(box.db) == []

    words = steps.words_of(box.folder)
    fulltext.remove(words, poem.id)
    pipeline.rebuild(box, Job(1, "rebuild", "all"))

    assert [(row.kind, row.key) for row in jobs.rows(box.db)] == [("index", poem.id)]


def test_each_step_may_run_twice(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")
    for _ in range(2):
        assert do(box, "extract", poem.main.object_id) == [poem.id]
        assert do(box, "index", poem.id) == []

    assert found(box, "明月") == [poem.id]


def test_a_place_that_changed_is_found_by_its_new_lesson(box: Box) -> None:
    poem = put(box, "静夜思", "床前明月光".encode(), "txt")
    do(box, "index", poem.id)
    with transaction(box.db) as tx:
        tx.execute("update versions set lesson = '望天门山', lesson_no = 17")

    do(box, "index", poem.id)

    assert found(box, "第17课") == found(box, "望天门山") == [poem.id]
    assert found(box, "第5课") == []
