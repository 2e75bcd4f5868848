"""Recurrence: a cell goes through a sequence step by step, and its gradients go back.

All of that is the same for each cell: the loop over time, the layers on each other, and the two
directions.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.dropout import Dropout
from netlang.catalogue.layers.ends import Ends
from netlang.catalogue.layers.sequences import check_sequence
from netlang.catalogue.modules import DrawRequest, Layer, Sight, Weight, up_to_its_own
from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, solved, unify
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Generator, Tensor

    Tensors = tuple[Tensor, ...]
    Gradients = tuple[Any, ...]  # tensors, or None


class _Way(Record):
    """One way through the sequence that a layer gets, forwards or in ``reverse``."""

    layer: int
    reverse: bool

    def name(self, tensor: str) -> str:
        """What torch calls a tensor of it: ``weight_ih_l0``, or ``weight_ih_l0_reverse``."""
        return f"{tensor}_l{self.layer}{'_reverse' * self.reverse}"


class _Passage(Record):
    """What one way keeps of a forward, in its own order: its inputs and outputs [T, N, *], the
    products p of all steps as the cell left them, and what else it saved of all steps.
    """

    x: Tensor
    y: Tensor
    p: Tensor
    saved: list[Tensor]


class Recurrent(Layer, abstract=True):
    """A cell of as many ``gates``, G, that is used at each step of a sequence.

    It gets p = W xₜ + b and q = U hₜ₋₁ + b', with weights W [G·H, F] and U [G·H, H]. The products
    W xₜ of all steps are one product, and so are the gradients of W and of U. A cell that ``sums``
    p and q gets p + q for both.

    The gradients at p, q and the state before are linear in those at the next state. What they are
    multiplied by is computed for all steps at once.
    """

    gates = 1
    states = 1  # how many tensors [N, H] a state has
    sums = True

    input_size: Size = arg(
        doc="how many numbers the input has at each step",
        known_as=("input", "inputs", "in_features", "input_dim"),
    )
    hidden_size: Size = arg(
        doc="how many numbers the state has",
        known_as=("hidden", "units", "out_features", "hidden_dim"),
    )
    num_layers: int = arg(
        default=1, at_least=1, doc="how many of them, each on the one before", known_as=("layers",)
    )
    bias: bool = arg(default=True, doc="whether b and b' are there", known_as=("use_bias",))
    dropout: float = arg(
        default=0.0,
        at_least=0.0,
        below=1.0,
        doc="probability that a number is dropped between one layer and the next",
        known_as=("drop", "dropout_rate"),
    )
    bidirectional: bool = arg(
        default=False, doc="whether another one goes from the end to the beginning, beside it"
    )
    output: str = arg(
        default="all",
        choices=("all", "last"),
        doc="the states at all steps, or at the last one alone; in reverse, that is the first",
    )

    @abstractmethod
    def cell(self, p: Tensor, q: Tensor, *state: Tensor) -> tuple[Tensors, Tensors]:
        """The next state, and what ``derivatives`` needs beside p, which may be changed.

        Shape: p and q [N, G·H]; of a state, and of what is saved, [N, H] each.
        """

    @abstractmethod
    def derivatives(self, p: Tensor, *saved: Tensor) -> Tensors:
        """What ``cell_backward`` needs, by what ``cell`` left, of all steps.

        Shape: [T, *] for [*] of a step, with p [T, N, G, H].
        """

    @abstractmethod
    def cell_backward(
        self, derivatives: Tensors, dstate: Tensors, dp: Tensor, dq: Tensor
    ) -> Gradients:
        """The gradients at the state before, by those at the next state: what comes beside q, and
        None where nothing does. Those at p and q [N, G, H] are written into ``dp`` and ``dq``,
        which are one for a cell that sums them.
        """

    def prepare(self) -> None:
        between = range(self.num_layers - 1)
        self.dropping = [Dropout.declared({"p": self.dropout}) for _ in between]

    @property
    def draws(self) -> bool:
        return self.dropout > 0

    def drawing(self) -> Mapping[str, Layer]:
        found = {f"dropping.{number}": one for number, one in enumerate(self.dropping)}
        return found if self.draws else {}

    def drawn(self, *x: Shape) -> tuple[int, ...]:
        width = (1 + self.bidirectional) * self.hidden_size
        return len(self.dropping), x[0].sizes[0], width

    def draw(self, request: DrawRequest) -> None:
        """The units of all masks are those of one."""
        if not self.draws:
            return
        for one in self.dropping:
            one.saved = one.masks = None  # frees the memory of the last ones
        whole = Dropout.declared({"p": self.dropout})
        whole.draw(request)
        masks = [*(whole.masks or ())]
        for number, one in enumerate(self.dropping):
            one.masks = iter([mask[:, number] for mask in masks])

    @cached_property
    def ways(self) -> list[list[_Way]]:
        """The ways of each layer."""
        directions = (False, True)[: 1 + self.bidirectional]
        return [[_Way(layer, one) for one in directions] for layer in range(self.num_layers)]

    def tensors(self) -> dict[str, Weight]:
        found, rows = dict[str, Weight](), self.gates * self.hidden_size
        for way in chain.from_iterable(self.ways):
            inputs = (1 + self.bidirectional) * self.hidden_size if way.layer else self.input_size
            found[way.name("weight_ih")] = Weight((rows, inputs), self._initial)
            found[way.name("weight_hh")] = Weight((rows, self.hidden_size), self._initial)
            for name in ("bias_ih", "bias_hh") if self.bias else ():
                found[way.name(name)] = Weight((rows,), self._initial, decay=False)
        return found

    def _initial(self, values: Tensor, generator: Generator) -> None:
        bound = self.hidden_size**-0.5
        values.uniform_(-bound, bound, generator=generator)

    def honours_lengths(self, *x: Shape) -> bool:
        return True

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim or self.bidirectional or self.output == "last":
            return Sight()
        return up_to_its_own(dim, x[0].sizes[dim])

    def infer(self, x: Shape) -> Shape:
        check_sequence(x, self.input_size)
        if not unify(x.last, self.input_size):
            raise ShapeError(x.with_last(self.input_size), "input_size", x.last)
        if self.dropout and self.num_layers == 1:
            reason = "drops numbers between one layer and the next, and has one layer"
            help = f"put `-> Dropout({self.dropout:g})` behind it, or give it `num_layers=2`"
            raise ShapeError(x, reason=reason, help=help)
        width: Dim = solved(self.hidden_size)
        if self.bidirectional:
            width = 2 * width if isinstance(width, int) else Unknown()
        return x.with_last(width) if self.output == "all" else Shape.of(width)

    def macs(self, x: Shape) -> int:
        products = (one.size for one in self.tensors().values() if len(one.shape) == 2)
        return x.sizes[0] * sum(products)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        ends, passages, y = Ends(x, lengths), dict[_Way, _Passage](), x
        masks: list[Tensor | None] = [None]  # of what each layer takes
        for number, ways in enumerate(self.ways):
            if number:
                dropping = self.dropping[number - 1].train(self.training)
                y = dropping.forward(y)
                masks.append(dropping.saved)
                dropping.saved = None
            for way in ways:
                passages[way] = self._forward(way, ends.turned(y) if way.reverse else y)
            outputs = [passages[way].y.transpose(0, 1) for way in ways]
            if self.output == "last" and ways is self.ways[-1]:
                y = torch.cat([*map(ends.last, outputs)], -1)
            else:
                outputs[1:] = map(ends.turned, outputs[1:])
                y = ends.filled(torch.cat(outputs, -1))
        self.saved = ends, passages, masks
        return y

    def backward(self, dy: Tensor) -> Any:
        ends: Ends = self.saved[0]
        dx = self._back(dy, to_input=True)
        return dx if ends.lengths is None else (dx, None)

    def accumulate(self, dy: Tensor) -> None:
        self._back(dy, to_input=False)

    def _back(self, dy: Tensor, to_input: bool) -> Tensor:
        """Add to the gradients of the weights. Returns that at the input, if it is asked for."""
        ends: Ends = self.saved[0]
        passages: dict[_Way, _Passage] = self.saved[1]
        masks: list[Tensor | None] = self.saved[2]
        for ways, mask in zip(reversed(self.ways), reversed(masks), strict=True):
            at_last = self.output == "last" and ways is self.ways[-1]
            found = []
            for way, part in zip(ways, torch.split(dy, self.hidden_size, -1), strict=True):
                part = ends.at_last(part) if at_last else ends.filled(part)
                if way.reverse and not at_last:
                    part = ends.turned(part)
                dp = self._backward(way, passages[way], part)
                if way.layer or to_input:
                    dx = (dp @ getattr(self, way.name("weight_ih"))).transpose(0, 1)
                    found.append(ends.turned(dx) if way.reverse else dx)
            dy = sum(found[1:], start=found[0]) if found else dy
            dy = dy if mask is None else dy * mask
        return dy

    def _forward(self, way: _Way, x: Tensor) -> _Passage:
        """One way from the first step of ``x`` [N, T, F] to the last."""
        x = x.transpose(0, 1).contiguous()
        (w, b), (u, b_state) = self._weights(way, "ih"), self._weights(way, "hh")
        if self.sums and b is not None and b_state is not None:
            b = b + b_state
        p = _product(x.flatten(0, 1), w, b).view(*x.shape[:2], len(w))
        state: Tensors = (u.new_zeros(x.shape[1], self.hidden_size),) * self.states
        outputs, kept = [], []
        for at in p.unbind():
            q = at.addmm_(state[0], u.t()) if self.sums else _product(state[0], u, b_state)
            state, saved = self.cell(at, q, *state)
            outputs.append(state[0])
            kept.append(saved)
        return _Passage(x, torch.stack(outputs), p, [*map(torch.stack, zip(*kept, strict=True))])

    def _backward(self, way: _Way, passage: _Passage, dy: Tensor) -> Tensor:
        """The gradients at p of all steps [T, N, G·H], by ``dy`` [N, T, H] at the outputs.

        Each step's output is the next one's input, so it goes back from the last step to the first.
        """
        u, _ = self._weights(way, "hh")
        p = passage.p.view(*passage.y.shape[:2], self.gates, self.hidden_size)
        derivatives = self.derivatives(p, *passage.saved)
        dp = dy.new_empty(p.shape)
        dq = dp if self.sums else dy.new_empty(p.shape)
        steps = zip(*(one.unbind() for one in (*derivatives, dp, dq)), strict=True)
        dh, *others = [torch.zeros_like(passage.y[0])] * self.states
        for at, (*known, dp_at, dq_at) in reversed([*zip(dy.unbind(1), steps, strict=True)]):
            dnext = at + dh, *others
            beside, *others = self.cell_backward(tuple(known), dnext, dp_at, dq_at)
            rows = dq_at.flatten(1)
            dh = rows @ u if beside is None else torch.addmm(beside, rows, u)
        dp, dq = dp.flatten(2), dq.flatten(2)
        self._accumulate(way, "ih", dp, passage.x, sums := dp.sum((0, 1)))
        # The first step has no state before it.
        self._accumulate(way, "hh", dq[1:], passage.y[:-1], sums if self.sums else dq.sum((0, 1)))
        return dp

    def _accumulate(self, way: _Way, product: str, dy: Tensor, x: Tensor, sums: Tensor) -> None:
        """Add dyᵀ x of all steps, and the ``sums`` of dy, to the gradients of a product."""
        weight = getattr(self, f"{way.name(f'weight_{product}')}_grad")
        weight.addmm_(dy.flatten(0, 1).t(), x.flatten(0, 1))
        if self.bias:
            getattr(self, f"{way.name(f'bias_{product}')}_grad").add_(sums)

    def _weights(self, way: _Way, product: str) -> tuple[Tensor, Tensor | None]:
        """The weight and the bias of a product: "ih" with the input, "hh" with the state."""
        bias = getattr(self, way.name(f"bias_{product}")) if self.bias else None
        return getattr(self, way.name(f"weight_{product}")), bias


def _product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return x @ weight.t() if bias is None else torch.addmm(bias, x, weight.t())
