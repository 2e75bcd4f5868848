"""What is refused of the texts of a layer, a loss or an optimizer, because the C would be wrong."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.lowering.c.kernels import Constants, Kernel
from netlang.lowering.table import Unsupported

# C11's keywords, and the generator's own type.
_RESERVED = """
    auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while real
"""


def check_names(owner: str, names: Iterable[str], reserved: Iterable[str]) -> None:
    """Raises Unsupported if one of ``names`` is ``reserved``, a word of C, or there twice.

    The C would take the one for the other, often without a word from its compiler.
    """
    seen = {*_RESERVED.split(), *reserved}
    for name in names:
        if name in seen or name.startswith("all_"):  # as the arrays are called
            raise Unsupported(f"{owner} has the name {name}, which has another meaning in its C")
        seen.add(name)


def check_form(owner: str, kernel: object, inputs: int) -> None:
    """Raises Unsupported unless ``kernel`` is one, with a backward text for each input.

    Its constants have to be numbers that C can hold.
    """
    if not isinstance(kernel, Kernel):
        raise Unsupported(f"{owner} has {kernel!r} as its C, which is no kernel")
    backward: object = kernel.backward
    if not isinstance(backward, tuple | list) or not all(isinstance(one, str) for one in backward):
        raise Unsupported(f"{owner} has {backward!r} as backward, which is no tuple of texts")
    if len(backward) != inputs:
        counts = f"{len(backward)} backward texts, and needs {inputs}"
        raise Unsupported(f"{owner} has {counts}: one for each input")
    _check_constants(owner, kernel.constants)


def _check_constants(owner: str, constants: Constants) -> None:
    for name, value in constants.items():
        constant: object = value
        if not isinstance(constant, int | float):
            raise Unsupported(f"{owner} has {constant!r} as {name}, which is no int or float")
        if isinstance(constant, int) and not -(1 << 63) <= constant < 1 << 63:
            raise Unsupported(f"{owner} has {constant} as {name}, which does not fit in 64 bits")
