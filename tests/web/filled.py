"""A school with a bit of everything, as pages and browsers are tried on."""

from edge_server.records import renditions
from edge_server.records.catalogue import Resource
from tests.media.epubs import epub
from tests.web.pictures import picture
from tests.web.school import School, place


def fill(school: School, film: bytes = b"") -> dict[str, Resource]:
    """Fill a school with a bit of everything; returns some of it by name."""
    first = {"unit": "学校生活", "unit_no": 1}
    tree = place("g3", "yuwen", lesson="大青树下的小学", lesson_no=1, **first)
    flowers = place("g3", "yuwen", lesson="花的学校", lesson_no=2, **first)
    autumn = place(
        "g3", "yuwen", unit="秋天", unit_no=2, lesson="古诗三首", lesson_no=4
    )
    cards = place(
        "g3",
        "yuwen",
        unit="秋天",
        unit_no=2,
        lesson="铺满金色巴掌的水泥道",
        lesson_no=5,
    )
    found = {
        "film": school.film("朗读与生字", tree, film),
        "deck": school.deck("课堂课件", tree, 8, clicks=3),
        "sheet": school.deck("课后练习", tree, 2, kind="document"),
    }
    school.film("花的学校 朗读", flowers, length_s=220)
    found["book"] = school.book("小故事", epub(), flowers)
    school.film("山行 赠刘景文 夜书所见", autumn, length_s=380)
    school.deck("铺满金色巴掌的水泥道 第一课时 抓住关键词句感受水泥道的美", cards, 24)
    sums = place(
        "g4",
        "shuxue",
        "renjiao",
        unit="三位数乘两位数",
        unit_no=4,
        lesson="笔算乘法",
        lesson_no=1,
    )
    school.deck("三位数乘两位数的笔算", sums, 18)
    angles = place(
        "g4",
        "shuxue",
        "renjiao",
        unit="角的度量",
        unit_no=3,
        lesson="量角器怎么用",
        lesson_no=2,
    )
    school.film("量角器怎么用", angles, length_s=412, own=False)
    water = place(
        "g3", "kexue", "jiaoke", unit="水", unit_no=1, lesson="水沸腾了", lesson_no=2
    )
    school.film("水沸腾了 实验", water, length_s=500)
    animals = place(
        "g3",
        "yingyu",
        "renjiao-pep",
        unit="We love animals",
        unit_no=4,
        lesson="Part A",
        lesson_no=1,
    )
    found["song"] = school.add(
        "We love animals 歌曲",
        "audio",
        "mp3",
        b"song",
        animals,
        media_type="audio/mpeg",
    )
    school.made(
        found["song"],
        renditions.MAIN,
        b"song",
        media_type="audio/mpeg",
        duration_s=182.0,
    )
    found["picture"] = school.add(
        "线条的魅力",
        "picture",
        "jpeg",
        picture("线条"),
        place("g3", "meishu", "renjiao"),
        media_type="image/jpeg",
    )
    found["page"] = school.add(
        "认识键盘",
        "html",
        "html",
        "<!doctype html><title>键盘</title><h1>认识键盘</h1><script>document.title='ran'</script>".encode(),
        place("g4", "xinxi", "renjiao"),
        media_type="text/html",
    )
    found["original"] = school.add(
        "观潮",
        "original",
        "enbx",
        b"enbx",
        place("g4", "yuwen", lesson="观潮", lesson_no=1, unit="自然之美", unit_no=1),
        note="希沃白板课件，含互动游戏。",
    )
    found["waiting"] = school.add(
        "刚传上来的视频", "video", "mov", b"mov", tree, media_type="video/quicktime"
    )
    return found
