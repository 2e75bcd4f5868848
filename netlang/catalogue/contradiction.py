"""What can be wrong with arguments each of which is right by itself."""

from __future__ import annotations

from netlang.system.record import Record


class Contradiction(Record):
    """What an item has wrong at an ``argument``: the ``problem``, as the rest of a sentence that
    begins with its name, ``why`` in a few words, and what would ``help``.
    """

    argument: str
    problem: str
    why: str
    help: str
