"""What is refused of the texts of a layer, a loss or an optimizer, because the C would be wrong."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.lowering.c.errors import Unsupported


def check_names(owner: str, names: Iterable[str], reserved: Iterable[str]) -> None:
    """Raises Unsupported if one of ``names`` is ``reserved``, or is there twice.

    The C would take the one for the other, often without a word from its compiler.
    """
    seen = {*reserved}
    for name in names:
        if name in seen:
            raise Unsupported(f"{owner} has the name {name}, which has another meaning in its C")
        seen.add(name)
