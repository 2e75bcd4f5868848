"""Cells get out of a table's file here, whatever its format; what they mean is decided elsewhere.

``datafile`` finds the file of a ``request``, and the ``endings`` of its name say what reads the
cells: ``small_text`` by the ``rows`` of a text, ``large_text`` by blocks, ``frames`` in formats
that have types. Each makes a ``gathering`` of a column's cells: its ``numbers``, and a
``vocabulary`` of all else. ``header`` finds the columns that are asked for, and ``in_parts`` reads
tables that are not held as a whole.
"""
