"""The first step of a stretch whose numbers are not finite, and the layer that they come from.

Training looks for it only when it is known to be there, and goes through the steps once more: what
is random about them depends on the seed and their number alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from netlang.engine import Batches, Cursor, Engine
from netlang.engine.streaming import stretches
from netlang.engine.tensor import TensorEngine
from netlang.runs.training.tensors import changing_tensors
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor

_PARTS = 32  # into which a stretch is cut, to look for the step in one of them


class BadStep(Record):
    """``step`` of an epoch (from 1), and ``what`` the first number of ``layer`` is that is not
    finite, such as "its output"; both are empty if it is not found again on tensors.
    """

    step: int
    layer: str = ""
    what: str = ""


def first_bad_step(engine: Engine, batches: Batches, start: Cursor, seed: int) -> BadStep | None:
    """The first bad step of an epoch from ``start`` on; None if there is none.

    ``engine`` has the weights and the optimizer's vectors of ``start``, and loses them.
    """
    cursor: Cursor | None = start
    count = batches.steps - start.step
    while cursor and count > 1:
        size = -(-count // _PARTS)
        cursor, count = _first_bad_part(engine, batches, cursor, count, size), size
    if cursor is None or (count == 1 and not _stays_bad(engine, batches, cursor)):
        return None
    layer, what = next(_bad_numbers(engine, batches, cursor, seed), ("", ""))
    return BadStep(cursor.step + 1, layer, what)


def _first_bad_part(
    engine: Engine, batches: Batches, start: Cursor, count: int, size: int
) -> Cursor | None:
    """Where the first part of ``size`` steps begins that is bad; the engine is left there."""
    for step in range(start.step, start.step + count, size):
        cursor = start._replace(step=step)
        before = _State.of(engine)
        if _is_bad(engine, batches, cursor, min(size, start.step + count - step)):
            before.restore(engine)
            return cursor
    return None


def _stays_bad(engine: Engine, batches: Batches, cursor: Cursor) -> bool:
    """Whether the step is bad; the engine is left before it."""
    before = _State.of(engine)
    bad = _is_bad(engine, batches, cursor, 1)
    before.restore(engine)
    return bad


def _is_bad(engine: Engine, batches: Batches, cursor: Cursor, steps: int) -> bool:
    with torch.inference_mode():
        for y, t in stretches(engine, batches, cursor, steps):
            if not (all_finite(y) and all_finite(engine.loss.value(y, t))):
                return True
        return not all_finite(engine.network.parameters)


def all_finite(numbers: Tensor) -> bool:
    """Whether none of them is NaN, which is least and largest of all that hold one, or infinite."""
    if not numbers.numel():
        return True
    low, high = numbers.aminmax()
    return math.isfinite(low.item()) and math.isfinite(high.item())


class _State(Record):
    """What the steps of an engine change."""

    tensors: list[Tensor]
    steps: int

    @classmethod
    def of(cls, engine: Engine) -> _State:
        return cls([one.clone() for one in _changing(engine)], engine.optimizer.steps)

    def restore(self, engine: Engine) -> None:
        for one, kept in zip(_changing(engine), self.tensors, strict=True):
            one.copy_(kept)
        engine.optimizer.steps = self.steps


def _changing(engine: Engine) -> list[Tensor]:
    return [*changing_tensors(engine).values()]


def _bad_numbers(
    engine: Engine, batches: Batches, cursor: Cursor, seed: int
) -> Iterator[tuple[str, str]]:
    """The layers of the step's numbers that are not finite, and what these numbers are, in the
    order in which they are computed.
    """
    network, batch = engine.network, batches.batch(cursor)
    learning = network.graph.behind_weights
    tensor = TensorEngine(network, engine.loss, engine.descent, engine.batch_size, seed)
    names = [node.name for node in network.graph.nodes]
    passage = tensor.passage(batch)
    for number, outputs in passage.outputs.items():
        if not all_finite(outputs):
            yield names[number], "its output"
    last = passage.outputs[network.graph.result]
    with torch.inference_mode():
        if not all_finite(engine.loss.value(last, batch.targets)):
            largest = last.abs().max().item()
            yield names[network.graph.result], f"the loss, with outputs as large as {largest:.3g}"
    for number, gradient in passage.gradients.items():
        if number in learning and not all_finite(gradient):
            yield names[number], "the gradient at its output"
    tensor.update()
    for name, layer in network.named_layers():
        if not all(all_finite(getattr(layer, one)) for one in layer.declared_weights()):
            yield name, "one of its weights after the step"
