"""Weighted sums along the last axes in ONNX, as products with matrices."""

from __future__ import annotations

from netlang.catalogue.layers.along_axes import AlongAxes
from netlang.catalogue.layers.sources import EqualParts, Sources
from netlang.lowering.onnx.values import Constant, Value, constant
from netlang.system.lazy import np, torch


def weighted_sums(layer: AlongAxes, x: Value) -> Value:
    """What the layer makes of its input, whatever its windows are: along the last axis x M, and
    along the one before it Mᵀ x.
    """
    sources = layer.sources(torch.empty(1, *x.sizes))
    y = x @ _matrix(sources[-1], x.sizes[-1])
    if len(sources) == 2:
        y = _matrix(sources[0], x.sizes[-2], transposed=True) @ y
    return y


def _matrix(one: Sources | EqualParts, size: int, transposed: bool = False) -> Constant:
    """How much of each of ``size`` inputs each output takes.  Shape: [size, outputs]."""
    matrix = np.zeros((size, one.outputs))
    if isinstance(one, EqualParts):
        each = size // one.outputs
        matrix[np.arange(size), np.arange(size) // each] = 1 / each
    else:
        places = one.places.numpy()
        shares = np.ones(places.shape) if one.shares is None else one.shares.numpy()
        outputs = np.broadcast_to(np.arange(one.outputs)[:, None], places.shape)
        np.add.at(matrix, (places, outputs), shares)
    return constant(matrix.T if transposed else matrix)
