"""What lies where: counted by level, a volume's lessons with the empty ones among them."""

from dataclasses import asdict, replace

from edge_server.ground.db import transaction
from edge_server.records import catalogue, shelves, textbooks, versions
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.contents import ContentsVolume, Lesson, Unit
from edge_server.records.curriculum import AXES, Place

VOLUME = Place("xiaoxue", "g3", "yuwen", "tongbian", "xin", "shang")
SCHOOL = replace(VOLUME, unit="学校生活", unit_no=1)
TREE = replace(SCHOOL, lesson="大青树下的小学", lesson_no=1)
FLOWERS = replace(SCHOOL, lesson="花的学校", lesson_no=2)


def put(box, *places, kind="document"):
    """Add a resource at each place."""
    with transaction(box.db) as tx:
        for place in places:
            n = tx.value("select count(*) from resources")
            object_id = f"{n:064x}"
            tx.execute(
                "insert into objects values (?, 1, 'own', 0, null)", (object_id,)
            )
            resource = Resource(
                f"box/{n}", catalogue.disk_id(f"box/{n}"), 1, "waiting", True, kind,
                "txt", Description(f"{n}", place), f"{n:05}.txt", "folder", 1, 0.0,
                (Part("main", object_id, "a.txt", "txt", "text/plain"),),
            )  # fmt: skip
            versions.add_version(tx, box.clock, resource)
            versions.make_visible(tx, box.clock, resource.id)


def axes(place):
    """Return the axes of a place as columns."""
    return {axis: getattr(place, axis) for axis in AXES}


def key(place):
    """Return the key of a place's lesson."""
    return tuple(asdict(place)[column] for column in shelves.LESSON)


def titles(found):
    return [one.title for one in found]


def test_every_subject_of_every_grade_is_counted_once_and_nothing_withdrawn(box):
    maths = Place("xiaoxue", "g3", "shuxue")
    put(box, TREE, FLOWERS, maths, Place())
    with transaction(box.db) as tx:
        versions.withdraw(tx, box.clock, "box/1")

    found = {
        (s.stage, s.grade, s.subject): s.resources for s in shelves.subjects(box.db)
    }

    assert found == {
        ("xiaoxue", "g3", "yuwen"): 1,
        ("xiaoxue", "g3", "shuxue"): 1,
        (None, None, None): 1,
    }


def test_an_edition_comes_with_its_textbook_year(box):
    put(box, TREE, replace(TREE, textbook_year="jiu"), replace(TREE, edition=None))
    given = {"stage": "xiaoxue", "grade": "g3", "subject": "yuwen"}

    found = {
        (b.value, b.textbook_year): b.resources
        for b in shelves.branches(box.db, given, "edition")
    }

    assert found == {("tongbian", "xin"): 1, ("tongbian", "jiu"): 1, (None, "xin"): 1}


def test_lessons_have_their_kinds_and_empty_places_of_the_contents_have_none(box):
    with transaction(box.db) as tx:
        book = Unit(1, "学校生活", (Lesson(1, TREE.lesson), Lesson(2, FLOWERS.lesson)))
        textbooks.put(tx, box.clock, ContentsVolume(**axes(VOLUME), units=(book,)))
    put(box, TREE, TREE, VOLUME, replace(TREE, volume="xia"))
    put(box, TREE, kind="video")

    assert shelves.lessons(box.db, axes(VOLUME)) == {
        key(TREE): {"document": 2, "video": 1},
        key(FLOWERS): {},
        (None, None, None, None): {"document": 1},
    }


def test_a_lesson_has_its_own_resources_in_the_order_of_their_paths(box):
    put(
        box,
        TREE,
        FLOWERS,
        TREE,
        replace(TREE, lesson_no=None),
        replace(TREE, unit_no=2),
    )

    assert titles(shelves.at(box.db, axes(VOLUME), key(TREE))) == ["0", "2"]


def test_what_is_in_no_lesson_is_read_a_page_at_a_time(box):
    put(box, VOLUME, TREE, SCHOOL, VOLUME, VOLUME)

    assert titles(shelves.loose(box.db, axes(VOLUME), 2)) == ["0", "3"]
    assert titles(shelves.loose(box.db, axes(VOLUME), 2, offset=2)) == ["4", "2"]
