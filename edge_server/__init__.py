"""An offline-first content server for remote teaching points."""
