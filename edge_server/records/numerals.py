"""Numbers as teachers write them: 5, ５, 五, 十二, 二十一.

Textbook numbering never leaves two digits by much, so this reads up to 999 and refuses
the rest: a longer run of digits is a year or an item number, not a unit or a lesson.
"""

import unicodedata

DIGITS = "零一二三四五六七八九"
NUMERAL = "[0-9]{1,3}|[零〇一二两三四五六七八九十百]{1,5}"
"""A pattern for what `number` may read, in text folded to half width."""

_VALUES = {digit: value for value, digit in enumerate(DIGITS)} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100}


def number(words: str) -> int | None:
    """Return the number from 0 to 999 that ``words`` spell, None if they spell none."""
    words = unicodedata.normalize("NFKC", words).strip()
    if words.isascii() and words.isdigit() and len(words) <= 3:
        return int(words)
    if not words or len(words) > 5:
        return None
    if len(words) > 1 and not _TENS.keys() & set(words):
        return None  # 三四 is "three or four", as in 三四年级
    total = 0
    digit: int | None = None
    unit_before = 1000
    for character in words:
        if character in _VALUES:
            if digit:
                return None
            digit = _VALUES[character]
        elif character in _TENS and _TENS[character] < unit_before:
            unit_before = _TENS[character]
            total += (1 if digit is None else digit) * unit_before
            digit = None
        else:
            return None
    return total + (digit or 0)


def chinese(value: int) -> str:
    """Spell a number from 0 to 99 as a textbook does: 5 is 五, 12 is 十二.

    Raises:
        ValueError: It is outside 0 to 99.
    """
    if not 0 <= value <= 99:
        raise ValueError(value)
    tens, ones = divmod(value, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")
