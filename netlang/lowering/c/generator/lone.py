"""A lone sample: C for blocks of samples, read as C for blocks that have one lane."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from netlang.language.shapes import Shape
from netlang.lowering.c.generator.texts import names
from netlang.lowering.c.kernels import BLOCKS, LayerKernel, Routine
from netlang.lowering.c.rows import MOST_LANES

# What the names of a routine for blocks mean where a block has one lane, and a vector one number.
OF_ONE_LANE = {
    "vector": "real",
    "mask": "int",
    "LANES": "1",
    "BLOCKS": "N",
    "all": "(real)",
    "where": "either",
    "EACH_VECTOR": "EACH_NUMBER",
    "SUMS_OF_VECTORS": "SUMS_OF_NUMBERS",
    **{f"{name}_EACH": name for name in ("EXP", "LOG", "SQRT", "SIGMOID")},
}

# What else a routine may call of the prelude, each by its name and its text. Names in capitals are
# of numbers, and those of one lane above.
_DEFINED = re.compile(
    r"^(?:#define|INLINE|FUNCTION|ONCE)\b[^\n(]*?([a-z]\w*)\(.*?(?=^\S|\Z)",
    re.MULTILINE | re.DOTALL,
)


def of_one_kernel(kernel: LayerKernel) -> LayerKernel:
    """The kernel of a forward pass of a lone sample."""
    return kernel.of_one if isinstance(kernel, Routine) and kernel.of_one else kernel


def can_be_alone(kernel: LayerKernel) -> bool:
    """Whether it needs no block of several samples."""
    if not isinstance(kernel, Routine) or kernel.layout != BLOCKS:
        return True
    return _of_vectors().isdisjoint(names(kernel.forward))


def is_whole(shape: Shape) -> bool:
    """Whether rows of a sample are not padded, however many lanes vectors have."""
    return bool(shape.sizes) and shape.sizes[-1] % MOST_LANES == 0


@cache
def _of_vectors() -> frozenset[str]:
    """What has no meaning where a block has one lane: functions that are written with vectors, or
    call such functions; and a loop over lanes.
    """
    used: dict[str, frozenset[str]] = {}
    for file in (resources.files(__package__) / "prelude").iterdir():
        for found in _DEFINED.finditer(file.read_text(encoding="utf-8")):
            used[found[1]] = used.get(found[1], frozenset()) | names(found[0])
    reached = {"vector", "mask", "LANES"}
    while more := {name for name in used.keys() - reached if used[name] & reached}:
        reached |= more
    return frozenset({"lane", *reached} - OF_ONE_LANE.keys())
