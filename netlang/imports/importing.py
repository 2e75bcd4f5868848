"""A file of another framework becomes a .net file: it is read, written, compiled and tidied up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from netlang.catalogue.modules import Layer
from netlang.catalogue.registry import ITEMS
from netlang.compiler.ir import Graph, Node, Program
from netlang.compiler.passes import compile_source
from netlang.imports.beside import Beside, beside
from netlang.imports.flat import flat
from netlang.imports.foreign_graph import ForeignGraph, ForeignInput, ForeignLayer
from netlang.imports.formats import FORMATS, NO_WISH, Format, Wish, bytes_at, format_of
from netlang.imports.kept import model_of, tensors_of, tokens_of
from netlang.imports.refused import Refused
from netlang.imports.state_dict.file import modules_of
from netlang.imports.state_dict.into import Mapped, mapped
from netlang.imports.writer import WrittenFile, write
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.imports import (
    ComputesOtherwise,
    DoesNotFit,
    ForeignRefused,
    NoInputShape,
    NoSuchLayer,
    NotMapped,
)
from netlang.language.diagnostics.wording import counted, listed
from netlang.language.model_files import MODEL
from netlang.language.shapes import ShapeError
from netlang.language.source import SourceFile
from netlang.runs.training.model_file import ModelFile
from netlang.system.machine import memory_limit
from netlang.system.record import Record

_COUNTED = {
    "Conv1d": "convolution",
    "Conv2d": "convolution",
    "ConvTranspose2d": "transposed convolution",
    "Linear": "linear layer",
    "Embedding": "embedding",
    "Attention": "attention layer",
    "RNN": "RNN",
    "GRU": "GRU",
    "LSTM": "LSTM",
}


class Imported(Record):
    """The .net file of a foreign one.

    ``layers`` are the foreign layers in the order of the graph's. ``program`` is what the text
    compiles to, None where the catalogue lacks layers, which ``lacking`` tells of. ``model`` has
    the weights of the file, if it has any and they are to be kept, and ``beside`` says how near the
    outputs of both are to each other.
    """

    graph: ForeignGraph
    text: str
    layers: tuple[ForeignLayer, ...]
    program: Program | None
    lacking: tuple[Diagnostic, ...] = ()
    model: ModelFile | None = None
    beside: Beside | None = None

    @property
    def summary(self) -> str:
        """``9 blocks of inception, 57 convolutions, 1 linear layer and 6,998,552 weights``."""
        return _summary(self.program.graph) if self.program else counted(len(self.layers), "layer")


def import_file(
    path: Path,
    kind: str | None = None,
    input: tuple[int, ...] | None = None,
    wish: Wish = NO_WISH,
    weights: str = "",
) -> Imported:
    """Read the file of a ``kind``, which its ending or its text says if nothing else does.

    ``input`` is the shape of a sample where the file does not say it. ``weights`` is what the model
    file is going to be called, if those of the file are to be kept.  Raises NetError.
    """
    format = FORMATS[kind] if kind else format_of(path)
    graph = format.read(path, wish.replace(input=input))
    if any(one.tensors for one in graph.layers) and weights and not graph.lacking:
        graph = graph.replace(settings={**graph.settings, "start": f'"{weights}"'})
        return _with_weights(imported(graph, path), path, format)
    return imported(graph, path, None if format.needs_input else input)


def import_weights(path: Path, program: Program) -> tuple[Mapped, bytes]:
    """The weights of a state_dict at ``path`` for the network of ``program``, and the model file
    that begins with them.  Raises NetError.
    """
    try:
        modules = modules_of(bytes_at(path))
    except Refused as why:
        raise NetError(ForeignRefused(None, str(path), "safetensors", str(why), why.help)) from None
    found = mapped(modules, program.graph)
    if found.missing:
        name = program.source.name
        raise NetError(NotMapped(None, str(path), name, found.missing, found.surplus))
    if program.data:
        return found, MODEL.to_bytes(found.tensors, {})
    shape = program.graph.input
    one = ForeignInput("x", shape.sizes, tokens=tokens_of(shape))
    graph = ForeignGraph(path.stem, (one,), (), ())
    name = Path(program.source.name).name
    return found, model_of(graph, program, found.tensors, name).to_bytes()


def _with_weights(found: Imported, path: Path, format: Format) -> Imported:
    """The same with the weights, which are tried if anything runs the foreign file."""
    assert found.program
    tensors = tensors_of(found.program, found.layers)
    model = model_of(found.graph, found.program, tensors, f"{path.stem}.net")
    made = None
    if format.runner:
        try:
            made = beside(found.graph, found.program, tensors, format.runner(path))
        except Refused as why:
            remark = f"The weights are not tried: {why}."
            graph = found.graph.replace(remarks=(*found.graph.remarks, remark))
            found = found.replace(graph=graph)
    if made and made.differs:
        raise NetError(ComputesOtherwise(None, str(path), made.apart, made.runner))
    return found.replace(model=model, beside=made)


def imported(graph: ForeignGraph, path: Path, input: tuple[int, ...] | None = None) -> Imported:
    """The .net file of a graph that was read from ``path``.  Raises NetError."""
    if input and graph.inputs:
        first, *others = graph.inputs
        graph = graph.replace(inputs=(first.replace(shape=input), *others))
    if shapeless := tuple(one.name for one in graph.inputs if one.shape is None):
        raise NetError(NoInputShape(None, str(path), shapeless))
    graph = _with_losses(graph)
    origin = f"{graph.name}, from {path.name}"
    if graph.lacking:
        file = write(graph, [f"{origin}, with layers that netlang has not."])
        lacking = tuple(
            NoSuchLayer(one.span, one.call, one.name.removeprefix("#"), one.lacks)
            for one in graph.lacking
        )
        return Imported(graph, file.text, file.layers, None, lacking)
    file = write(graph)
    program = _compiled(file, graph, path)
    graph = _with_size(_tidied(graph, file, program), program.graph.weights)
    file = write(graph, [f"{origin}: {program.graph.weights:,} weights."])
    return Imported(graph, file.text, file.layers, _compiled(file, graph, path))


def computing(graph: Graph) -> Sequence[Node]:
    """The nodes that foreign layers have become, in the order of the file's text."""
    return [one for one in graph.layers if one.layer.name in ITEMS and one.layer.name != "Input"]


def _compiled(file: WrittenFile, graph: ForeignGraph, path: Path) -> Program:
    found = compile_source(SourceFile(f"{path.stem}.net", file.text), is_begun=True)
    if not found.ok:
        raise NetError(
            _misfit(graph, path) or DoesNotFit(None, str(path), found.diagnostics[0], "")
        )
    return found.require()


def _misfit(graph: ForeignGraph, path: Path) -> Diagnostic | None:
    """What is wrong with the network, at its place in the foreign file."""
    file = flat(graph)
    errors = (one for one in compile_source(file.source, is_begun=True).diagnostics if one.is_error)
    error = next(errors, None)
    if error is None:
        return None
    layer = file.layer_at(error.span)
    name = layer.name.removeprefix("#") if layer else ""
    return DoesNotFit(layer.span if layer else None, str(path), error, name)


def _with_losses(graph: ForeignGraph) -> ForeignGraph:
    """A network of several outputs needs a loss for each."""
    if len(graph.outputs) < 2 or "loss" in graph.settings:
        return graph
    losses = f"[{', '.join(['MSE'] * len(graph.outputs))}]"
    remark = f"{graph.name} names no losses: MSE stands for that of each output."
    return graph.replace(
        settings={**graph.settings, "loss": losses}, remarks=(*graph.remarks, remark)
    )


def _with_size(graph: ForeignGraph, weights: int) -> ForeignGraph:
    """``graph``, which tells of weights that this machine's memory does not hold."""
    needed = weights * 4
    if needed <= memory_limit():
        return graph
    remark = f"Its weights take {needed / 1e9:,.0f} GB, and this machine has less memory."
    return graph.replace(remarks=(*graph.remarks, remark))


def _tidied(graph: ForeignGraph, file: WrittenFile, program: Program) -> ForeignGraph:
    """``graph`` without ``ceil_mode`` where it rounds nothing."""
    idle: set[str] = set()
    for foreign, node in zip(file.layers, computing(program.graph), strict=True):
        values = node.layer.values
        if values.get("ceil_mode") is True:
            rounding_down = type(node.layer).declared({**values, "ceil_mode": False})
            assert isinstance(rounding_down, Layer)
            with suppress(ShapeError):  # where no window fits without rounding up
                if rounding_down.infer(*node.takes) == node.shape:
                    idle.add(foreign.name)
    layers = (
        one.replace(arguments={**one.arguments, "ceil_mode": False}) if one.name in idle else one
        for one in graph.layers
    )
    return graph.replace(layers=tuple(layers))


def _summary(graph: Graph) -> str:
    """Its blocks of several layers, its layers with weights, and how many weights these have."""
    uses: dict[int, list[str]] = {}  # of each use of a block, its name and those of its layers
    for node in computing(graph):
        for one in node.origin.trail:
            if one.name:
                use = uses.setdefault(id(one), [one.name])
                use += [node.name] if node.layer.name in _COUNTED else []
    blocks = Counter(use[0] for use in uses.values() if len(use) > 2)
    layers = Counter(node.layer.name for node in graph.layers)
    said = [counted(n, f"block of {name}", f"blocks of {name}") for name, n in blocks.items()]
    said += [counted(layers[name], noun) for name, noun in _COUNTED.items() if layers[name]]
    return listed([*said, f"{graph.weights:,} weights"])
