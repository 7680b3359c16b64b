"""How the command line reads, and what an error becomes at its end."""

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from edge_server.cli import (
    accounts_cmd,
    box_cmd,
    centre_cmd,
    demo_cmd,
    index_cmd,
    jobs_cmd,
    library_cmd,
    run_cmd,
    sync_cmd,
    usage_cmd,
)
from edge_server.cli.terminal import Terminal
from edge_server.errors import EdgeError, TemporaryError, WrongUsage
from edge_server.ground import log

FINE, PROBLEM, WRONG_USAGE, TRY_AGAIN = 0, 1, 2, 75
GROUPS = (
    box_cmd,
    run_cmd,
    demo_cmd,
    library_cmd,
    jobs_cmd,
    index_cmd,
    accounts_cmd,
    usage_cmd,
    sync_cmd,
    centre_cmd,
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="edge-server",
        description="Courseware server for a remote teaching point.",
        epilog="Exit status: 0 fine, 1 a problem was found, 2 wrong usage, 75 try again"
        " later.",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("EDGE_DATA", "data")),
        metavar="DIR",
        help="the data folder (or EDGE_DATA; default: ./data)",
    )
    common.add_argument(
        "--lang", choices=("en", "zh"), default="en", help="language of what is printed"
    )
    groups = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add(groups, common)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    said = parser().parse_args(arguments)
    terminal = Terminal(said.lang, json=getattr(said, "json", False))
    log.set_up(os.environ.get("EDGE_LOG_LEVEL", "warning"), said.command)
    return run_command(said.run, said, terminal)


def run_command(
    command: Callable[[argparse.Namespace, Terminal], int],
    said: argparse.Namespace,
    terminal: Terminal,
) -> int:
    """Run a command; an error is told on standard error and becomes an exit status."""
    try:
        return command(said, terminal)
    except WrongUsage as error:
        terminal.error(error)
        return WRONG_USAGE
    except TemporaryError as error:
        terminal.error(error)
        return TRY_AGAIN
    except EdgeError as error:
        terminal.error(error)
        return PROBLEM
    except sqlite3.OperationalError as error:
        terminal.error(TemporaryError("database_not_ready", why=str(error)))
        return TRY_AGAIN
    except BrokenPipeError:
        sys.stderr.close()
        return FINE
    except KeyboardInterrupt:
        return 130
