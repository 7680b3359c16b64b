"""Sweep and verify: what the box does for itself."""
