"""Bytes and offers become objects."""
