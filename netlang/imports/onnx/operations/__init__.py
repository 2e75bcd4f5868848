"""What each operation of ONNX is in netlang."""

from netlang.imports.onnx.operations import (
    activations,
    convolutions,
    joins,
    linear,
    norms,
    parts,
    pools,
    recurrent,
    shapes,
)

__all__ = [
    "activations",
    "convolutions",
    "joins",
    "linear",
    "norms",
    "parts",
    "pools",
    "recurrent",
    "shapes",
]
