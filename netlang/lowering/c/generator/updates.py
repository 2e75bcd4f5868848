"""The optimizer's step in C: a loop over the weights; of several optimizers, one for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress
from string import Template
from textwrap import dedent, indent

from netlang.catalogue.optimizers import Optimizer, SeveralOptimizers
from netlang.compiler.ir import Graph
from netlang.lowering.c.generator.checks import check_update
from netlang.lowering.c.generator.placing import Placed, placed_weights, rows_of
from netlang.lowering.c.generator.texts import mentions
from netlang.lowering.c.kernels import Update
from netlang.lowering.c.lowerings import lowers

_HEAD = """\
INLINE void $name(const struct call *c, const real *gradients, int slices,
                  const double *arguments, double t, int begin, int end) {
    (void)arguments, (void)t;
"""

_OF_ALL = """\
$arguments
$before
$vectors#pragma omp simd
    for (int i = begin; i < end; i++) {
        real dw = summed(gradients, slices, i);
$loads$each
$stores    }
}
"""

# Each row is where its weights begin and end, and where in the optimizer's vectors they begin.
_OF_SOME = """\
$arguments
$before
$vectors    static const int rows[][3] = {$rows};
    for (int row = 0; row < $count; row++) {
        const int row_begin = begin > rows[row][0] ? begin : rows[row][0];
        const int row_end = end < rows[row][1] ? end : rows[row][1];
        const int to_own = rows[row][2] - rows[row][0];
        #pragma omp simd
        for (int i = row_begin; i < row_end; i++) {
            real dw = summed(gradients, slices, i);
$loads$each
$stores        }
    }
}
"""

_EACH = "    $name(c, gradients, slices, arguments, t, begin, end);\n"


def updates_of(optimizer: Optimizer) -> list[tuple[Optimizer, Update]]:
    """The C of each of the optimizers in one.  Raises Unsupported if one has none."""
    each = optimizer.optimizers if isinstance(optimizer, SeveralOptimizers) else (optimizer,)
    found: list[tuple[Optimizer, Update]] = [(one, lowers.lowered(one)) for one in each]
    for one, update in found:
        check_update(one, update)
    return found


def update_functions(optimizer: Optimizer, graph: Graph) -> str:
    """The function ``update`` of the frame, behind those that it calls."""
    each = updates_of(optimizer)
    if not isinstance(optimizer, SeveralOptimizers):
        return _function("update", *each[0], optimizer.spares(_any_frozen(placed_weights(graph))))
    functions, calls, arguments, vectors = list[str](), "", 0, 0
    placed = [*placed_weights(graph)]
    chosen = [optimizer.chosen(node.parts, name, weight) for node, name, weight in placed]
    for number, (one, update) in enumerate(each):
        name, owned = f"update_{number}", [owner == number for owner in chosen]
        spares = one.spares(_any_frozen(compress(placed, owned)))
        if rows := [*rows_of(placed, owned)]:
            functions.append(_function(name, one, update, spares, arguments, vectors, rows))
            calls += Template(_EACH).substitute(name=name)
        arguments += len(one.step_arguments)
        vectors += len(one.state) + spares
    return "\n".join([*functions, Template(_HEAD).substitute(name="update") + calls + "}\n"])


def _any_frozen(placed: Iterable[Placed]) -> bool:
    return any(node.frozen for node, _, _ in placed)


def _function(
    name: str,
    optimizer: Optimizer,
    update: Update,
    spares: bool,
    arguments: int = 0,
    vectors: int = 0,
    rows: Sequence[tuple[int, int, int]] = (),
) -> str:
    """A function that changes all weights, or those of ``rows``; the optimizer's own ``arguments``
    and ``vectors`` begin there among those of all. It ``spares`` some weights where others decay.
    """
    at, deep = ("i + to_own", 12) if rows else ("i", 8)
    text = update.before + update.each
    kept = [f"c->state[{vectors + index}]" for index in range(len(optimizer.state) + 1)]
    pointers = dict(zip(optimizer.state, kept, strict=False))
    loads, stores = ["real w = all_w[i];"], ["all_w[i] = w;"]
    loads += [f"real {one} = all_{one}[{at}];" for one in optimizer.state]
    stores += [f"all_{one}[{at}] = {one};" for one in optimizer.state]
    if mentions(update.each, "decays"):
        if spares:
            pointers["decays"] = kept[-1]
        loads.append(f"const real decays = {f'all_decays[{at}]' if spares else 1};")
    values = {
        "arguments": "\n".join(
            f"    const double {one} = arguments[{arguments + index}];"
            for index, one in enumerate(optimizer.step_arguments)
            if mentions(text, one)
        ),
        "before": indent(dedent(update.before).strip(), "    "),
        "vectors": "".join(
            f"    real *restrict const all_{one} = {vector};\n"
            for one, vector in {"w": "c->weights", **pointers}.items()
        ),
        "loads": _lines(loads, deep),
        "each": indent(dedent(update.each).strip(), " " * deep),
        "stores": _lines(stores, deep),
        "rows": ", ".join(f"{{{begin}, {end}, {own}}}" for begin, end, own in rows),
        "count": len(rows),
    }
    body = _OF_SOME if rows else _OF_ALL
    return Template(_HEAD + body).substitute(values, name=name)


def _lines(statements: Sequence[str], deep: int) -> str:
    return "".join(f"{' ' * deep}{one}\n" for one in statements)
