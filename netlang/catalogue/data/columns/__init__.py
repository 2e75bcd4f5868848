"""The cells of a file become columns here, once and for all formats, or messages about mistakes.

``reader`` makes a ``table`` for a request: ``kinds`` tells numbers from categories, and ``target``
finds the classes or the numbers to predict, with ``labels``, ``quantities`` and ``missing``.

``bad_cells`` and ``faults`` word the messages about cells and columns, and ``notation`` says what
cells seem to mean. A table is kept in ``cache``, and ``oddities`` warns of what is odd about it:
``suspects`` may be no inputs at all.
"""
