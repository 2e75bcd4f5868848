"""What each of Keras's layers is in netlang."""

from netlang.imports.keras.layers import (
    activations,
    borders,
    convolutions,
    joins,
    linear,
    norms,
    pools,
    sequences,
    shapes,
)

__all__ = [
    "activations",
    "borders",
    "convolutions",
    "joins",
    "linear",
    "norms",
    "pools",
    "sequences",
    "shapes",
]
