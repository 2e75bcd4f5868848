"""What changes gradients in C ahead of the optimizer: penalties, each of its weights, and clipping.

Both take a piece of the weights at a time. A clipping that measures all gradients waits until each
piece has its sum, and adds these in the order of the pieces: so threads change no bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import Template
from textwrap import dedent, indent

from netlang.catalogue.clipping import Clipping
from netlang.catalogue.items import Item
from netlang.catalogue.penalties import Penalty
from netlang.compiler.ir import Graph
from netlang.lowering.c.generator.checks import check_change
from netlang.lowering.c.generator.placing import placed_weights, rows_of
from netlang.lowering.c.generator.texts import mentions
from netlang.lowering.c.kernels import Change
from netlang.lowering.c.lowerings import lowers
from netlang.system.record import Record

_SUM = """\
/* The gradients of the weights from begin to end, summed over the slices into the first one. */

INLINE void sum_slices(real *gradients, int slices, int begin, int end) {
#pragma omp simd
    for (int i = begin; i < end; i++) gradients[i] = summed(gradients, slices, i);
}
"""

_PENALTY = """\
/* $name adds its gradients to those of the weights from begin to end. */

INLINE void $function(const struct call *c, real *gradients, const double *arguments, int begin,
                      int end) {
    const real *const weights = c->weights;
$arguments\
    static const int rows[][2] = {$rows};
    for (int row = 0; row < $count; row++) {
        const int row_begin = begin > rows[row][0] ? begin : rows[row][0];
        const int row_end = end < rows[row][1] ? end : rows[row][1];
#pragma omp simd
        for (int i = row_begin; i < row_end; i++) {
            const real w = weights[i];
            real dw = gradients[i];
$each
            gradients[i] = dw;
        }
    }
}
"""

_MEASURE = """\
/* What $name measures of the gradients from begin to end. */

INLINE double measured(const real *gradients, const double *arguments, int begin, int end) {
$arguments\
    (void)arguments;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = begin; i < end; i++) {
        const double dw = gradients[i];
        sum += $measure;
    }
    return sum;
}
"""

_CLIP = """\
/* $name bounds the gradients of the weights from begin to end. */

INLINE void clip(real *gradients, const double *arguments, double sum, int begin, int end) {
$arguments\
    (void)arguments, (void)sum;
$before
#pragma omp simd
    for (int i = begin; i < end; i++) {
        real dw = gradients[i];
$each
        gradients[i] = dw;
    }
}
"""


class Changes(Record):
    """The ``functions`` that change gradients, with the ``calls`` for a piece of the weights: first
    those of penalties, and behind them that of clipping, if there is one. Where it ``measures``,
    that is between them. They read ``arguments`` behind those of the optimizer.
    """

    functions: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    clips: bool = False
    measures: bool = False
    arguments: tuple[float, ...] = ()

    def with_penalty(self, penalty: Penalty, graph: Graph, first: int) -> Changes:
        """These and a penalty, whose arguments are behind the others, which begin at ``first``."""
        change = _change(penalty)
        changed = self.replace(arguments=(*self.arguments, *map(float, change.arguments.values())))
        rows = [f"{{{begin}, {end}}}" for begin, end, _ in _rows(graph, penalty)]
        if not rows:
            return changed
        function = f"penalty_{len(self.calls)}"
        text = Template(_PENALTY).substitute(
            name=penalty.name,
            function=function,
            arguments=_arguments(change, first + len(self.arguments), change.each),
            rows=", ".join(rows),
            count=len(rows),
            each=_lines(change.each, 12),
        )
        call = f"{function}(c, gradients, arguments, begin, end);"
        return changed.replace(functions=(*self.functions, text), calls=(*self.calls, call))

    def with_clipping(self, clipping: Clipping, first: int) -> Changes:
        """The same with clipping behind them."""
        change = _change(clipping)
        first += len(self.arguments)
        text = Template(_CLIP).substitute(
            name=clipping.name,
            arguments=_arguments(change, first, change.before + change.each),
            before=_lines(change.before, 4),
            each=_lines(change.each, 8),
        )
        if change.measure:
            measuring = Template(_MEASURE).substitute(
                name=clipping.name,
                arguments=_arguments(change, first, change.measure),
                measure=change.measure,
            )
            text = f"{measuring}\n{text}"
        return self.replace(
            functions=(*self.functions, text),
            clips=True,
            measures=bool(change.measure),
            arguments=(*self.arguments, *map(float, change.arguments.values())),
        )


def changes_of(
    graph: Graph, penalties: Sequence[Penalty], clipping: Clipping | None, first: int
) -> Changes:
    """The C of all of them, whose arguments begin at place ``first``.

    Raises Unsupported if one has none.
    """
    if not penalties and not clipping:
        return Changes()
    changes = Changes((_SUM,), ("sum_slices(gradients, slices, begin, end);",))
    for penalty in penalties:
        changes = changes.with_penalty(penalty, graph, first)
    return changes.with_clipping(clipping, first) if clipping else changes


def _change(item: Item) -> Change:
    change: Change = lowers.lowered(item)
    check_change(item, change)
    return change


def _arguments(change: Change, first: int, text: str) -> str:
    """The definitions of the arguments that a text mentions."""
    return "".join(
        f"    const double {name} = arguments[{first + at}];\n"
        for at, name in enumerate(change.arguments)
        if mentions(text, name)
    )


def _lines(text: str, deep: int) -> str:
    return indent(dedent(text).strip(), " " * deep)


def _rows(graph: Graph, penalty: Penalty) -> Iterator[tuple[int, int, int]]:
    """The rows of weights that a penalty is of: what ``Network.mask`` says of them."""
    placed = [*placed_weights(graph)]
    taken = [
        not node.frozen
        and (weight.decay or penalty.biases)
        and (not penalty.parts or any(part in node.parts for part in penalty.parts))
        for node, _, weight in placed
    ]
    return rows_of(placed, taken)
