"""A kernel becomes a function in C, which computes the layer for one sample."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent, indent

from netlang.compiler.ir import Node
from netlang.lowering.c.generator.broadcast import index
from netlang.lowering.c.generator.texts import mentions, substituted
from netlang.lowering.c.inference.spelling import constants, plain
from netlang.lowering.c.kernels import Elementwise, ForwardOnly, LayerKernel, Routine, Rowwise
from netlang.lowering.c.rows import row_sizes
from netlang.lowering.lowerings import Unsupported, described, input_names
from netlang.system.record import Record


class Function(Record):
    """The ``body`` of a function, and its ``parameters``: the names of arrays, of which it changes
    those that ``changes`` says.
    """

    parameters: tuple[str, ...]
    changes: frozenset[str]
    body: str

    @property
    def text(self) -> str:
        """All behind the function's name."""
        declared = [
            f"float *{name}" if name in self.changes else f"const float *{name}"
            for name in self.parameters
        ]
        return f"({', '.join(declared)}) {{\n{indent(self.body, '    ')}\n}}\n"


def function_of(node: Node, kernel: LayerKernel | ForwardOnly) -> Function:
    """The function that fills ``y`` from the node's inputs."""
    match kernel:
        case Elementwise():
            lines = _elementwise(node, kernel)
        case Rowwise():
            lines = _rowwise(node, kernel)
        case Routine():
            lines = _statements(_of_one_sample(node, kernel))
        case ForwardOnly():
            lines = _statements(kernel.forward)
    body = "\n".join(lines)
    scratch = kernel.scratch if isinstance(kernel, ForwardOnly) else {}
    named = [*input_names(len(node.inputs)), *node.layer.tensors(), *scratch, "y"]
    return Function(
        tuple(name for name in named if mentions(body, name)),
        frozenset({"y", *scratch}),
        "\n".join([*constants(kernel.constants, body), *lines]),
    )


def _of_one_sample(node: Node, kernel: Routine) -> str:
    """Raises Unsupported for a text that needs more than a sample and weights."""
    if not kernel.alone and (kernel.prepared or kernel.calls_blas):
        why = "prepares arrays or calls the BLAS, and does not say what it does `alone`"
        raise Unsupported(f"{described(node)} {why}, without them")
    return kernel.alone or kernel.evaluated or kernel.forward


def _statements(text: str) -> list[str]:
    """Without what only a compiler of the native engine understands."""
    lines = plain(dedent(text)).splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#pragma")]


def _elementwise(node: Node, kernel: Elementwise) -> list[str]:
    """A loop over all numbers; over rows and the numbers in them, where there are weights."""
    (rows, row), weights = row_sizes(node.shape), node.layer.declared_weights()
    in_rows = bool(weights) and rows > 1
    at = "e" if in_rows else "i"
    known = {name: f"{name}[{at}]" for name in input_names(len(node.inputs))}
    known |= {name: f"{name}[{_index(weight.shape, node)}]" for name, weight in weights.items()}
    expression = kernel.evaluated or kernel.forward
    kept = _needed(expression, kernel.keeps)
    lines = [f"const float {name} = {plain(_in(known, kernel.keeps[name]))};" for name in kept]
    lines.append(f"y[{at}] = {plain(_in(known, expression))};")
    if not in_rows:
        return _loop(f"int i = 0; i < {rows * row}; i++", lines)
    lines.insert(0, f"const int e = r * {row} + i;")
    inner = _loop(f"int i = 0; i < {row}; i++", lines)
    return _loop(f"int r = 0; r < {rows}; r++", inner)


def _rowwise(node: Node, kernel: Rowwise) -> list[str]:
    rows, row = row_sizes(node.shape)
    statements = _statements(kernel.evaluated or kernel.forward)
    size = [f"enum {{ n = {row} }};"]
    if rows == 1:
        return [*size, *statements]
    widths = {"y": row} | {
        name: row_sizes(x)[1]
        for name, x in zip(input_names(len(node.inputs)), node.takes, strict=True)
    }
    known = {name: f"{name}_row" for name in widths}
    rowed = [_in(known, line) for line in statements]
    used = "\n".join(statements)
    starts = [
        f"{'' if name == 'y' else 'const '}float *const {name}_row = {name} + r * {width};"
        for name, width in widths.items()
        if mentions(used, name)
    ]
    return [*size, *_loop(f"int r = 0; r < {rows}; r++", [*starts, *rowed])]


def _needed(expression: str, keeps: Mapping[str, str]) -> list[str]:
    """Those that the expression uses, or one of these."""
    found: list[str] = []
    for name in reversed([*keeps]):
        if mentions(expression, name) or any(mentions(keeps[one], name) for one in found):
            found.insert(0, name)
    return found


def _in(known: Mapping[str, str], text: str) -> str:
    return substituted(text, known)


def _index(weight: tuple[int, ...], node: Node) -> str:
    """Where the weight of a number stands."""
    return index(weight, node.shape).replace("r / 1 ", "r ").removesuffix(" * 1")


def _loop(over: str, body: list[str]) -> list[str]:
    if len(body) == 1:
        return [f"for ({over}) {body[0]}"]
    return [f"for ({over}) {{", *indent("\n".join(body), "    ").splitlines(), "}"]
