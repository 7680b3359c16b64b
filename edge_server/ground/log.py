"""Log lines: to the terminal, or to the service manager that keeps them.

Nothing is written to a file of our own: an SD card wears out, and whoever runs us
(systemd, a terminal) keeps what we say.
"""

import logging


def set_up(level: str, name: str) -> None:
    """Send log lines to standard error.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        name: What this process is called in each line.
    """
    logging.basicConfig(
        level=level.upper(),
        format=f"%(asctime)s {name} %(levelname).1s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
        force=True,
    )
