"""An ONNX file becomes a network in netlang's layers."""

from __future__ import annotations

from pathlib import Path

from netlang.imports.foreign_graph import ForeignGraph, ForeignInput
from netlang.imports.onnx import operations as operations
from netlang.imports.onnx.attention import name_attention
from netlang.imports.onnx.file import OnnxFile
from netlang.imports.onnx.formulas import name_formulas
from netlang.imports.onnx.own import REMARK
from netlang.imports.onnx.prepared import prepare
from netlang.imports.onnx.speaker import MALFORMED, Speaker
from netlang.imports.refused import Refused, check_rank


def read_onnx(path: Path, data: bytes, input: tuple[int, ...] | None = None) -> ForeignGraph:
    """The network in an ONNX file; ``input`` is the shape of a sample of its first input, in the
    place of what it says.

    Raises Refused.
    """
    try:
        return _read(path, data, input)
    except Refused:
        raise
    except (*MALFORMED, AssertionError):
        raise Refused("it breaks the rules of ONNX", "export the network anew") from None


def _read(path: Path, data: bytes, input: tuple[int, ...] | None) -> ForeignGraph:
    file = OnnxFile(path, data)
    first, *others = file.inputs()
    if input:
        check_rank(first.name, first.shape, input)
    sizes = {first.name: input or _sizes(first), **{one.name: _sizes(one) for one in others}}
    graph = file.graph(sizes)
    speaker = Speaker(name_attention(prepare(name_formulas(graph))))
    speaker.say_all()
    inputs = tuple(
        ForeignInput(name, shape, tokens=_tokens(name, speaker)) for name, shape in sizes.items()
    )
    outputs = [
        speaker.straight(speaker.views[name]).layer
        for name in graph.outputs
        if name in speaker.views
    ]
    remarks = [REMARK] if file.is_own else []
    remarks += [f"Its output `{one}` names the class: `predict` does." for one in file.labels]
    layers = tuple(speaker.layers)
    return ForeignGraph(path.stem, inputs, layers, tuple(outputs), remarks=tuple(remarks))


def _tokens(name: str, speaker: Speaker) -> int | None:
    """How many tokens the Embedding knows that takes an input."""
    tables = [
        int(one.tensors["weight"].shape[0])
        for one in speaker.layers
        if one.call == "Embedding" and one.inputs == (name,)
    ]
    return min(tables, default=None)


def _sizes(one: ForeignInput) -> tuple[int, ...]:
    """Raises Refused if a size of the input is not known."""
    known = tuple(size for size in one.shape or () if size is not None)
    if one.shape == ():
        raise Refused(f"a sample of its input `{one.name}` is one number alone")
    if one.shape is not None and len(known) == len(one.shape):
        return known
    says = "no shape" if one.shape is None else f"the shape {[n or '_' for n in one.shape]}"
    raise Refused(
        f"its input `{one.name}` has {says} for a sample",
        "say its sizes, such as `--input 3,224,224`",
    )
