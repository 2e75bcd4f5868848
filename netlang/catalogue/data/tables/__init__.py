"""Tables are read, checked and split here, and messages point at their mistakes.

``reader`` makes a ``table`` for a ``request``. ``datafile`` finds and reads the file, ``rows``
parts its text into cells, and ``header`` finds the columns. ``cells`` parses the inputs' numbers,
and ``target`` finds the classes or the numbers to predict, with ``labels`` and ``missing``.
``bad_cells`` words the messages about cells, and ``notation`` says what they seem to mean. A table
is kept in ``cache``; ``oddities`` warns of what is odd about it, and ``splits`` parts its rows.
"""
