"""Tables are read, checked and split here, and messages point at their mistakes.

``reader`` makes a ``table`` for a ``request``. ``datafile`` finds the file, and the ``endings`` of
its name say what reads the cells: ``small_text`` by the ``rows`` of a text, ``large_text`` by
blocks, ``frames`` in formats that have types. Each makes a ``gathering`` of a column's cells: its
numbers, and a ``vocabulary`` of all else. What that means is decided then, once for all formats:
``header`` finds the columns, ``kinds`` tells numbers from categories, and ``target`` finds the
classes or the numbers to predict, with ``cells``, ``labels``, ``quantities`` and ``missing``.

``bad_cells`` and ``faults`` word the messages about cells and columns, and ``notation`` says what
cells seem to mean. A table is kept in ``cache``; ``oddities`` warns of what is odd about it, and
``splits`` parts its rows. ``in_parts`` reads tables that are not held as a whole.
"""
