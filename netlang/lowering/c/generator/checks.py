"""Refuses C of layers, losses and optimizers that would not compile, or would compute wrongly.

The checks raise Unsupported, and its message tells the author what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from netlang.catalogue.items import Item
from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Optimizer
from netlang.compiler.ir import Node
from netlang.lowering.c.generator.broadcast import index
from netlang.lowering.c.generator.texts import is_name, mentions, names
from netlang.lowering.c.kernels import (
    Change,
    Constants,
    Elementwise,
    ElementwiseLoss,
    LayerKernel,
    Routine,
    Rowwise,
    RowwiseLoss,
    SingleLoss,
    Update,
)
from netlang.lowering.c.rows import row_sizes
from netlang.lowering.lowerings import Unsupported, described, input_names

# The keywords and macros of GNU C11, and the generator's own type.
_RESERVED = """
    auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while real
    asm typeof linux unix i386
"""
_OF_WEIGHT = ["i", "w", "dw", "decays"]
_AROUND_UPDATE = ["c", "gradients", "slices", "arguments", "t", "begin", "end", *_OF_WEIGHT]
_AROUND_UPDATE += ["rows", "row", "row_begin", "row_end", "to_own"]  # of several optimizers
_IN_LOOP = re.compile(r"[eNsuir]|add|samples|(\w+_)?d?[xy]\d+")  # the names of a loop of layers
_AROUND_LOSS = [
    "y",
    "t",
    "dy",
    "batch",
    "rows",
    "N",
    "n",
    "row",
    "e",
    "r",
    "class",
    "classes",
    "of_class",
]


def check_layer(node: Node, kernel: LayerKernel) -> None:
    """Refuse a kernel that does not fit the node's layer and shapes."""
    layer, inputs = described(node), input_names(len(node.inputs))
    for field, texts in {"backward": kernel.backward, "reads": kernel.reads}.items():
        if not isinstance(texts, tuple | list):
            raise Unsupported(f"{layer} has {texts!r} as {field}, which is no tuple of texts")
    if len(kernel.backward) != len(inputs):
        counts = f"{len(kernel.backward)} backward texts, and needs {len(inputs)}"
        raise Unsupported(f"{layer} has {counts}: one for each input")
    if unknown := set(kernel.reads).difference(["y", *inputs]):
        raise Unsupported(f"{layer} reads {min(unknown)}, which is neither an input nor y")
    if kernel.draws and not kernel.evaluated:
        raise Unsupported(f"{layer} draws, and its C does not say how it is evaluated")
    _check_constants(layer, kernel.constants)
    _check_inputs(node, kernel)
    _check_weights(node, kernel)
    weights = [*node.layer.declared_weights()]
    if isinstance(kernel, Elementwise):
        _check_expressions(layer, kernel, inputs)
    else:
        _check_statements(layer, kernel, inputs, weights)
    _check_layer_names(layer, kernel, inputs, weights)


def check_loss(loss: Loss, kernel: SingleLoss) -> None:
    """Refuse a kernel that fills no gradient, and names that its constants cannot have."""
    fills, absent = ([], ["e", "N"]) if isinstance(kernel, ElementwiseLoss) else (["dy"], [])
    tables = kernel.tables if isinstance(kernel, RowwiseLoss) else {}
    _check_constants(loss.name, kernel.constants)
    _check_names(loss.name, [*kernel.constants, *tables], _AROUND_LOSS)
    _check_text(loss.name, "gradient", kernel.gradient, fills, absent)


def check_update(optimizer: Optimizer, update: Update) -> None:
    """Refuse a step that changes no weight, and names that its arguments cannot have."""
    _check_text(optimizer.name, "each", update.each, ["w"])
    arguments = [argument.name for argument in optimizer.arguments]
    _check_names(optimizer.name, arguments, _AROUND_UPDATE)
    _check_names(optimizer.name, optimizer.state, [*arguments, *_OF_WEIGHT])


def check_change(item: Item, change: Change) -> None:
    """Refuse a penalty or a clipping that changes no gradient, and names that its arguments cannot
    have.
    """
    _check_text(item.name, "each", change.each, ["dw"])
    measured = ["sum"] if change.measure else []
    if measured:
        _check_text(item.name, "measure", change.measure, ["dw"])
        _check_text(item.name, "before", change.before, measured)
    _check_constants(item.name, change.arguments)
    _check_names(item.name, change.arguments, [*_AROUND_UPDATE, "sum", "weights"])


def _check_inputs(node: Node, kernel: LayerKernel) -> None:
    """Refuse shapes with which the C would read what lies beside an input."""
    for x in node.takes:
        same = x.sizes == node.shape.sizes
        if isinstance(kernel, Rowwise):
            same = row_sizes(x)[0] == row_sizes(node.shape)[0]
        if not same and not isinstance(kernel, Routine):
            raise Unsupported(f"{described(node)} changes its input's shape, and is no Routine")


def _check_weights(node: Node, kernel: LayerKernel) -> None:
    layer, weights = described(node), node.layer.declared_weights()
    if len(weights) < len(node.layer.tensors()) and not isinstance(kernel, Routine):
        raise Unsupported(f"{layer} keeps statistics, and is no Routine")
    if weights and not kernel.gradients:
        raise Unsupported(f"{layer} has weights, and its C no gradients for them")
    if isinstance(kernel, Elementwise):
        if set(weights) != set(kernel.gradients):
            raise Unsupported(f"{layer} has other weights than its C has gradients for")
        for name, weight in weights.items():
            try:
                index(weight.shape, node.shape)
            except ValueError:
                shapes = f"{list(weight.shape)} to {list(node.shape.sizes)}"
                raise Unsupported(f"{layer} cannot broadcast its {name} from {shapes}") from None
    elif not weights and (kernel.gradients or (isinstance(kernel, Routine) and kernel.sums)):
        raise Unsupported(f"{layer} has no weights, and its C has gradients or sums for some")


def _check_expressions(layer: str, kernel: Elementwise, inputs: Collection[str]) -> None:
    """Refuse an expression that names what is not there forwards, ``early``, or ``late``, or what
    only the loop around it declares, for itself or for other layers.
    """
    declared = {*inputs, *kernel.constants, *kernel.keeps, *kernel.gradients}

    def check(field: str, text: str, absent: Iterable[str]) -> None:
        _check_text(layer, field, text, absent=absent)
        of_loop = {name for name in names(text) if _IN_LOOP.fullmatch(name)}
        _check_text(layer, field, text, absent=of_loop - declared)

    early = {"y", "dy"} if kernel.draws else {"y", "dy", "drawn"}
    late = {"y", *inputs, "drawn"}.difference(kernel.reads)
    for field, text in {"forward": kernel.forward, **kernel.keeps}.items():
        check(field, text, early)
    if kernel.evaluated:
        check("evaluated", kernel.evaluated, {*early, "drawn", *kernel.keeps})
    for text in kernel.backward:
        check("backward", text, late)
    for text in kernel.gradients.values():
        check("gradients", text, late)


def _check_statements(
    layer: str, kernel: Rowwise | Routine, inputs: Collection[str], weights: Collection[str]
) -> None:
    """Refuse the same of statements, and those that do not fill what they have to."""
    declared = {"blas": kernel.calls_blas, "drawn": kernel.draws}
    early = {name for name, is_there in declared.items() if not is_there}
    late = {"y", *inputs, *early}.difference(kernel.reads)
    _check_text(layer, "forward", kernel.forward, ["y"], early)
    if kernel.evaluated:
        _check_text(layer, "evaluated", kernel.evaluated, ["y"], {*early, "drawn"})
    if isinstance(kernel, Routine) and kernel.inward:
        _check_text(layer, "inward", kernel.inward, absent=late)
    for text in kernel.backward:
        _check_text(layer, "backward", text, ["dx"], late)
    if weights:
        sums = kernel.sums if isinstance(kernel, Routine) else {}
        emptied = " ".join(array.statement for array in sums.values())
        gradients = (f"{name}_grad" for name in weights)
        fills = [*sums, *(name for name in gradients if not mentions(emptied, name))]
        _check_text(layer, "gradients", kernel.gradients, fills, late)


def _check_text(
    owner: str, field: str, text: object, fills: Iterable[str] = (), absent: Iterable[str] = ()
) -> None:
    """Refuse a text that does not mention all that it ``fills``, or mentions what is ``absent``."""
    if not isinstance(text, str) or not text.strip():
        raise Unsupported(f"{owner} has {text!r} as {field}, which is no text of C")
    for name in fills:
        if not mentions(text, name):
            raise Unsupported(f"{owner} does not fill {name} in {field}")
    for name in sorted(absent):
        if mentions(text, name):
            raise Unsupported(f"{owner} names {name} in {field}, where it is not declared")


def _check_constants(owner: str, constants: Constants) -> None:
    for name, value in constants.items():
        constant: object = value
        if not isinstance(constant, int | float):
            raise Unsupported(f"{owner} has {constant!r} as {name}, which is no int or float")
        if isinstance(constant, int) and not -(1 << 63) <= constant < 1 << 63:
            raise Unsupported(f"{owner} has {constant} as {name}, which does not fit in 64 bits")


def _check_layer_names(
    layer: str, kernel: LayerKernel, inputs: Collection[str], weights: Collection[str]
) -> None:
    used = [*weights, *kernel.constants]
    reserved = ["y", *inputs, "dy", "drawn", "key", "units", *(f"{name}_grad" for name in weights)]
    if isinstance(kernel, Elementwise):  # the arrays and sums of a loop begin with these
        used += kernel.keeps
        reserved += ["from", "to", "into", "gradient", *(f"keep_{name}" for name in kernel.keeps)]
        reserved += [f"total_{name}" for name in weights]
    else:
        used += _arrays(kernel)
        if isinstance(kernel, Routine):
            used += [*kernel.keeps, *kernel.scratch]
        reserved += ["dx", "add", "sum", "N", "samples", "blas"]
        reserved += ["n", "r"] if isinstance(kernel, Rowwise) else []
    _check_names(layer, used, reserved)


def _check_names(owner: str, used: Iterable[str], reserved: Iterable[str]) -> None:
    """Refuse a name that is ``reserved``, a word of C, there twice, or none in C.

    The C would take the one for the other, often without a word from its compiler.
    """
    seen = {*_RESERVED.split(), *reserved}
    for name in used:
        if not is_name(name):
            raise Unsupported(f"{owner} has the name {name!r}, which is none in C")
        if name in seen or name.startswith("all_"):  # as the arrays are called
            raise Unsupported(f"{owner} has the name {name}, which has another meaning in its C")
        seen.add(name)


def _arrays(kernel: Rowwise | Routine) -> list[str]:
    """The names of those that stay with weights."""
    return [*kernel.prepared, *kernel.sums] if isinstance(kernel, Routine) else []
