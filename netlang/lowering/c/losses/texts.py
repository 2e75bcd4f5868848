"""The C of a loss is made of several texts."""

from __future__ import annotations

from textwrap import dedent


def lines(*texts: str) -> str:
    """The texts one below the other, each from the left."""
    return "\n".join(dedent(text).strip("\n") for text in texts if text)
