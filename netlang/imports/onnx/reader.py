"""An ONNX file becomes a network in netlang's layers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from netlang.imports.foreign_graph import ForeignGraph, ForeignInput
from netlang.imports.onnx import operations as operations
from netlang.imports.onnx.file import OnnxFile
from netlang.imports.onnx.formulas import name_formulas
from netlang.imports.onnx.prepared import prepare
from netlang.imports.onnx.speaker import Speaker
from netlang.imports.unreadable import Unreadable


def read_onnx(
    path: Path, data: bytes, shapes: Mapping[str, tuple[int, ...]] | None = None
) -> ForeignGraph:
    """The network in an ONNX file; ``shapes`` of samples take the place of those that it says.

    Raises Unreadable.
    """
    file = OnnxFile(path, data)
    sizes = {one.name: _sizes(one, shapes or {}) for one in file.inputs()}
    graph = file.graph(sizes)
    speaker = Speaker(prepare(name_formulas(graph)))
    speaker.say_all()
    inputs = tuple(ForeignInput(name, shape) for name, shape in sizes.items())
    outputs = [
        speaker.straight(speaker.views[name]).layer
        for name in graph.outputs
        if name in speaker.views
    ]
    return ForeignGraph(path.stem, inputs, tuple(speaker.layers), tuple(outputs))


def _sizes(one: ForeignInput, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Raises Unreadable if a size of the input is not known."""
    if one.name in shapes:
        return shapes[one.name]
    known = tuple(size for size in one.shape or () if size is not None)
    if one.shape is not None and len(known) == len(one.shape):
        return known
    says = "no shape" if one.shape is None else f"the shape {[n or '_' for n in one.shape]}"
    raise Unreadable(
        f"its input `{one.name}` has {says} for a sample",
        "say its sizes, such as `--input 3,224,224`",
    )
