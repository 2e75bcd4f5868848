"""A foreign file is refused: it cannot be read, or does not say what has to be known."""

from __future__ import annotations


class Refused(ValueError):
    """Its text goes on from "the file cannot be read: ...". ``help`` is what to do about it."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.help = help
