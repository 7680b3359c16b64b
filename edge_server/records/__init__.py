"""Rows with a meaning: catalogue, usage, outbox, accounts."""
