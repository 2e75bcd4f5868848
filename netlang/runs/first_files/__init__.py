"""A first file for data that somebody has: it runs as it is, and its comments say what was found.

Each kind of data has a file here. ``checked_table`` asks the compiler what it has against a table's
draft, and answers until nothing is left.
"""
