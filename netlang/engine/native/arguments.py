"""The numbers that steps in C are told: a row for each step, made for many steps at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import LARGEST, SMALLEST
from netlang.catalogue.optimizers import Hyper, Optimizer, SeveralOptimizers
from netlang.engine.descent import UNCHANGED, Descent
from netlang.lowering.lowerings import Unsupported
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


class Arguments:
    """A row has the arguments of the descent's optimizer, or of several those of each, one behind
    the other; then those of what changes gradients, ``of_changes``; and the average's share.

    Raises Unsupported for an argument of the optimizer that is no number.
    """

    def __init__(self, descent: Descent, of_changes: Sequence[float]) -> None:
        self._descent, self._of_changes = descent, of_changes
        dict(_numbers(descent.optimizer))

    def of(self, steps: int, hyper: Hyper | Sequence[Hyper] = UNCHANGED) -> Tensor:
        """Those of the next ``steps``, with one ``hyper`` for all of them or for each.

        Shape: [steps, n], or [1, n] where all steps take the same; float64.
        """
        descent, optimizer = self._descent, self._descent.optimizer
        shares: list[float] = []
        if average := descent.average:
            first = optimizer.steps + 1
            shares = [average.share(step) for step in range(first, first + steps)]
        told = hyper if isinstance(hyper, Mapping) else UNCHANGED
        numbers = dict(_numbers(optimizer)) | {_first(name): one for name, one in told.items()}
        row = [*numbers.values(), *self._of_changes, *shares[:1]]
        table = torch.tensor([row], dtype=torch.float64, device="cpu")
        if isinstance(hyper, Mapping) and not descent.rates and len({*shares}) < 2:
            return table
        table = table.repeat(steps, 1)
        column = {name: place for place, name in enumerate(numbers)}
        if descent.rates:
            factors = torch.tensor(descent.factors(steps), dtype=torch.float64, device="cpu")
            for name, rate in optimizer.scaled(1.0).items():
                table[:, column[name]] = _held(rate * factors)
        if shares:
            table[:, -1] = torch.tensor(shares, dtype=torch.float64, device="cpu")
        parts = [(slice(None), hyper)] if isinstance(hyper, Mapping) else enumerate(hyper)
        for rows, values in parts:
            for name, value in values.items():
                table[rows, column[_first(name)]] = value
        return table


def _first(name: str) -> str:
    """Arguments of the first of several optimizers need not say so."""
    return name.removeprefix("[0].")


def _numbers(optimizer: Optimizer) -> Iterator[tuple[str, float]]:
    """The arguments of a step by what ``hyper`` calls them."""
    if isinstance(optimizer, SeveralOptimizers):
        for number, one in enumerate(optimizer.optimizers):
            begin = f"[{number}]." if number else ""
            yield from ((f"{begin}{name}", value) for name, value in _numbers(one))
        return
    for name in optimizer.step_arguments:
        value = getattr(optimizer, name)
        if not isinstance(value, int | float):
            raise Unsupported(f"{optimizer.name} takes {name}={value!r}, which is no number")
        yield name, float(value)


def _held(rates: Tensor) -> Tensor:
    """The same as those of ``Descent.scaled``."""
    return torch.where(rates.abs() < SMALLEST, 0.0, rates.clamp(max=LARGEST))
