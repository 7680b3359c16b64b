"""What the code says to people: the keys of the catalogue, found in the source."""

import ast
from pathlib import Path

from babel.messages.extract import extract_from_dir, extract_from_file

ROOT = Path(__file__).parent.parent.parent
KEYWORDS = {"_": None, "say": None, "ngettext": (1, 2), "gettext": None}
Key = str | tuple[str, str]


def extracted() -> list[Key]:
    """Return every key once, in the order of the files."""
    found: dict[Key, None] = {}
    for folder in ("edge_server", "web"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for _, key, _, _ in extract_from_file(
                "python", str(path), keywords=KEYWORDS
            ):
                if _is_chinese(key):
                    found[key] = None
            for key in heads(path):
                found[key] = None
    options = {"**.html": {"newstyle_gettext": "true", "trimmed": "true"}}
    for _, _, key, _, _ in extract_from_dir(
        str(ROOT / "web" / "templates"),
        method_map=[("**.html", "jinja2")],
        options_map=options,
        keywords=KEYWORDS,
    ):
        found[key] = None
    return list(found)


def heads(path: Path) -> list[str]:
    """Return the heads of the terminal's tables: ``terminal.table((…), rows)``."""
    return [
        cell.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "table"
        and node.args
        and isinstance(node.args[0], ast.Tuple)
        for cell in node.args[0].elts
        if isinstance(cell, ast.Constant) and isinstance(cell.value, str)
    ]


def _is_chinese(key: Key) -> bool:
    text = key if isinstance(key, str) else "".join(key)
    return any("一" <= character <= "鿿" or character in "，。" for character in text)
