"""What C does in a step behind the gradients.

They are changed, the optimizer moves the weights by them, and an average follows these.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Template

from netlang.catalogue.clipping import Clipping
from netlang.catalogue.items import Item
from netlang.catalogue.optimizers import Optimizer, SeveralOptimizers
from netlang.catalogue.penalties import Penalty
from netlang.compiler.ir import Graph
from netlang.lowering.c.generator.changes import Changes, changes_of
from netlang.lowering.c.generator.updates import update_functions, updates_of
from netlang.lowering.c.lowerings import lowers
from netlang.system.record import Record

_PIECE = 4096  # weights that a thread takes through a step at once: with the state, in its cache

# Each thread has pieces of its own, and goes through all of a step for one before the next.
_STEP = """
FUNCTION step(const struct call *c, struct prepared *p, struct team *team, int id, int threads,
              real *gradients, int slices, const double *arguments, double t) {
    const int first = (int)((int64_t)PIECES * id / threads);
    const int last = (int)((int64_t)PIECES * (id + 1) / threads);
    (void)p, (void)team, (void)slices;
$ahead    for (int piece = first; piece < last; piece++) {
        const int begin = piece * PIECE, end = begin + PIECE < WEIGHTS ? begin + PIECE : WEIGHTS;
$changes$update        if (c->average) follow(c->weights, c->average, arguments[SHARE], begin, end);
    }
    if (c->average && id == 0)
        follow(c->statistics, c->average_statistics, arguments[SHARE], 0, STATISTICS);
}
"""

_UPDATE_OF_SUMS = """\
        update(c, gradients, 1, arguments, t, begin, end);
"""

# A loop over so many slices as a constant says is a vector's.
_UPDATE_OF_SLICES = """\
        if (SLICES > 1 && slices > 1)
            update(c, gradients, SLICES, arguments, t, begin, end);
        else
            update(c, gradients, 1, arguments, t, begin, end);
"""

# Where all gradients are measured first, threads meet in between.
_AHEAD = """\
    for (int piece = first; piece < last; piece++) {
        const int begin = piece * PIECE, end = begin + PIECE < WEIGHTS ? begin + PIECE : WEIGHTS;
$changes        p->measured[piece] = measured(gradients, arguments, begin, end);
    }
    meet(team, threads);
    double sum = 0;
    for (int piece = 0; piece < PIECES; piece++) sum += p->measured[piece];
"""

_TAKEN_ELSEWHERE = """
/* What the step does with the gradients has no C: the caller does it. */

ONLY_CALLS step(const struct call *c, struct prepared *p, struct team *team, int id, int threads,
                real *gradients, int slices, const double *arguments, double t) {
    (void)c, (void)p, (void)team, (void)id, (void)threads;
    (void)gradients, (void)slices, (void)arguments, (void)t;
}
"""


class Steps(Record):
    """The ``functions`` of a step, and its ``sizes``: those of the pieces of the weights, and where
    among the arguments the average's share is. Of these, ``arguments`` never change, and are behind
    the optimizer's own. ``measured`` is a field of what all threads share.
    """

    functions: str
    sizes: str
    measured: str = ""
    arguments: tuple[float, ...] = ()


def has_steps(
    optimizer: Optimizer, penalties: Sequence[Penalty] = (), clipping: Clipping | None = None
) -> bool:
    """Whether C has all of a step, and not its gradients alone."""
    each: Sequence[Item] = (
        optimizer.optimizers if isinstance(optimizer, SeveralOptimizers) else (optimizer,)
    )
    changes = (*penalties, *([clipping] if clipping else []))
    return all(type(one) in lowers.functions for one in (*each, *changes))


def steps_of(
    graph: Graph, optimizer: Optimizer, penalties: Sequence[Penalty], clipping: Clipping | None
) -> Steps:
    """The C of a step.  Raises Unsupported if a part of it has none, and has to have one."""
    pieces = -(-graph.weights // _PIECE)
    sizes = f"    PIECE = {_PIECE},\n    PIECES = {pieces}"
    if not has_steps(optimizer, penalties, clipping):
        return Steps(_TAKEN_ELSEWHERE, sizes)
    of_optimizer = sum(len(one.step_arguments) for one, _ in updates_of(optimizer))
    changes = changes_of(graph, penalties, clipping, of_optimizer)
    functions = "\n".join([*changes.functions, update_functions(optimizer, graph)])
    return Steps(
        functions + _step(changes),
        f"{sizes},\n    SHARE = {of_optimizer + len(changes.arguments)}",
        f"\n    ALIGNED double measured[{pieces}];" if changes.measures else "",
        changes.arguments,
    )


def _step(changes: Changes) -> str:
    calls = "".join(f"        {call}\n" for call in changes.calls)
    measured = "sum" if changes.measures else "0"
    clip = f"        clip(gradients, arguments, {measured}, begin, end);\n" if changes.clips else ""
    ahead = Template(_AHEAD).substitute(changes=calls) if changes.measures else ""
    return Template(_STEP).substitute(
        ahead=ahead,
        changes=clip if changes.measures else calls + clip,
        update=_UPDATE_OF_SUMS if changes.calls else _UPDATE_OF_SLICES,
    )
