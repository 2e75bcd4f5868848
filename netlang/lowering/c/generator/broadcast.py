"""Weights of elementwise layers are broadcast to a sample by the rules of tensors."""

from __future__ import annotations

from netlang.language.shapes import Shape


def index(weight: tuple[int, ...], sample: Shape) -> str:
    """The index of the weight that number ``i`` of row ``r`` has.

    Raises ValueError if the shapes do not fit.

    >>> index((3, 1), Shape.of(3, 5)), index((5,), Shape.of(3, 5)), index((1,), Shape.of(3, 5))
    ('r / 1 % 3 * 1', 'i * 1', '0')
    """
    sizes = sample.sizes or (1,)
    if len(weight) > len(sizes):
        raise ValueError(weight)
    terms: list[str] = []
    stride, rows = 1, 1
    for dim, (own, size) in enumerate(zip(reversed(weight), reversed(sizes), strict=False)):
        if own not in (1, size):
            raise ValueError(weight)
        if own > 1:
            coordinate = f"r / {rows} % {size}" if dim else "i"
            terms.append(f"{coordinate} * {stride}")
        stride *= own
        rows *= size if dim else 1
    return " + ".join(terms) or "0"
