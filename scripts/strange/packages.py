"""Packages whose authors brought real courseware-like files along, pinned by hash.

Nobody here wrote these files, and each was kept by its author because some program had
stumbled over it: that is what a teacher's stick looks like. They come from PyPI, npm and
Debian through those registries' ordinary clients; the addresses stand in the settings of
`pip`, `npm` and `apt`. A package is fetched once into the user's cache and its SHA-256 is
looked at each time.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

PATIENCE_S = 180


@dataclass(frozen=True, slots=True)
class Package:
    """One file of a registry."""

    registry: str
    """``pypi`` (its source archive), ``npm`` or ``debian``."""
    name: str
    version: str
    sha256: str


PACKAGES = tuple(
    Package(*line.split())
    for line in Path(__file__).with_suffix(".txt").read_text("ascii").splitlines()
    if not line.startswith("#")
)


def cache_folder() -> Path:
    """Return where fetched packages are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "edge-server" / "strangers"


def opened(package: Package, cache: Path) -> Path:
    """Return the folder with a package's files, fetched and opened when it is not there.

    Raises:
        ValueError: What came is not what was pinned.
        LookupError: The registry does not have it.
        subprocess.CalledProcessError: The registry's client failed.
    """
    kept = cache / package.sha256[:16]
    folder = kept / "files"
    if folder.is_dir():
        return folder
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept) as scratch:
        file = _FETCH[package.registry](package, Path(scratch))
        with file.open("rb") as opened_file:
            found = hashlib.file_digest(opened_file, "sha256").hexdigest()
        if found != package.sha256:
            raise ValueError(f"{package.name} {package.version}: came as {found}")
        out = Path(scratch) / "out"
        out.mkdir()
        if package.registry == "debian":
            _run("dpkg-deb", "--extract", file, out)
        else:
            _run("bsdtar", "--extract", "--file", file, "--directory", out)
        out.rename(folder)
    return folder


def _of_pypi(package: Package, into: Path) -> Path:
    """Fetch by hash from the index that pip is set to (PEP 691).

    ``pip download`` would build the package to learn what it is: somebody else's code.
    """
    told = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--help"],
        check=True, capture_output=True, text=True, env={**os.environ, "COLUMNS": "999"},
    ).stdout  # fmt: skip
    index = re.search(r"\(default (https?://[^)\s]+)\)", told)
    if index is None:
        raise LookupError("pip names no index")
    project = re.sub(r"[-_.]+", "-", package.name).lower()
    page = f"{index[1].rstrip('/')}/{project}/"
    asked = Request(page, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urlopen(asked, timeout=PATIENCE_S) as answer:
        files = json.load(answer)["files"]
    for file in files:
        if file["hashes"].get("sha256") == package.sha256:
            target = into / Path(file["filename"]).name
            with (
                urlopen(urljoin(page, file["url"]), timeout=PATIENCE_S) as answer,
                target.open("wb") as out,
            ):
                shutil.copyfileobj(answer, out)
            return target
    raise LookupError(f"{package.name} {package.version} is no longer on the index")


def _of_npm(package: Package, into: Path) -> Path:
    npm = shutil.which("npm") or Path(sys.executable).with_name("npm")
    _run(npm, "pack", "--silent", f"{package.name}@{package.version}", cwd=into)
    return next(into.glob("*.tgz"))


def _of_debian(package: Package, into: Path) -> Path:
    # As root, apt steps down to a user of its own, who may not write into our folder.
    _run("apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download",
         f"{package.name}={package.version}", cwd=into)  # fmt: skip
    return next(into.glob("*.deb"))


def _run(*argv: str | Path, cwd: Path | None = None) -> None:
    subprocess.run(
        [str(word) for word in argv],
        cwd=cwd, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )  # fmt: skip


_FETCH = {"pypi": _of_pypi, "npm": _of_npm, "debian": _of_debian}
