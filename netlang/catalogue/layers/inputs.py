"""A network of several inputs: each begins a branch, and is a part of a sample's one row.

The inputs of a sample lie side by side in one row of numbers, so that batches, engines, checkpoints
and exports know one tensor of inputs, as they do for a network of one. The data say what lies where
in the row (``Description.places``), or the file itself where it has no data; the compiler writes it
into each ``Input`` of the graph.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape, ShapeError, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class RowPart(Layer, abstract=True):
    """A layer that begins a branch with a part of a sample's row: nothing stands before it.

    The compiler finds ``at``, where the numbers of that part begin and end, by the ``names``.
    """

    names: str | tuple[str, ...] = arg(
        doc="the input's name in the data, or a list of a table's columns",
        known_as=("name", "column", "columns"),
        instead="leave `Input` out, which names one of several: a line `input = [3, 32, 32]` says "
        "a sample's shape, where no data do",
    )
    shape: tuple[Size, ...] | None = arg(
        default=None, doc="its shape in one sample, where no data say it"
    )
    tokens: Size | None = arg(
        default=None,
        doc="how many tokens there are, where it holds tokens and no data say so",
        known_as=("vocab_size", "vocabulary", "num_embeddings"),
    )
    at: tuple[int, ...] | None = arg(
        default=None,
        at_least=0,
        doc="where its numbers begin and end in a sample's row, `[0, 2, 5, 6]` for two runs of "
        "them; found where the names say it",
        found=True,
    )

    padded: bool = arg(
        default=False,
        doc="whether it is a sequence with padding behind its end; found where the data say it",
        found=True,
    )

    takes = "either"

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """Where each run of its numbers begins and ends; without ``at``, it is the whole row."""
        ends = self.at or (0, math.prod(self.shape or ()))
        return tuple(zip(ends[::2], ends[1::2], strict=True))

    @property
    def all_names(self) -> tuple[str, ...]:
        return (self.names,) if isinstance(self.names, str) else self.names

    def placed(self, shape: Shape, runs: Sequence[tuple[int, int]]) -> Self:
        """The layer that takes these runs of numbers, those as one that touch each other."""
        ends: list[int] = []
        for begin, end in runs:
            if ends and ends[-1] == begin:
                ends[-1] = end
            else:
                ends += [begin, end]
        sizes = shape.sizes if len(shape.sample) != 1 else None
        found: dict[str, Any] = {"shape": sizes, "tokens": shape.tokens, "at": tuple(ends)}
        return self.declared(self.values | found | {"padded": shape.padded})

    def infer(self, x: Shape) -> Shape:
        end = max(end for _, end in self.runs)
        if len(x.sample) != 1:
            raise ShapeError(Shape.of(end))
        if self.at is None:
            if not unify(x.last, end):
                raise ShapeError(Shape.of(end))
        elif isinstance(whole := x.last, int) and whole < end:
            raise ShapeError(Shape.of(end), at_least=True)
        count = sum(end - begin for begin, end in self.runs)
        shape = (count,) if self.shape is None else self.shape
        return Shape(shape, self.tokens, self.padded)


class Input(RowPart, like=("InputLayer", "Column", "Columns")):
    """The part of a sample that has a name, as in ``[Input("left") -> A, Input("right") -> B]``.

    It begins a branch: nothing stands before it. In a table, each column has its name, and a column
    of categories is several inputs wide. A network that takes a whole sample needs no ``Input``.

    Shape: [N, row] -> [N, *shape], the numbers ``at`` these places of the row.  Source: the chain
    rule; these numbers get dy, and the others 0.
    """

    examples = (
        ('Input("a", at=[1, 3])', (4,)),
        ('Input("a", shape=[2, 3])', (6,)),
        ('Input("a", shape=[], at=[2, 3])', (4,)),
        ('Input(["a", "b"], at=[0, 1, 4, 7])', (8,)),
        ('Input("a", shape=[2, 2], at=[1, 3, 4, 6])', (7,)),
    )

    def sight(self, dim: int, *x: Shape, source: int = 0) -> None:
        return None

    def forward(self, x: Tensor) -> Tensor:
        self.saved = x.shape
        runs = [x[:, begin:end] for begin, end in self.runs]
        row = runs[0] if len(runs) == 1 else torch.cat(runs, 1)
        return row if self.shape is None else row.reshape(len(x), *self.shape)

    def backward(self, dy: Tensor) -> Tensor:
        dx, row = dy.new_zeros(self.saved), dy.flatten(1) if dy.dim() > 1 else dy.unsqueeze(1)
        sizes = [end - begin for begin, end in self.runs]
        for (begin, end), part in zip(self.runs, torch.split(row, sizes, 1), strict=True):
            dx[:, begin:end] += part
        return dx
