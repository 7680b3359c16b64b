"""The child: reads ``/in/input`` and writes its passages to stdout, a JSON list a line.

    python -m indexer.extract FORMAT

Runs in the sandbox only. Exit status 0: read, perhaps not to the end (the text limit, the
time limit, damage after the first passages: what was read is worth having). 3: the last
line of stderr says why not. Anything else: it crashed.
"""

import json
import re
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import cast

from indexer.extract import READERS, TEXT_BYTES, Reader, Unreadable
from indexer.passages import Passage

INPUT = Path("/in/input")
ENOUGH_CPU_S = 20.0
"""After this no further passage is begun; the kernel's limit is harder and later."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def main(format: str, path: Path = INPUT) -> int:
    """Read one file and say how it went."""
    written = 0
    try:
        reader = cast(Reader, import_module(f"indexer.extract.{READERS[format]}"))
        for line in _within_limits(reader.read(path, format)):
            sys.stdout.buffer.write(line)
            written += 1
        sys.stdout.buffer.flush()
    except MemoryError:
        return 0 if written else _say("too_big")
    except Unreadable as error:
        return 0 if written else _say(error.why)
    except Exception as error:
        if not written:
            return _say(f"{type(error).__name__}: {error}"[:500], "damaged")
        sys.stdout.buffer.flush()
    return 0


def _within_limits(passages: Iterator[Passage]) -> Iterator[bytes]:
    left = TEXT_BYTES
    for passage in passages:
        text = _CONTROL.sub(" ", passage.text).strip()
        if not text:
            continue
        encoded = text.encode()
        if len(encoded) > left:
            text = encoded[:left].decode(errors="ignore")
        left -= len(encoded)
        row = (text, passage.page, passage.at_s)
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"
        if left <= 0 or time.process_time() > ENOUGH_CPU_S:
            return


def _say(*lines: str) -> int:
    print(*lines, sep="\n", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
