"""The one command, ``edge-server``: one file for each group of its subcommands.

Exit status: 0 fine, 1 a problem was found, 2 wrong usage, 75 try again later (sysexits.h,
EX_TEMPFAIL). Facts are printed as text for people or, with ``--json``, for scripts; the
keys are documented in docs/commands.md and tested.
"""

from edge_server.cli.parser import main, parser

__all__ = ["main", "parser"]
