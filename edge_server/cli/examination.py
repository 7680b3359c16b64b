"""What ``doctor`` looks at: quick looks that change nothing."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge_server.errors import Value
from edge_server.ground import disk, jobs
from edge_server.ground.box import Box
from edge_server.guard import sandbox
from edge_server.records import accounts, refusals

PROGRAMS = {
    "ffmpeg": "ffmpeg",
    "pdftoppm": "poppler-utils",
    "bwrap": "bubblewrap",
    "bsdtar": "libarchive-tools",
}
OFFICE = "soffice"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know."""

    code: str
    values: Mapping[str, Value] = field(default_factory=dict)
    serious: bool = True
    """False: worth knowing, nothing is wrong."""


def examine(box: Box) -> list[Finding]:
    """Return what was found, the serious first."""
    found = [
        Finding("program_missing", {"program": program, "package": package})
        for program, package in PROGRAMS.items()
        if shutil.which(program) is None
    ]
    why = sandbox.missing()
    if why is not None:
        found.append(Finding("no_sandbox", {"why": why}))
    if box.config.office and shutil.which(OFFICE) is None:
        found.append(Finding("office_missing", serious=False))
    free = disk.free_bytes(box.folder)
    if free < box.config.floor_bytes:
        found.append(Finding("disk_nearly_full", {"free_bytes": free}))
    damage = box.db.value("pragma quick_check(1)")
    if damage != "ok":
        found.append(Finding("database_damaged", {"found": str(damage)}))
    aside = jobs.counts(box.db).get("aside", 0)
    if aside:
        found.append(Finding("jobs_aside", {"jobs": aside}))
    refused = refusals.count(box.db)
    if refused:
        found.append(Finding("things_refused", {"things": refused}, serious=False))
    if not any(account.has_pin for account in accounts.all_accounts(box.db)):
        found.append(Finding("no_pin_yet", serious=False))
    return sorted(found, key=lambda finding: not finding.serious)
