"""A foreign network with its weights is kept as a run keeps a trained one: in a model file.

Such a file needs data, a loss and an optimizer, which nobody has told. So it says what the network
takes and gives: arrays or rows of numbers as they are, and probabilities where it ends in a
softmax, or numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.data import ArrayPipeline, Description, Pipeline, SeveralArrays
from netlang.catalogue.data.pipeline import AnyPipeline, Classes, Goal, Values
from netlang.catalogue.data.pipeline.array_scaling import channels_of
from netlang.catalogue.layers import LogSoftmax, Softmax
from netlang.catalogue.layers.inputs import RowPart
from netlang.catalogue.layers.joins import SideBySide
from netlang.compiler.ir import Graph, Program
from netlang.engine.versions import versions
from netlang.imports.foreign_graph import ForeignGraph, ForeignInput, ForeignLayer
from netlang.language.shapes import Shape
from netlang.runs.training.model_file import ModelFile
from netlang.system.lazy import np, torch

if TYPE_CHECKING:
    from torch import Tensor

_TRAINED = 1024  # samples that a description says, as it has to say some
_MOST_COLUMNS = 1000  # more numbers of a sample are an array, and no row of a table


def tensors_of(program: Program, layers: Sequence[ForeignLayer]) -> dict[str, Tensor]:
    """The weights of the foreign ``layers``, which are in the order of the program's, by the names
    that they have there.
    """
    unwritten = RowPart, SideBySide  # which are made of how branches begin and end
    nodes = [node for node in program.graph.layers if not isinstance(node.layer, unwritten)]
    found: dict[str, Tensor] = {}
    for node, layer in zip(nodes, layers, strict=True):
        assert node.layer.name == layer.call, f"{node.name} is written for {layer.name}"
        if not node.shares:
            found |= {
                f"{node.name}.{name}": torch.from_numpy(np.array(one, np.float32))
                for name, one in layer.tensors.items()
            }
    return found


def model_of(
    graph: ForeignGraph, program: Program, tensors: Mapping[str, Tensor], name: str
) -> ModelFile:
    """The model file of ``program``, whose text is called ``name``."""
    goal = _goal(program)
    described = _described(graph, program, goal)
    pipeline = _pipeline(graph, goal)
    target = ", ".join(f'"{column}"' for column in goal.columns)
    data = f'Table("samples", target=[{target}])' if described.columns else 'Arrays("samples")'
    last = program.graph.last
    is_log = last is not None and isinstance(last.layer, LogSoftmax)
    loss = "MSE" if not goal.classes else "NLL" if is_log else "CrossEntropy"
    overrides = (f"data={data}", f"loss={loss}", "optimizer=SGD")
    texts = {name: program.source.text}
    return ModelFile(name, texts, overrides, described, pipeline, {}, versions(), tensors)


def _goal(program: Program) -> Goal:
    """What the network's outputs are: classes behind a softmax, or numbers as they are."""
    graph, last = program.graph, program.graph.last
    size = graph.output.sizes[-1]
    if last and isinstance(last.layer, Softmax | LogSoftmax) and _is_last(last.layer.dim, graph):
        return Classes(("class",), tuple(map(str, range(size))))
    names = tuple(f"output {number}" for number in range(1, graph.output.size + 1))
    return Values.fit(names if len(names) > 1 else ("output",))


def _is_last(dim: int, graph: Graph) -> bool:
    return dim in (-1, len(graph.output.sizes))


def _described(graph: ForeignGraph, program: Program, goal: Goal) -> Description:
    output = program.graph.output.sizes
    shapes = {one.name: Shape.of(*_sizes(one), tokens=one.tokens) for one in graph.inputs}
    several = len(shapes) > 1
    row = Shape.of(sum(shape.size for shape in shapes.values()))
    return Description(
        row if several else next(iter(shapes.values())),
        train=_TRAINED,
        test=0,
        classes=goal.classes,
        target_shape=output[:-1] if goal.classes else output,
        target=goal.columns if len(output) == 1 else (),
        columns=tuple((name, "number", 1) for name in _columns(graph)),
        inputs=tuple(shapes.items()) if several else (),
    )


def _pipeline(graph: ForeignGraph, goal: Goal) -> AnyPipeline:
    """What makes inputs of samples: nothing is shifted or scaled."""
    if columns := _columns(graph):
        return Pipeline.of_numbers(columns, None, goal)
    each = []
    for one in graph.inputs:
        shape = _sizes(one)
        scales = channels_of(shape)
        about = (0.0,) * scales, (1.0,) * scales
        each.append(ArrayPipeline(one.name, shape, *about, goal, "", one.tokens))
    return each[0] if len(each) == 1 else SeveralArrays(tuple(each))


def _columns(graph: ForeignGraph) -> tuple[str, ...]:
    """The columns of a table whose rows are samples, where these are rows of some numbers."""
    sizes = [_sizes(one) for one in graph.inputs]
    is_row = len(sizes) == 1 and len(sizes[0]) == 1 and sizes[0][0] <= _MOST_COLUMNS
    if not is_row or graph.inputs[0].tokens:
        return ()
    name = graph.inputs[0].name if graph.inputs[0].name.isidentifier() else "x"
    return tuple(f"{name}{number}" for number in range(1, sizes[0][0] + 1))


def tokens_of(shape: Shape) -> int | None:
    """How many tokens there are, where inputs of this shape are tokens."""
    tokens = shape.vocabulary
    return tokens if isinstance(tokens, int) else None


def _sizes(one: ForeignInput) -> tuple[int, ...]:
    return tuple(size for size in one.shape or () if size is not None)
