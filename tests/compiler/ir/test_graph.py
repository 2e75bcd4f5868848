"""What a node says of its layer."""

from __future__ import annotations

from torch import Tensor

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.modules import Layer
from netlang.compiler.ir import Node, Origin
from netlang.compiler.passes import compile_source
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span


class Slice(Layer, abstract=True):
    """A layer whose first argument may be left out."""

    start: Size = arg(default=1, doc="where it begins")
    length: Size = arg(doc="how many")
    stride: Size = arg(default=1, doc="how far apart")

    def forward(self, x: Tensor) -> Tensor:
        return x

    def backward(self, dy: Tensor) -> Tensor:
        return dy


def test_arguments_from_the_first_optional_one_on_are_named() -> None:
    shape, origin = Shape.of(4), Origin(Span(SourceFile("a.net", ""), 0, 0))

    def call(**values: int) -> str:
        layer = Slice.declared({"start": 1, "length": 3, "stride": 1, **values})
        return Node("slice1", layer, (0,), (shape,), shape, origin).call

    assert call() == "Slice(length=3)"
    assert call(start=2, stride=2) == "Slice(start=2, length=3, stride=2)"


def test_a_layer_of_a_library_is_where_the_outermost_text_uses_its_block() -> None:
    source = SourceFile("a.net", "# first\nnet = SwiGLU(2, 8) -> Linear(2, 2)\n")
    for overrides, where in (((), "line 2"), (["net=SwiGLU(2, 8)"], "--set")):
        graph = compile_source(source, overrides).require().graph
        assert {node.origin.where() for node in graph.layers} == {where}
        assert {node.origin.where(source) for node in graph.layers} == {where}
