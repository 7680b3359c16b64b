"""Lays out the library: which lesson has which files, and under which folders.

Read from top to bottom this is the list of what a newcomer will find. The folders say where
things belong, as a teacher would sort them; two folders leave that to a sheet beside the
files instead.
"""

import csv
import io
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from . import curriculum as words
from . import (
    english,
    extras,
    film,
    lessons,
    maths,
    moon,
    mountain,
    narration,
    office,
    ooxml,
    poems,
    pond,
    science,
)
from .animals import BEASTS
from .canvas import Canvas
from .narration import Cue, Line
from .pictures import LATE, blackboard, picture, small, speaker, spring_dawn

# fmt: off
# A file of the library is one line.

AUTHOR = "向阳教学点 教研组"


def write(target: Path, content: bytes | str, encoding: str = "utf-8") -> None:
    """Write a file and its folders; text in any ``encoding``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))


def table(rows: Iterable[Sequence[str | int]]) -> str:
    """Return rows as CSV with the line ends Excel writes."""
    kept = io.StringIO()
    csv.writer(kept, lineterminator="\r\n").writerows(rows)
    return kept.getvalue()


class Library:
    """Makes the files below ``folder``; ``share`` below 1 draws the films smaller."""

    def __init__(self, folder: Path, work: Path, share: float) -> None:
        self.folder, self.work, self.share = folder, work, share
        self.pictures = {
            name: picture(scene((1280, 720))(21.5, LATE))
            for name, scene in (
                ("shanxing", mountain.mountain_path), ("jingyesi", moon.moon_well),
                ("yonge", pond.pond_goose), ("angle", maths.angle), ("drum", science.drum),
            )
        } | {name: picture(english.card(name, (920, 600))) for name, *_ in BEASTS}  # fmt: skip

    def film(self, form: str, target: Path, title: str, scene: film.Scene, lines: Sequence[Line], seed: int, size: tuple[int, int], **more: Any) -> list[Cue]:
        """Make one film below the library's folder."""
        made = film.Film(title, size, scene, lines, seed, **more)
        print(f"  {target.relative_to(self.folder)}", flush=True)
        return film.make(made, form, target, self.work / target.stem, share=self.share)

    def sound(self, target: Path, lines: Sequence[Line], seed: int, *coder: str) -> list[Cue]:
        """Make a recording without pictures."""
        print(f"  {target.relative_to(self.folder)}", flush=True)
        work = self.work / target.stem
        work.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        tracks, cues, _ = film.soundtrack(film.Film(target.stem, (2, 2), moon.moon_well, lines, seed, lead_s=1.0), work)
        film.run("-i", str(tracks[0]), "-metadata", f"title={target.stem}", "-fflags", "+bitexact", *coder, str(target))
        return cues

    def office(self, source: Path, target: Path) -> None:
        """Convert an office file to the format ``target`` is named for."""
        office.convert(source, target.suffix[1:], target, self.work / "office")

    def make(self) -> None:
        """Write everything."""
        self.chinese_3()
        self.maths_3()
        self.science_3()
        self.english_3()
        self.chinese_4()
        self.maths_4()
        self.science_4()
        self.english_4()
        self.shared()
        self.phone()
        self.home_lessons()

    def volume(self, grade: str, subject: str, edition: str) -> Path:
        """Return the folder of a first volume."""
        return self.folder / "小学" / grade / subject / edition / "上册"

    def chinese_3(self) -> None:
        """三年级语文: poems to see, hear, read and write."""
        book = self.volume("三年级", "语文", "统编版")
        book.mkdir(parents=True)
        office.sheet(book / "contents.xlsx", "三年级语文上册 目录", [("目录", words.contents_rows(words.CHINESE_3))])
        write(book / "第一单元 校园的早晨/1 山坡上的小学/山坡上的小学 朗读稿.txt", words.SCHOOL_ON_THE_HILL.replace("\n", "\r\n"), "gb18030")

        three = book / "第二单元 金秋/4 古诗三首"
        cues = self.film("mp4", three / "山行 朗读.mp4", "山行 朗读", mountain.mountain_path, poems.reading(poems.SHANXING), 8, (1280, 720))
        write(three / "山行 朗读.srt", narration.srt(cues))
        voice = self.work / "山行.mp3"
        film.run("-i", str(self.work / "山行 朗读/track0.wav"), "-c:a", "libmp3lame", "-b:a", "48k", "-ac", "1", str(voice))
        ooxml.presentation(three / "古诗三首 课件.pptx", "古诗三首", lessons.poems(self.pictures, voice.read_bytes(), speaker()))
        worksheet = self.work / "古诗三首 练习.docx"
        office.document(worksheet, "古诗三首 练习", words.WORKSHEET)
        self.office(worksheet, three / "古诗三首 练习.pdf")
        plan = [*words.SHANXING_PLAN[:2], office.Block("山行 插图", picture=self.pictures["shanxing"], size_pt=(400, 225)), *words.SHANXING_PLAN[2:]]
        office.document(three / "山行 教案.docx", "《山行》教案", plan)
        write(three / "山行 挂图.jpg", picture(mountain.mountain_path((1600, 900))(21.5, LATE), quality=86))

        recite = book / "第二单元 金秋/5 诵读：学过的古诗"
        cues = self.film("mpg", recite / "静夜思 朗读.mpg", "静夜思 朗读", moon.moon_well, poems.reading(poems.JINGYESI), 5, (640, 360), lead_s=0.8, tail_s=0.8)
        write(recite / "静夜思 朗读.srt", narration.srt(cues), "gb18030")
        self.film("mp4-late-index", recite / "咏鹅 朗读.mp4", "咏鹅 朗读", pond.pond_goose, poems.reading(poems.YONGE), 2, (960, 540))
        cues = self.sound(recite / "咏鹅 诵读.mp3", poems.reading(poems.YONGE) * 2, 21, "-c:a", "libmp3lame", "-b:a", "64k", "-ac", "1")
        write(recite / "咏鹅 诵读.lrc", narration.lrc(cues, "咏鹅", "骆宾王"), "gb18030")

    def maths_3(self) -> None:
        """三年级数学: multiplying in columns."""
        unit = self.volume("三年级", "数学", "人教版") / "第六单元 多位数乘一位数"
        self.film("wmv", unit / "2 笔算乘法/笔算乘法.wmv", "笔算乘法", maths.multiply, maths.MULTIPLY, 31, (640, 360), lead_s=0.6, tail_s=0.8, musical=False)
        write(unit / "2 笔算乘法/笔算乘法 板书.png", picture(small(maths.multiply((1280, 720))(60.0, ()).finished()), "PNG"))
        rows = [(sum_, "", "") for sum_ in words.SUMS]
        office.sheet(unit / "1 口算乘法/口算乘法 练习.xlsx", "口算乘法 练习", [("第一天", [("算式", "得数", "对了吗"), *rows]), ("第二天", [("算式", "得数", "对了吗"), *reversed(rows)])])

    def science_3(self) -> None:
        """三年级科学: water that boils."""
        book = self.volume("三年级", "科学", "教科版")
        write(book / "contents.csv", table(words.contents_rows(words.SCIENCE_3)), "gb18030")
        lesson = book / "第一单元 水/2 水沸腾了"
        cues = self.film("mp4", lesson / "水沸腾了 实验.mp4", "水沸腾了 实验", science.boil, science.BOIL, 41, (960, 540))
        write(lesson / "水沸腾了 实验.srt", narration.srt(cues))
        record = self.work / "水沸腾了 实验记录单.docx"
        office.document(record, "水沸腾了 实验记录单", words.BOIL_RECORD)
        self.office(record, lesson / "水沸腾了 实验记录单.doc")
        measured = self.work / "水温记录.xlsx"
        office.sheet(
            measured,
            "水温记录",
            [
                (
                    "第一组",
                    [
                        ("时间（分）", "温度（℃）", "现象"),
                        *((2 * n, min(100, 20 + 20 * n), text) for n, text in enumerate(("没有变化", "杯底有小气泡", "气泡变多", "气泡上升", "沸腾", "沸腾，温度不变"))),
                    ],
                )
            ],
        )
        self.office(measured, lesson / "水温记录.xls")

    def english_3(self) -> None:
        """三年级英语: animals."""
        lesson = self.volume("三年级", "英语", "人教版") / "Unit 4 We love animals/1 Look! A cat"
        self.film("flv", lesson / "We love animals.flv", "We love animals", english.animals, english.ANIMALS, 51, (640, 360), lead_s=0.8, tail_s=0.8)
        ooxml.presentation(lesson / "Animals word cards.pptx", "We love animals", lessons.animals(self.pictures))
        cues = self.sound(lesson / "Hello little cat (song).ogg", english.SONG, 52, "-c:a", "libvorbis", "-q:a", "1", "-ac", "1")
        write(lesson / "Hello little cat (song).lrc", narration.lrc(cues, "Hello, little cat", AUTHOR))

    def chinese_4(self) -> None:
        """四年级语文: a book to read, a poem to hear."""
        book = self.volume("四年级", "语文", "统编版")
        scenes: dict[str, Canvas | Image.Image] = {
            "spring": science.seedling((800, 1422))(9.0, ()).finished().crop((0, 600, 800, 1050)),
            "summer": pond.pond_goose((800, 450))(3.0, ()),
            "autumn": mountain.mountain_path((800, 450))(3.0, ()),
        }
        extras.ebook(book / "整本书阅读/山里的四季.epub", "山里的四季", AUTHOR, words.SEASONS, {name: picture(drawn, quality=76) for name, drawn in scenes.items()})
        write(book / "整本书阅读/读书笔记怎么写.md", words.READING_NOTES)
        tilin = ("题西林壁", "宋 苏轼", ("横看成岭侧成峰", "远近高低各不同", "不识庐山真面目", "只缘身在此山中"))
        self.sound(book / "第三单元 观察/9 古诗三首/题西林壁 朗读.wma", poems.reading(tilin), 61, "-c:a", "wmav2", "-b:a", "48k", "-ac", "1")

    def maths_4(self) -> None:
        """四年级数学: measuring angles, with a film as a downloader leaves it."""
        book = self.volume("四年级", "数学", "人教版")
        write(book / "contents.csv", table(words.contents_rows(words.MATHS_4)), "utf-8-sig")
        lesson = book / "第三单元 角的度量/3 角的度量"
        self.film("m3u8", lesson / "角的度量 微课/index.m3u8", "角的度量 微课", maths.angle, maths.ANGLE, 71, (854, 480), musical=False)
        deck = self.work / "角的度量 课件.pptx"
        ooxml.presentation(deck, "角的度量", lessons.angles(self.pictures))
        self.office(deck, lesson / "角的度量 课件.ppt")
        write(lesson / "量角练习.html", extras.angle_page())
        thumbnail = picture(maths.angle((320, 180))(60.0, ()), "PNG")
        extras.geogebra(lesson / "拖一拖 角的大小.ggb", thumbnail)

    def science_4(self) -> None:
        """四年级科学: where sound comes from."""
        lesson = self.volume("四年级", "科学", "教科版") / "第一单元 声音/2 声音是怎样产生的"
        cues = self.film("avi", lesson / "声音的产生.avi", "声音的产生", science.drum, science.DRUM, 81, (640, 360), lead_s=1.0, tail_s=0.8, musical=False)
        write(lesson / "声音的产生.ass", narration.ass(cues, "声音的产生"))
        write(lesson / "小鼓 图片.bmp", picture(Image.open(io.BytesIO(self.pictures["drum"])).resize((640, 360)).quantize(64), "BMP"))
        write(lesson / "声音的产生 教学反思.md", words.REFLECTION)

    def english_4(self) -> None:
        """四年级英语: a film that speaks two languages."""
        lesson = self.volume("四年级", "英语", "人教版") / "Unit 1 My classroom/1 What's in the classroom"
        self.film("mkv", lesson / "My classroom.mkv", "My classroom", english.classroom, english.CLASSROOM_ZH, 91, (854, 480), second_voice=english.CLASSROOM_EN, musical=False, lead_s=1.0, tail_s=1.0)

    def shared(self) -> None:
        """A folder whose sheet says exactly what each file is: catalogue.xlsx."""
        folder = self.folder / "教研组分享"
        write(folder / "chunxiao.png", picture(small(spring_dawn().finished()), "PNG"))
        sums = self.work / "kousuan-02.docx"
        office.document(sums, "口算乘法 小练习", words.SUM_SHEET)
        self.office(sums, folder / "kousuan-02.pdf")
        office.document(folder / "fanyin.docx", "水的三态 板书设计", words.BOARD_PLAN)
        office.sheet(folder / "catalogue.xlsx", "教研组分享", [("课件", [words.SIDECAR_HEAD, *words.SHARED])])

    def phone(self) -> None:
        """What a phone took, with a sheet WPS wrote: catalogue.csv in GB18030."""
        folder = self.folder / "手机拍的"
        upright = self.work / "upright.mp4"
        made = film.Film("蚕豆发芽", (360, 640), science.seedling, science.BEAN, 95, lead_s=1.0, tail_s=1.2)
        film.make(made, "mp4", upright, self.work / "upright", share=self.share)
        # A phone held upright writes lying pictures and a note to turn them.
        lying = self.work / "lying.mp4"
        film.run("-i", str(upright), "-vf", "transpose=cclock", *film.H264, "-c:a", "copy", str(lying))
        target = folder / words.PHONE[0][0]
        folder.mkdir(parents=True)
        film.run("-i", str(lying), "-c", "copy", "-metadata:s:v:0", "rotate=270", "-fflags", "+bitexact", str(target))
        print(f"  {target.relative_to(self.folder)}", flush=True)
        write(folder / words.PHONE[1][0], picture(blackboard(), quality=80))
        write(folder / "catalogue.csv", table([words.SIDECAR_HEAD, *words.PHONE]), "gb18030")

    def home_lessons(self) -> None:
        """A zip from Chinese Windows: names in GB18030."""
        base = "乡土课程/三年级/科学/第一单元 水"
        extras.gb_zip(self.folder / "乡土课程.zip", {
            f"{base}/1 水到哪里去了/村里的老井.txt": "村口有一口老井，井水冬天冒热气，夏天冰凉。\r\n去问一问爷爷奶奶：这口井有多少年了？\r\n".encode("gb18030"),
            f"{base}/1 水到哪里去了/老井 图片.jpg": picture(moon.moon_well((800, 450))(1.0, ()), quality=78),
            f"{base}/2 水沸腾了/烧水的安全.md": "# 烧水的安全\n\n1. 大人在旁边才点火。\n2. 壶嘴朝着没有人的地方。\n3. 水开了，先关火，再提壶。\n".encode(),
        })  # fmt: skip


def tools() -> list[str]:
    """Return the first line each tool says about its version."""
    asked = (["ffmpeg", "-version"], ["espeak-ng", "--version"], ["soffice", "--version"])
    return [subprocess.run(call, capture_output=True, text=True, check=True).stdout.splitlines()[0] for call in asked]
