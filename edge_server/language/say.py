"""Numbers, sizes, lengths and moments as people say them.

Moments are said in Beijing time whatever the machine believes: all of China keeps it, and
a box set up from a plain image stays on UTC, where last night's delivery would read as
yesterday afternoon's.
"""

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
EVENING_H = 18

WEEKDAYS = {
    "zh": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "en": (
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ),
}  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip


def size(size_bytes: float) -> str:
    """Say a length in bytes with a decimal unit, one decimal below ten: ``1.4 GB``."""
    value, unit = float(size_bytes), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    decimals = 1 if unit != "B" and value < 9.95 and round(value, 1) % 1 else 0
    return f"{value:.{decimals}f} {unit}"


def clock(seconds: float) -> str:
    """Say a place in a film: ``0:07``, ``12:04``, ``1:02:33``."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def duration(seconds: float, lang: str) -> str:
    """Say how long something takes, in its two largest units: ``6 分 12 秒``."""
    total = max(0, round(seconds))
    minutes, second = divmod(total, 60)
    hours, minute = divmod(minutes, 60)
    names = ("小时", "分", "秒") if lang == "zh" else ("h", "min", "s")
    if hours:
        parts = [(hours, names[0]), (minute, names[1])]
    elif minutes:
        parts = [(minute, names[1]), (second, names[2])]
    else:
        return f"{second} {names[2]}"
    return " ".join(f"{count} {name}" for count, name in parts if count)


def when(at: float, now: float, lang: str) -> str:
    """Say a moment beside now, the nearer the finer.

    Args:
        at: The moment, Unix seconds.
        now: The present, Unix seconds. A moment after it was stamped by a wrong clock and
            is said as its date.
        lang: ``zh`` or ``en``.
    """
    then, today = (
        datetime.fromtimestamp(at, BEIJING),
        datetime.fromtimestamp(now, BEIJING),
    )
    days = (today.date() - then.date()).days
    time = f"{then:%H:%M}"
    zh = lang == "zh"
    if days == 0:
        return f"今天 {time}" if zh else f"today {time}"
    if days == 1 and then.hour >= EVENING_H:
        return "昨晚" if zh else "last night"
    if days == 1:
        return f"昨天 {time}" if zh else f"yesterday {time}"
    if 1 < days < 7:
        return weekday(at, lang)
    if then.year == today.year:
        return day(at, lang)
    return f"{then.year}年{day(at, lang)}" if zh else f"{day(at, lang)} {then.year}"


def ahead(at: float, now: float, lang: str) -> str:
    """Say a moment that is to come, within a week: ``今晚 22:00``, ``tomorrow 06:00``."""
    then, today = (
        datetime.fromtimestamp(at, BEIJING),
        datetime.fromtimestamp(now, BEIJING),
    )
    days = (then.date() - today.date()).days
    if days == 0:
        evening = then.hour >= EVENING_H
        named = {
            "zh": "今晚" if evening else "今天",
            "en": "tonight" if evening else "today",
        }
    elif days == 1:
        named = {"zh": "明天", "en": "tomorrow"}
    else:
        named = {one: names[then.weekday()] for one, names in WEEKDAYS.items()}
    return f"{named[lang]} {then:%H:%M}"


def day(at: float, lang: str) -> str:
    """Say a day of the year: ``11月25日``, ``25 November``."""
    then = datetime.fromtimestamp(at, BEIJING)
    if lang == "zh":
        return f"{then.month}月{then.day}日"
    return f"{then.day} {MONTHS[then.month - 1]}"


def weekday(at: float, lang: str) -> str:
    """Say a day of the week: ``星期三``, ``Wednesday``."""
    return WEEKDAYS[lang][datetime.fromtimestamp(at, BEIJING).weekday()]
