"""The parts of ``make_media_samples.py``: drawing, speaking, and writing the sample files.

Nothing here is installed with the program; it needs the tools its README names.
"""
