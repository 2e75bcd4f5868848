"""LBFGS knows of the curvature by its last moves, and looks at the loss several times in a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.optimizers.line_search import Number, Point, strong_wolfe
from netlang.catalogue.optimizers.optimizer import LR_WORDS, Optimizer
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_CURVED = 1e-10  # a move is remembered along which the gradient changed by more
_NUMBERS = 6  # how many moves were made and are remembered, from where on, t, the scale, the loss


class LBFGS(Optimizer, known_as=("L_BFGS", "lbfgs")):
    """Newton's steps by what is remembered of the last moves s and of how the gradient changed, y.

    d = -H dw, where H is that of Broyden, Fletcher, Goldfarb and Shanno, of the ``history_size``
    last pairs (s, y), and w ← w + t d, with t = lr, or as a line search finds it. A step has up to
    ``max_iter`` such moves, and needs the loss at each: ``evaluate`` sets the gradients anew and
    returns it. Where batches differ from step to step, the curvature is of no use: take all samples
    as one batch.

    Source: Liu and Nocedal 1989; torch.optim.LBFGS.
    """

    lr: float = arg(default=1.0, above=0.0, doc="t of a move", known_as=LR_WORDS)
    max_iter: Size = arg(default=20, doc="moves in a step, at most")
    max_eval: Size | None = arg(
        default=None, doc="how often a step looks at the loss, at most; by default, 1.25 max_iter"
    )
    tolerance_grad: float = arg(
        default=1e-7, at_least=0.0, doc="a step ends where no gradient is larger"
    )
    tolerance_change: float = arg(
        default=1e-9, at_least=0.0, doc="a step ends where weights or loss change by less"
    )
    history_size: Size = arg(default=100, doc="moves that are remembered")
    line_search_fn: str | None = arg(
        default=None, choices=("strong_wolfe",), doc="how t is found; by default, it is lr"
    )

    needs_loss = True
    takes_all = True
    usual_lr = (1e-4, 2)

    @property
    def state(self) -> Sequence[str]:
        return ("changes", "moves", "products", "direction", "gradient", "numbers")

    @property
    def kept(self) -> int:
        return 2 * self.history_size + 2

    def vectors(self) -> list[Tensor]:
        """How the gradient changed, by which moves, and 1 over the product of both, of the moves
        that are remembered; the last direction and gradient; and numbers.

        Shape: [history_size, weights] twice, [history_size], [weights] twice, [6].
        """
        weights, rows = self.model.parameters, self.history_size
        size = len(weights)
        shapes = [(rows, size), (rows, size), (rows,), (size,), (size,)]
        kept = [vars(self).get(name) for name in self.state]
        with torch.inference_mode(False):  # a tensor made within it could not be changed outside
            made = [
                weights.new_zeros(shape) if one is None else one.to(weights)
                for one, shape in zip(kept, shapes, strict=False)
            ]
            numbers = kept[-1]
            if numbers is None:
                numbers = torch.zeros(_NUMBERS, dtype=torch.float64, device="cpu")
            vars(self).update(zip(self.state, (*made, numbers), strict=True))
        return [*made, numbers]

    def step(self) -> None:
        weights, dw = self.model.parameters, self.model.gradients
        *_, direction, gradient, numbers = self.vectors()
        if not len(weights):
            return
        made, _, _, t, _, before = numbers.tolist()
        most = self.max_eval or self.max_iter * 5 // 4
        loss, looked = self._loss(), 1
        self.steps += 1
        for move in range(1, self.max_iter + 1):
            if self._is_flat():
                break
            made += 1
            if made == 1:
                direction.copy_(dw.neg())
                numbers[4] = 1.0
            else:
                self._remember(t)
                direction.copy_(self._newton())
            gradient.copy_(dw)
            before = loss
            t = self._first_size() if made == 1 else self.lr
            slope = dw.dot(direction)
            numbers[0], numbers[3], numbers[5] = made, float(t), before
            if slope > -self.tolerance_change:
                break
            if self.line_search_fn:
                found, count = self._search(Point(0.0, loss, dw.clone(), slope), t, most - looked)
                t, loss = found.t, found.loss
                dw.copy_(found.gradient)
                weights.add_(direction, alpha=float(t))
                looked += count
                numbers[3] = float(t)
            else:
                weights.add_(direction, alpha=float(t))
                if move < self.max_iter:  # else nothing asks for it any more
                    loss = self._loss()
                    looked += 1
            if looked >= most or self._has_arrived(direction, t, loss - before):
                break

    def _loss(self) -> float:
        """The loss at the weights as they are; the gradients are set to its own."""
        if self.evaluate is None:
            raise RuntimeError(
                f"{self.name} looks at the loss several times in a step: set `evaluate` to a "
                "function that sets the gradients anew and returns the loss"
            )
        return self.evaluate()

    def _first_size(self) -> Number:
        """How far the first move goes, of whose curvature nothing is known."""
        least: Number = 1.0 / self.model.gradients.abs().sum()
        return min(1.0, least) * self.lr

    def _is_flat(self) -> bool:
        dw = self.model.gradients
        return not len(dw) or dw.abs().max().item() <= self.tolerance_grad

    def _has_arrived(self, direction: Tensor, t: Number, change: float) -> bool:
        """Whether the last move was too small to go on from."""
        moved = direction.mul(t).abs().max().item()
        return moved <= self.tolerance_change or abs(change) < self.tolerance_change

    def _remember(self, t: Number) -> None:
        """Keep the last move, if it tells of the curvature, in the place of the oldest one."""
        changes, moves, products, direction, gradient, numbers = self.vectors()
        change, move = self.model.gradients.sub(gradient), direction.mul(t)
        product = change.dot(move)
        if not product > _CURVED:
            return
        count, first = int(numbers[1]), int(numbers[2])
        row = (first + count) % self.history_size
        if count == self.history_size:
            numbers[2] = (first + 1) % self.history_size
        else:
            numbers[1] = count + 1
        changes[row], moves[row], products[row] = change, move, 1.0 / product
        numbers[4] = (product / change.dot(change)).item()

    def _newton(self) -> Tensor:
        """-H dw, by two loops over what is remembered, from the last move back and forth again."""
        changes, moves, products, _, _, numbers = self.vectors()
        count, first = int(numbers[1]), int(numbers[2])
        rows = [(first + index) % self.history_size for index in range(count)]
        found, shares = self.model.gradients.neg(), {}
        for row in reversed(rows):
            shares[row] = (moves[row].dot(found) * products[row]).item()
            found.add_(changes[row], alpha=-shares[row])
        found.mul_(numbers[4].item())
        for row in rows:
            share = (changes[row].dot(found) * products[row]).item()
            found.add_(moves[row], alpha=shares[row] - share)
        return found

    def _search(self, start: Point, t: Number, most: int) -> tuple[Point, int]:
        """A line search from the weights as they are, which stay so."""
        weights, dw, direction = self.model.parameters, self.model.gradients, self.vectors()[3]
        begin = weights.clone()

        def at(t: Number) -> Point:
            weights.add_(direction, alpha=float(t))
            loss = self._loss()
            weights.copy_(begin)
            return Point(t, loss, dw.clone(), dw.dot(direction))

        return strong_wolfe(at, start, t, direction.abs().max(), most)
