"""Cells get out of a table's file here, whatever its format; what they mean is decided elsewhere.

``datafile`` reads the file of a ``request`` as ``content``, and ``opening`` opens the ``source`` of
it that the ``endings`` of its name ask for: ``small_text`` by the ``rows`` of a text,
``large_text`` by blocks, ``frames`` in formats that have types. Training, a file to test on and
new samples have the same sources. Each makes a ``gathering`` of a column's cells: its ``numbers``,
and a ``vocabulary`` of all else; ``series`` does so for cells that polars has. ``header`` finds
the columns that are asked for.
"""
