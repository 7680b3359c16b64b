#!/usr/bin/env python3
"""Make ``media_samples/``: a small curriculum to try the box with, and bad files for tests.

Everything is drawn, spoken and written here, so it may be given away (CC BY 4.0). Needs, on
Debian 12: ffmpeg, espeak-ng, LibreOffice (Impress, Writer, Calc), fonts-noto-cjk, and the
test packages (Pillow, pypinyin). Takes about three minutes on two cores.

The content is the same at every run; encoders need not give the same bytes elsewhere, so
``SHA256SUMS`` is written by the run that made the files.

    scripts/make_media_samples.py [--into FOLDER] [--share 0.5] [--only bad|library]
"""

import argparse
import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from samples import bad
from samples.library import Library, tools

ROOT = Path(__file__).parents[1]


def write_sums(folder: Path) -> None:
    """Write the SHA-256 of every sample, in the form ``sha256sum -c`` reads."""
    files = sorted(
        path
        for part in ("library", "bad")
        for path in (folder / part).rglob("*")
        if path.is_file()
    )
    rows = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in files
    ]
    (folder / "SHA256SUMS").write_text("".join(rows), encoding="utf-8")
    total = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {total / 1e6:.2f} MB")


def main() -> None:
    """Make the samples anew, both parts or one, and their sums."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--into", type=Path, default=ROOT / "media_samples")
    parser.add_argument(
        "--share", type=float, default=1.0, help="draw films smaller, to try things out"
    )
    parser.add_argument("--only", choices=("library", "bad"), help="make one part anew")
    wanted = parser.parse_args()
    print("\n".join(tools()))
    folder: Path = wanted.into
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        if wanted.only != "bad":
            shutil.rmtree(folder / "library", ignore_errors=True)
            Library(folder / "library", work, wanted.share).make()
        if wanted.only != "library":
            shutil.rmtree(folder / "bad", ignore_errors=True)
            bad.make(folder / "bad", folder / "library", work)
    write_sums(folder)


if __name__ == "__main__":
    main()
