"""Layers are the modules that files can name. A new one is a subclass of ``Layer``."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, dataclass_transform

from netlang.catalogue.arguments import arg
from netlang.catalogue.items import Item
from netlang.catalogue.modules.inputs import checked_backward, checked_forward
from netlang.catalogue.modules.module import Module, Statistic, Weight
from netlang.catalogue.modules.sight import Sight
from netlang.catalogue.modules.windows import Window
from netlang.language.shapes import Shape
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Generator, Tensor


class DrawRequest(Record):
    """The draws that a layer needs in the steps to come.

    ``samples`` [n] are the numbers of the samples in all these steps, each of which takes ``batch``
    of them. A draw depends on seed, epoch, layer, sample and unit alone. For each sample it has the
    ``shape``, of ``dtype``, on the device of ``samples``.
    """

    seed: int
    epoch: int
    layer: int | str
    samples: Tensor
    batch: int
    shape: tuple[int, ...]
    dtype: torch.dtype

    def of_members(self, count: int) -> DrawRequest:
        """The same where a sample is as many rows, one for each member of a network."""
        if count == 1:
            return self
        each = torch.arange(count, device=self.samples.device)
        rows = (self.samples.unsqueeze(1) * count + each).flatten()
        return self.replace(samples=rows, batch=self.batch * count)


@dataclass_transform(field_specifiers=(arg,))
class Layer(Item, Module, abstract=True):
    """A module that files can name; its arguments are its annotated fields.

    Each of ``examples`` is a call of it in netlang, then the shape of a sample for each input,
    which is a ``Shape`` where it holds tokens. The conformance tests try them, and fail for a layer
    that has none.

    Tokens come as whole numbers of any dtype: a network's have that of its weights. A gradient at
    them is None.
    """

    kind = "layer"
    gives: ClassVar[str] = ""  # what its outputs are: "probabilities", "no negative numbers"
    sums_to_one: ClassVar[bool] = False  # whether its outputs do, or their exponentials
    pointless_after: ClassVar[Sequence[str]] = ()  # what ``gives`` says of inputs it hardly changes
    has_flat_ends: ClassVar[bool] = False  # whether no gradient gets through large inputs at all
    only_in_training: ClassVar[str] = ""  # what it does to inputs that else pass unchanged
    standardizes: ClassVar[Literal["", "channels", "samples"]] = ""  # brings to one size
    bias_dim: ClassVar[int | None] = None  # of a sample's dimensions, where a bias lies along one
    arity: ClassVar[tuple[int, int | None]] = 1, 1  # the fewest inputs, and the most; None: any
    takes: ClassVar[Literal["numbers", "tokens", "either"]] = "numbers"  # what its inputs hold
    examples: ClassVar[Sequence[tuple[str, *tuple[tuple[int, ...] | Shape, ...]]]] = ()

    rearranges: ClassVar[bool] = False  # whether it gives the numbers that it gets, in other places

    puts_beside: ClassVar[bool] = False  # whether it gives its inputs, one beside the other

    saved: Any = None  # what ``backward`` needs of the last ``forward``, and nothing more

    guards = (
        ("forward", checked_forward),
        ("backward", checked_backward),
        ("accumulate", checked_backward),
    )
    _took: Any = None  # shape and dtype of the inputs that were checked last
    _gave: Any = None  # the shape of the last output

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.make_tensors(torch.default_generator)

    @property
    def bounds(self) -> tuple[float, float]:
        """No output lies outside of these numbers, whatever the inputs are."""
        return -math.inf, math.inf

    def honours_lengths(self, *x: Shape) -> bool:
        """Whether it mixes the steps of sequences, of shapes ``x``, and leaves those out that are
        padding.

        Where its last input is padded, ``forward`` then gets the ``lengths`` [N] of the sequences
        as one more input, of any dtype. There is no gradient at them.
        """
        return False

    def infer(self, x: Shape) -> Shape:
        """The shape of the output for an input of shape ``x``.

        Dimensions of ``x`` and sizes among the arguments may be unknown: unify those that have to
        be equal, and give a new ``Unknown`` for what cannot be computed yet. It is called again
        when more is known.  Raises ShapeError for a shape that the layer does not take.
        """
        return x

    def solve(self, y: Shape, *x: Shape) -> None:
        """Find unknown dimensions of the inputs ``x`` by the shape ``y`` of the output.

        Only a layer needs it whose ``infer`` cannot unify them, as they are parts of a sum.
        """

    def input_shape(self) -> Shape | None:
        """The shape of the input, if its arguments say it."""
        return None

    def drawing(self) -> Mapping[str, Layer]:
        """The layers that draw for it, by the names that they have in it and in what it becomes in
        other frameworks: "" is itself.
        """
        return {"": self} if self.draws else {}

    def draw(self, request: DrawRequest) -> None:
        """Draw what is random in the steps to come, by ``request`` alone. Most layers draw nothing.

        Each ``forward`` then uses the draws of one step.
        """

    def drawn(self, *x: Shape) -> tuple[int, ...]:
        """The shape of what it draws for a sample, whose inputs have the shapes ``x``."""
        return x[0].sizes

    @property
    def has_tensors(self) -> bool:
        """Whether it may have tensors; also known while sizes among its arguments are not."""
        return type(self).tensors is not Module.tensors

    @property
    def alike(self) -> bool:
        """Whether it does the same to all steps of a sequence, whatever their order is."""
        return False

    @property
    def needs_positions(self) -> bool:
        """Whether it cannot tell the order of a sequence but by what the numbers in it say."""
        return False

    @property
    def draws(self) -> bool:
        """Whether it draws numbers while training."""
        return type(self).draw is not Layer.draw

    def remark(self, *x: Shape) -> str:
        """Why no gradient gets through it for inputs of these shapes; "" if one does."""
        return ""

    def windows(self, *x: Shape) -> Sequence[Window]:
        """What an output sees of inputs of these shapes, along each axis behind the channels; none
        for a layer whose outputs see what stands in their own places, or whose have no places.
        """
        return ()

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight | None:
        """What outputs see along dimension ``dim`` of the input with the number ``source``, of
        those with shapes ``x``; by default what stands in their own places. None where a dimension
        is cut up or put together in a way that cannot be said.
        """
        return Sight(dim)

    def least_samples(self, *x: Shape) -> int:
        """How many samples of these shapes a batch has to have, so that it can be trained."""
        return 1

    def macs(self, x: Shape) -> int:
        """Multiply-adds for one sample of shape ``x``."""
        return 0

    def initialize(self, generator: Generator) -> None:
        """Fill its weights as each declares, and its statistics."""
        self.fill(self.tensors(), generator)

    def fill(self, tensors: Mapping[str, Weight | Statistic], generator: Generator) -> None:
        """Fill those of its tensors that are among ``tensors``, as each declares."""
        for name, one in tensors.items():
            if isinstance(one, Weight):
                one.initial(getattr(self, name), generator)
            else:
                getattr(self, name).fill_(one.value)

    def layers(self) -> Iterator[Layer]:
        yield self

    def __getstate__(self) -> dict[str, Any]:
        """The state of a module, without the last batch: a copy needs a ``forward`` of its own."""
        return super().__getstate__() | {"saved": None, "_took": None, "_gave": None}


class Join(Layer, abstract=True):
    """A layer of two inputs or more: ``[A, B] -> Add``.

    ``forward(*x)`` takes them all, ``backward(dy)`` gives one gradient for each.
    """

    arity: ClassVar[tuple[int, int | None]] = 2, None

    @abstractmethod
    def infer(self, *x: Shape) -> Shape:
        """The shape of the output; raises ShapeError, which numbers the input that does not fit."""

    @abstractmethod
    def forward(self, *x: Tensor) -> Tensor:
        """The output for batches of several inputs.  Shape: [N, *] each -> [N, *]."""

    @abstractmethod
    def backward(self, dy: Tensor) -> tuple[Tensor, ...]:
        """The gradients at the inputs of the last ``forward``, each of its input's shape."""

    def macs(self, *x: Shape) -> int:
        return 0
