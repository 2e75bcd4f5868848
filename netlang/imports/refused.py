"""A foreign file is refused: it cannot be read, or does not say what has to be known."""

from __future__ import annotations


class Refused(ValueError):
    """Its text goes on from "the file cannot be read: ...". ``help`` is what to do about it."""

    def __init__(self, reason: str, help: str = "") -> None:
        super().__init__(reason)
        self.help = help


def check_rank(name: str, says: tuple[int | None, ...] | None, given: tuple[int, ...]) -> None:
    """Raises Refused if the shape that is ``given`` for samples of an input has another number of
    sizes than the one that the file ``says``, if it says any.
    """
    if says and len(says) != len(given):
        sizes = ",".join(str(size or 224) for size in says)
        raise Refused(
            f"a sample of its input `{name}` has the shape {[size or '_' for size in says]}, and "
            f"`--input` says {[*given]}",
            "leave out `--input`" if None not in says else f"say so many, as in `--input {sizes}`",
        )
