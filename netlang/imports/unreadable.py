"""Why a foreign file cannot be read."""

from __future__ import annotations


class Unreadable(ValueError):
    """Its text goes on from "the file cannot be read: ...". ``help`` is what to do about it."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.help = help
