"""What a sheet told, in words that a test can be read by."""

from edge_server.records.curriculum import AXES, Place, value


def axes(place: Place) -> str:
    """Return the Chinese words of the axes that are known, in the order of `AXES`."""
    ids = ((axis, getattr(place, axis)) for axis in AXES)
    return " ".join(value(axis, id).zh for axis, id in ids if id is not None)
