"""The pipelines of arrays and of text in ONNX: an array is an input by its name, [N, *]."""

from __future__ import annotations

import math

from netlang.catalogue.data.pipeline import ArrayPipeline, SeveralArrays, TextPipeline
from netlang.lowering.onnx.encoded import Encoded, both, ends, numbers, tokens
from netlang.lowering.onnx.file import Port
from netlang.lowering.onnx.tables import beside
from netlang.lowering.onnx.values import Value, constant, op
from netlang.system.lazy import np


def of_array(pipeline: ArrayPipeline) -> Encoded:
    """The array's own numbers as an input, and what the network gets."""
    if pipeline.tokens is not None:
        return _of_tokens(pipeline)
    note = "numbers as training had them" + "; NaN behind the ends" * bool(pipeline.lengths)
    port = Port(pipeline.name, Value("float32"), pipeline.shape, note)
    rank = len(pipeline.shape) + 1
    if pipeline.lengths:
        is_none = op("IsNaN", port.value, dtype="bool")
        filled = constant(0.0).where(is_none, port.value)
        used = both(numbers(filled, rank), ends(is_none, rank))
    else:
        used = numbers(port.value, rank)
    if {*pipeline.shift} == {0.0} and {*pipeline.scale} == {1.0}:
        return Encoded([port], port.value, used)
    shift, scale = scaling(pipeline)
    scaled = (port.value.cast("float64") - shift) / scale
    return Encoded([port], scaled.cast("float32"), used)


def scaling(pipeline: ArrayPipeline) -> tuple[Value, Value]:
    """What is taken from numbers, and what they are divided by, in a shape that meets theirs."""
    ones = [1] * (0 if pipeline.lengths else len(pipeline.shape) - 1)
    shift, scale = (np.reshape(one, (len(one), *ones)) for one in (pipeline.shift, pipeline.scale))
    return constant(shift, "float64"), constant(scale, "float64")


def _of_tokens(pipeline: ArrayPipeline) -> Encoded:
    note = f"tokens from 0 to {(pipeline.tokens or 0) - 1}"
    note += "; -1 behind the ends" * bool(pipeline.lengths)
    port = Port(pipeline.name, Value("int64"), pipeline.shape, note)
    rank, least = len(pipeline.shape) + 1, -1 if pipeline.lengths else 0
    inside, used = tokens(port.value, pipeline.tokens or 1, rank, least)
    if not pipeline.lengths:
        return Encoded([port], inside, used)
    is_none = inside < 0
    row = constant(np.nan).where(is_none, inside.cast("float32"))
    return Encoded([port], row, both(used, ends(is_none, rank)))


def of_arrays(pipeline: SeveralArrays) -> Encoded:
    """The arrays, each an input; their numbers lie side by side in the row for the network."""
    parts = [of_array(one) for one in pipeline.arrays]
    sizes = [math.prod(one.shape) for one in pipeline.arrays]
    return beside(
        [
            part.replace(row=part.row.cast("float32").reshaped(0, size))
            for part, size in zip(parts, sizes, strict=True)
        ]
    )


def of_text(pipeline: TextPipeline) -> Encoded:
    """Text comes as tokens, as operators can not divide it."""
    what = "bytes" if pipeline.by == "bytes" else "`symbols` of `netlang.pipeline`, from 0"
    note = f"tokens: the numbers of {what}"
    port = Port("text", Value("int64"), pipeline.shape, note)
    return Encoded([port], *tokens(port.value, len(pipeline.symbols), 2))
