"""The roads by which courseware arrives: one contract, one suite of tests.

A receiver knows two calls. For what the county's shards want: `put` (a later issue). For
what is new: `offer`, below. What a receiver hands over is durable and lies inside the data
folder; from the offer's row on it is `work`'s.
"""
