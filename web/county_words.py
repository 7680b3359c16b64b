"""What is said of the county: how the nights went, what is under way, what comes next.

Nothing here asks for the visitor, so that an open page may ask again and again.
"""

import time
from collections.abc import Mapping

from edge_server.errors import Value
from edge_server.ground import jobs
from edge_server.language import Words
from sync import link
from sync.arrivals import coming, deliveries, enrolment, mornings, partial, wants
from web import cards, places
from web.shown import Coming, County, Link, Night, Notice, Wrong
from web.site import Site

MOST_COMING = 24
NIGHTS_S = 86_400.0
REFUSED = frozenset(
    {
        "head_forged", "head_rolled_back", "head_too_long", "shard_wrong",
        "document_damaged", "document_too_new", "entry_damaged", "box_revoked",
    }
)  # fmt: skip
"""Why a delivery ended that no better line would mend: somebody has to know of it."""


class Pace:
    """How fast things come, from what was left at two looks; kept by nobody else.

    The box writes nothing down for it: the first look knows no pace yet.
    """

    LEAST_S = 1.5
    """Looks nearer than this to the last one tell nothing."""
    FORGET_S = 60.0

    def __init__(self) -> None:
        self._last: tuple[float, int] | None = None
        self._bytes_per_s: float | None = None

    def look(self, left_bytes: int, now_s: float) -> float | None:
        """Return bytes per second since the look before, None: it is not known.

        Args:
            left_bytes: What is to come now.
            now_s: The monotonic clock.
        """
        last = self._last
        if last is not None and now_s - last[0] < self.LEAST_S:
            return self._bytes_per_s
        self._last = now_s, left_bytes
        self._bytes_per_s = None
        if last is not None and now_s - last[0] < self.FORGET_S:
            self._bytes_per_s = max(0, last[1] - left_bytes) / (now_s - last[0])
        return self._bytes_per_s


def of(site: Site, words: Words, pace: Pace) -> County:
    """Return all that is said of the county."""
    db = site.box.db
    if not link.has_centre(db):
        notice, joining = _joining(site, words)
        return County(notice, joined=False, joining=joining)
    nights = mornings.nights(site.box)
    next_up = coming.nearest(db, MOST_COMING)
    fetching = bool(nights and nights[0].under_way)
    return County(
        notice=_notice(site, words, nights, pace),
        joined=True,
        fetching=fetching or deliveries.asked(db) > deliveries.answered(db),
        nights=tuple(_night(site, words, one) for one in nights[1:]),
        coming=tuple(_coming(words, one) for one in next_up),
        more=max(0, coming.count(db) - len(next_up)),
    )


def way(words: Words) -> tuple[Link, ...]:
    """Return the way to the county's pages."""
    return Link(words._("状态"), "/status"), Link(words._("县里"), "/county")


def line(site: Site, words: Words) -> str:
    """Return what is to come from the county in a sentence, for the page of the state."""
    db = site.box.db
    if not link.has_centre(db):
        return words._("还没有加入县中心。")
    count, left_bytes = wants.left(db)
    if not count:
        return words._("县里的课都收齐了。")
    return words.join(_left(words, count, left_bytes), when(site, words))


def refused(site: Site, words: Words) -> Wrong | None:
    """Return what was refused of the county's at the last try, None: nothing was."""
    newest = next(iter(deliveries.newest(site.box.db, 1)), None)
    if newest is None or newest.code not in REFUSED:
        return None
    told = words.told(newest.code, newest.values)
    at = newest.ended_at or newest.began_at
    return Wrong(words._("县里的目录"), told.what, told.do, words.when(at, site.now))


def when(site: Site, words: Words, *, left: bool = True) -> str:
    """Return when the box fetches by itself, in a sentence.

    Args:
        site: The site.
        words: The reader's.
        left: Something is to come, so that it goes on then; else it looks for more.
    """
    if _is_open(site):
        return words._("现在就是取课的时间，过一会儿会自动再看。")
    at = _policy(site).next_at(site.now)
    if at is None:
        return words._("没有定自动取课的时间。")
    said = words.ahead(at, site.now)
    if left:
        return words._("%(when)s 自动接着取。", when=said)
    return words._("%(when)s 再看县里有没有新课。", when=said)


def _policy(site: Site) -> link.Policy:
    return link.policy(site.box.db)


def _is_open(site: Site) -> bool:
    return _policy(site).now(site.now) is not None


def _left(words: Words, count: int, left_bytes: int) -> str:
    return words.ngettext(
        "还有 %(num)s 个文件没有取到（%(size)s）。",
        "还有 %(num)s 个文件没有取到（%(size)s）。",
        count,
        size=words.size(left_bytes),
    )


def _notice(
    site: Site, words: Words, nights: list[mornings.Night], pace: Pace
) -> Notice:
    db = site.box.db
    count, left_bytes = wants.left(db)
    newest = nights[0] if nights else None
    if newest is not None and newest.under_way:
        left_bytes = max(0, left_bytes - partial.come_bytes(site.box))
        rate = pace.look(left_bytes, time.monotonic())
        more = _left(words, count, left_bytes) if count else ""
        lessons = newest.came + newest.left
        return Notice(
            words._("正在取，收到 %(came)s / %(all)s 课", came=newest.came, all=lessons)
            if lessons
            else words._("正在看县里有什么新课"),
            words.join(more, _rate(words, rate, left_bytes)),
            newest.came / lessons if lessons else None,
        )
    if deliveries.asked(db) > deliveries.answered(db):
        return Notice(words._("马上就取"), words._("盒子正在找县中心。"))
    if newest is None:
        left = _left(words, count, left_bytes) if count else ""
        what = words._("已经加入县中心，还没有取过")
        return Notice(what, words.join(left, when(site, words)))
    told = _night(site, words, newest)
    if newest.code is None and not count:
        stop = "。" if words.lang == "zh" else "."
        more = words.join(told.said + stop, when(site, words, left=False))
        return Notice(words._("县里的课都收齐了。"), more)
    if told.tone != "problem":
        left = _left(words, count, left_bytes) if count else ""
        later = when(site, words) if newest.code is None or not _is_open(site) else ""
        return Notice(told.said, words.join(left, told.why, later), tone=told.tone)
    why = words.told(newest.code or "", newest.values)
    return Notice(why.what, words.join(why.do, when(site, words)), tone=told.tone)


def _rate(words: Words, bytes_per_s: float | None, left_bytes: int) -> str:
    if not bytes_per_s:
        return ""
    said = words._("每秒 %(size)s。", size=words.size(bytes_per_s))
    minutes = round(left_bytes / bytes_per_s / 60)
    if 1 <= minutes <= 600:
        said = words._(
            "每秒 %(size)s，大约还要 %(time)s。",
            size=words.size(bytes_per_s),
            time=words.duration(minutes * 60),
        )
    return said


def _night(site: Site, words: Words, night: mornings.Night) -> Night:
    told = why(words, night.code, night.values)
    if night.came and night.left:
        what = words._(
            "收到 %(came)s / %(all)s 课，其余今晚继续",
            came=night.came,
            all=night.came + night.left,
        )
    elif night.came:
        what = words.ngettext("收到 %(num)s 课", "收到 %(num)s 课", night.came)
    elif night.left or night.code:
        what = words._("没有收到新课")
    else:
        what = words._("没有新课，都是最新的")
    tone = "" if night.code is None else "problem" if night.code in REFUSED else "wait"
    colon = "：" if words.lang == "zh" else ": "
    return Night(f"{_evening(site, words, night.noon_at)}{colon}{what}", told, tone)


def why(words: Words, code: str | None, values: Mapping[str, Value]) -> str:
    """Return why a delivery ended before its time and what to do; empty: it did not."""
    if code is None:
        return ""
    told = words.told(code, values)
    return words.join(told.what, told.do)


def _evening(site: Site, words: Words, noon_at: float) -> str:
    """Return what a night is called: ``今天`` until midnight, then ``昨晚``."""
    today = mornings.noon_before(site.now + NIGHTS_S / 2)  # noon of this day
    days = round((today - noon_at) / NIGHTS_S)
    if days <= 0:
        return words._("今天")
    return words._("昨晚") if days == 1 else words.weekday(noon_at)


def _coming(words: Words, one: coming.Coming) -> Coming:
    resource = one.resource
    parts = (
        cards.kind_name(words, resource.kind),
        places.line(words, resource.place),
        words.size(resource.size_bytes),
    )
    return Coming(
        id_on_disk=resource.id_on_disk,
        title=resource.title,
        kind=cards.icon(resource.kind),
        line=" · ".join(part for part in parts if part),
        soon=one.urgency == jobs.URGENT,
    )


def _joining(site: Site, words: Words) -> tuple[Notice, bool]:
    """Return how joining goes, and whether it is under way."""
    row = jobs.find(site.box.db, enrolment.KIND, enrolment.KEY)
    if row is None:
        return Notice(
            words._("还没有加入县中心"),
            words._("县里给了登记码就能加入。加入以后，每晚自动收县里的课。"),
        ), False
    if row.code is None:
        return Notice(
            words._("正在加入县中心"),
            words._("一会儿就好，这一页会自己变。"),
            tone="wait",
        ), True
    told = words.told(row.code, row.values)
    if row.state == "aside":
        return Notice(told.what, told.do, tone="problem"), False
    again = words._("会自动再试。")
    return Notice(told.what, words.join(told.do, again), tone="wait"), True
