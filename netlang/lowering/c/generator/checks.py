"""What is refused of a layer, a loss or an optimizer because the C would be wrong."""

from __future__ import annotations

from collections.abc import Iterable

from netlang.compiler.ir import Node
from netlang.lowering.c.generator.broadcast import index
from netlang.lowering.c.kernels import Constants, Elementwise, Kernel, Routine, Rowwise
from netlang.lowering.c.rows import row_sizes
from netlang.lowering.table import Unsupported, described, input_names

# The keywords and macros of GNU C11, and the generator's own type.
_RESERVED = """
    auto break case char const continue default do double else enum extern float for goto if
    inline int long register restrict return short signed sizeof static struct switch typedef
    union unsigned void volatile while real
    asm typeof linux unix i386
"""


def check_names(owner: str, names: Iterable[str], reserved: Iterable[str]) -> None:
    """Raises Unsupported if one of ``names`` is ``reserved``, a word of C, or there twice.

    The C would take the one for the other, often without a word from its compiler.
    """
    seen = {*_RESERVED.split(), *reserved}
    for name in names:
        if name in seen or name.startswith("all_"):  # as the arrays are called
            raise Unsupported(f"{owner} has the name {name}, which has another meaning in its C")
        seen.add(name)


def check_kernel(node: Node, kernel: Kernel) -> None:
    """Raises Unsupported for a kernel that is not right for the node."""
    layer, weights = described(node), node.layer.declared_weights()
    check_form(layer, kernel, len(node.inputs))
    if len(weights) < len(node.layer.tensors()):
        raise Unsupported(f"{layer} keeps statistics, which C cannot")
    values = ["y", *input_names(len(node.inputs))]
    if unknown := set(kernel.reads).difference(values):
        raise Unsupported(f"{layer} reads {min(unknown)}, which is neither an input nor y")
    if kernel.draws and not kernel.evaluated:
        raise Unsupported(f"{layer} draws, and its C does not say how it is evaluated")
    _check_weights(node, kernel)
    _check_inputs(node, kernel)
    keeps = kernel.keeps if isinstance(kernel, Elementwise) else ()
    reserved = [*values, "dy", "drawn", "key", "units", *(f"{name}_grad" for name in weights)]
    if isinstance(kernel, Elementwise):  # the arrays and sums of a loop begin with these
        reserved += ["from", "to", "into", "gradient", *(f"keep_{name}" for name in keeps)]
        reserved += [f"total_{name}" for name in weights]
    else:
        reserved += ["dx", "add", "sum", "N", "n", "r", "samples", "blas"]
    check_names(layer, [*weights, *kernel.constants, *keeps], reserved)


def check_form(owner: str, kernel: object, inputs: int) -> None:
    """Raises Unsupported unless ``kernel`` is one, with a backward text for each input.

    Its constants have to be numbers that C can hold.
    """
    if not isinstance(kernel, Kernel):
        raise Unsupported(f"{owner} has {kernel!r} as its C, which is no kernel")
    backward: object = kernel.backward
    if not isinstance(backward, tuple | list) or not all(isinstance(one, str) for one in backward):
        raise Unsupported(f"{owner} has {backward!r} as backward, which is no tuple of texts")
    if len(backward) != inputs:
        counts = f"{len(backward)} backward texts, and needs {inputs}"
        raise Unsupported(f"{owner} has {counts}: one for each input")
    _check_constants(owner, kernel.constants)


def _check_constants(owner: str, constants: Constants) -> None:
    for name, value in constants.items():
        constant: object = value
        if not isinstance(constant, int | float):
            raise Unsupported(f"{owner} has {constant!r} as {name}, which is no int or float")
        if isinstance(constant, int) and not -(1 << 63) <= constant < 1 << 63:
            raise Unsupported(f"{owner} has {constant} as {name}, which does not fit in 64 bits")


def _check_weights(node: Node, kernel: Kernel) -> None:
    weights = node.layer.declared_weights()
    if weights and not kernel.gradients:
        raise Unsupported(f"{described(node)} has weights, and its C no gradients for them")
    if isinstance(kernel, Elementwise):
        if set(weights) != set(kernel.gradients):
            raise Unsupported(f"{described(node)} has other weights than its C has gradients for")
        for name, weight in weights.items():
            try:
                index(weight.shape, node.shape)
            except ValueError:
                shapes = f"{list(weight.shape)} to {list(node.shape.sizes)}"
                wrong = f"{described(node)} cannot broadcast its {name} from {shapes}"
                raise Unsupported(wrong) from None


def _check_inputs(node: Node, kernel: Kernel) -> None:
    """Refuse shapes with which the C would read what lies beside an input."""
    for x in node.takes:
        same = x.sizes == node.shape.sizes
        if isinstance(kernel, Rowwise):
            same = row_sizes(x)[0] == row_sizes(node.shape)[0]
        if not same and not isinstance(kernel, Routine):
            raise Unsupported(f"{described(node)} changes its input's shape, and is no Routine")
