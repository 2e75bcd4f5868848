"""The calls of a plan in the order in which they run, and the memory that they share."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.lowering.c.generator.buffers import TARGETS, Access, Buffer, Memory
from netlang.lowering.c.generator.calls import Call
from netlang.lowering.c.generator.kernel_calls import KernelCalls
from netlang.lowering.c.generator.losses import Losses
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.c.rows import length
from netlang.lowering.c.tiling import check_count


class Passes:
    """``forward`` through a plan and, with ``losses``, by the ``loss`` and ``backward``. ``before``
    and ``after`` are what is done around all chunks of a step.

    Their ``memory`` is that of a chunk of so many ``samples``.  Raises Unsupported where an array
    of it has thousands of millions of numbers.
    """

    def __init__(self, plan: Plan, samples: int, losses: Losses | None = None) -> None:
        calls = KernelCalls(plan)
        self.forward = [call for stage in plan.stages for call in calls.forward(stage)]
        self.forward += calls.output()
        self.loss: list[Call] = []
        self.backward: list[Call] = []
        if losses:
            self.loss += calls.loss(losses)
            self.backward += (
                call for stage in reversed(plan.stages) for call in calls.backward(stage)
            )
        self.before, self.after = [*calls.before()], [*calls.after()]
        self.memory = _memory(plan, samples, self.forward, [*self.loss, *self.backward], losses)
        check_count(self.memory.longest)


def _memory(
    plan: Plan,
    samples: int,
    forward: Sequence[Call],
    backward: Sequence[Call],
    losses: Losses | None,
) -> Memory:
    """Outputs are copied out of it between the two passes."""
    entering = (0, TARGETS) if losses else (0,)
    enter = Access((), tuple(Buffer("value", number) for number in entering))
    leave = Access((Buffer("value", plan.graph.result),), ())
    there, back = ([call.access for call in calls] for calls in (forward, backward))
    lengths = dict(plan.lengths)
    if losses:
        lengths[Buffer("value", TARGETS)] = f"N * {plan.members} * {length(losses.targets)}"
    struct = "w" if losses else "e"
    return Memory(plan.graph, struct, [enter, *there, leave, *back], lengths, samples)
