"""What is refused of the texts of a layer, a loss or an optimizer, because the C would be wrong."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.lowering.c.errors import Unsupported
from netlang.lowering.c.kernels import Kernel


def check_names(owner: str, names: Iterable[str], reserved: Iterable[str]) -> None:
    """Raises Unsupported if one of ``names`` is ``reserved``, or is there twice.

    The C would take the one for the other, often without a word from its compiler.
    """
    seen = {*reserved}
    for name in names:
        if name in seen:
            raise Unsupported(f"{owner} has the name {name}, which has another meaning in its C")
        seen.add(name)


def check_form(owner: str, kernel: object, inputs: int) -> None:
    """Raises Unsupported unless ``kernel`` is one, with a backward text for each input."""
    if not isinstance(kernel, Kernel):
        raise Unsupported(f"{owner} has {kernel!r} as its C, which is no kernel")
    backward: object = kernel.backward
    if not isinstance(backward, tuple | list) or not all(isinstance(one, str) for one in backward):
        raise Unsupported(f"{owner} has {backward!r} as backward, which is no tuple of texts")
    if len(backward) != inputs:
        counts = f"{len(backward)} backward texts, and needs {inputs}"
        raise Unsupported(f"{owner} has {counts}: one for each input")
