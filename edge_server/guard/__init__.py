"""Hostile input: the only way to start a converter, the only way to open an archive."""
