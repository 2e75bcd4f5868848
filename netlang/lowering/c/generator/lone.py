"""A lone sample: C for blocks of samples, read as C for blocks that have one lane."""

from __future__ import annotations

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

# Those that have none: functions of vectors, and numbers of lanes.
_OF_VECTORS = frozenset(
    [
        *("lane", "load", "store", "larger", "total", "lanes_below", "product", "product_of"),
        *(
            "sum_of",
            "sum_of_squares",
            "sum_of_products",
            "measure_lanes",
            "sum_rows",
            "convolution",
        ),
    ]
)


def of_one_kernel(kernel: LayerKernel) -> LayerKernel:
    """The kernel of a forward pass of a lone sample."""
    return kernel.of_one if isinstance(kernel, Routine) and kernel.of_one else kernel


def can_be_alone(kernel: LayerKernel) -> bool:
    """Whether it needs no block of several samples."""
    if not isinstance(kernel, Routine) or kernel.layout != BLOCKS:
        return True
    return _OF_VECTORS.isdisjoint(names(kernel.forward))


def is_whole(shape: Shape) -> bool:
    """Whether rows of a sample are not padded, however many lanes vectors have."""
    return bool(shape.sizes) and shape.sizes[-1] % MOST_LANES == 0
