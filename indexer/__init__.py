"""Words: what lessons say, and how a teacher finds it."""
