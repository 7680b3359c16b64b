"""What travels between centre and box: formats, without any input or output.

Both ends share it, so that writer and reader cannot drift apart. Every format carries a
number; within a number fields are only added, and ``tests/wire/`` holds files of each.
"""
