"""Example data for `/_parts`: a school with two grades, long titles among short ones."""

from web.shown import (
    Card,
    Grade,
    Group,
    Item,
    Lesson,
    Link,
    Notice,
    Page,
    Shown,
    Source,
    Subject,
    Unit,
)

_LESSON = "/library"

BREAD = (
    Link("课件库", "/library"),
    Link("三年级", _LESSON),
    Link("语文", _LESSON),
    Link("统编版 上册", _LESSON),
)
RAIL = (
    Group(
        "三年级 统编版 上册",
        (
            Link("第一单元", _LESSON, "3 课"),
            Link("1 大青树下的小学", _LESSON, on=True, deep=True),
            Link("2 花的学校", _LESSON, deep=True),
            Link("第二单元", _LESSON, "4 课"),
        ),
    ),
    Group("其他学科", (Link("数学", _LESSON, "8 件"), Link("科学", _LESSON, "3 件"))),
)
FACETS = (
    Link("三年级", "/search", "12", on=True),
    Link("语文", "/search", "8"),
    Link("数学", "/search", "4"),
)
NOTICES = (
    Notice("昨晚收到 14 / 16 课", "还有 2 课今晚继续，大约 40 分钟。", 14 / 16),
    Notice("正在准备，一会儿就能看", "原件已经收好，现在就可以下载。", 0.4, "wait"),
    Notice(
        "这个视频只到了一半（6 分 12 秒）。已能播放的部分保留着。",
        "今晚会再取一次，也可以用 U 盘补。",
        tone="problem",
    ),
)


def _card(
    subject: str, above: str, title: str, kind: str, name: str, mark: str
) -> Card:
    return Card(
        id_on_disk="0" * 32,
        href="/library",
        title=title,
        kind=kind,
        kind_name=name,
        subject=subject,
        above=above,
        cover=title,
        line="三年级 · 语文 · 统编版",
        mark=mark,
    )


CARDS = (
    _card("yuwen", "语文 · 三上", "大青树下的小学", "video", "视频", "12:04"),
    _card("shuxue", "数学 · 四上", "三位数乘两位数的笔算方法与练习（第二课时）", "slides", "幻灯片", "24 页"),
    _card("yingyu", "英语 · 三上", "We love animals", "audio", "音频", "5:02"),
    _card("kexue", "科学 · 三上", "水沸腾了", "video", "视频", "8:20"),
    _card("daofa", "道德与法治 · 三上", "我们的学校", "document", "文档", "6 页"),
    _card("yinyue", "音乐 · 三上", "茉莉花", "audio", "音频", "3:10"),
    _card("meishu", "美术 · 三上", "线条的魅力", "picture", "图片", ""),
    _card("tiyu", "体育与健康 · 三上", "立定跳远", "video", "视频", "4:45"),
    _card("xinxi", "信息科技 · 三上", "认识键盘", "html", "网页", ""),
    _card("other", "三年级", "围棋入门", "ebook", "电子书", "120 页"),
)  # fmt: skip
GRADES = (
    Grade(
        "三年级",
        _LESSON,
        "48 件",
        (
            Subject("yuwen", "语文", _LESSON, "21 件"),
            Subject("shuxue", "数学", _LESSON, "12 件"),
            Subject("yingyu", "英语", _LESSON, "6 件"),
            Subject("kexue", "科学", _LESSON, "5 件"),
            Subject("daofa", "道德与法治", _LESSON, "4 件"),
        ),
    ),
    Grade(
        "四年级",
        _LESSON,
        "20 件",
        (
            Subject("yuwen", "语文", _LESSON, "12 件"),
            Subject("yinyue", "音乐", _LESSON, "8 件"),
        ),
    ),
)
UNITS = (
    Unit(
        "第一单元",
        "3 课",
        (
            Lesson(
                "1",
                "大青树下的小学",
                _LESSON,
                (("video", "视频"), ("slides", "幻灯片"), ("document", "文档")),
            ),
            Lesson("2", "花的学校", _LESSON, (("video", "视频"),)),
            Lesson("3", "不懂就要问", ""),
        ),
    ),
)


def _shown(kind: str, title: str, **more: object) -> Shown:
    return Shown(
        id_on_disk="0" * 32,
        title=title,
        kind=kind,
        kind_name="",
        place="大青树下的小学 · 第 1 课",
        shelf="语文 · 三上",
        subject="yuwen",
        own=True,
        download="/library",
        size="86 MB",
        **more,  # type: ignore[arg-type]  # whichever fields an example needs
    )


FILM = _shown(
    "video",
    "朗读与生字",
    sources=(
        Source("高清", "/static/none.mp4", "video/mp4"),
        Source("流畅", "/static/none-360.mp4", "video/mp4"),
    ),
    length_s=724.0,
    items=(
        Item("/library", "朗读与生字", "video", "视频 · 12:04", on=True),
        Item("/library", "课堂课件", "slides", "幻灯片 · 24 页"),
        Item("/library", "课后练习", "document", "文档 · 2 页 · 校本"),
    ),
)
DECK = _shown(
    "slides",
    "课堂课件",
    pages=tuple(Page(n, ("/favicon.ico",)) for n in range(1, 5)),
)
SONG = _shown(
    "audio", "茉莉花", sources=(Source("", "/static/none.mp3", "audio/mpeg"),)
)
FILE = _shown("original", "观潮", opened_by="希沃白板")
