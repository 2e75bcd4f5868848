"""How long a program trains on tensors and in C, estimated before it does.

In seconds, with T steps of B samples through n layers, and the network's
multiply-adds M for one sample, of which training takes three times as many:

    on tensors   T (20e-6 + 5e-6 n + 3 M B / 30e9)
    in C         T (0.2e-6 + 0.1e-6 n + 3 M B / 60e9), and 0.2 + 0.05 d + 1.2e-3 n to write it and
                 compile it, with d different layers, whose functions the others share

The numbers are those of one core of a server of 2024, rounded; they need not be exact, as C is
sixty times faster for small networks, and twice for large ones. Nothing else is asked, not even
whether the code is compiled already: a program is run in the same way each time, so that the same
seed gives the same bits.
"""

from __future__ import annotations

from netlang.compiler.ir.program import Program


def compiling_pays(program: Program) -> bool:
    """Whether compiling takes less time than it saves."""
    return compile_seconds(program) + native_seconds(program) < tensor_seconds(program)


def tensor_seconds(program: Program) -> float:
    return _steps(program) * (20e-6 + 5e-6 * _layers(program) + _work(program) / 30e9)


def native_seconds(program: Program) -> float:
    return _steps(program) * (0.2e-6 + 0.1e-6 * _layers(program) + _work(program) / 60e9)


def compile_seconds(program: Program) -> float:
    nodes = program.graph.layers
    different = {
        (node.layer.name, *node.layer.values.values(), *map(str, node.takes)) for node in nodes
    }
    return 0.2 + 0.05 * len(different) + 1.2e-3 * len(nodes)


def _steps(program: Program) -> int:
    samples = program.description.train if program.description else 0
    return program.epochs * -(-samples // program.batch_size)


def _layers(program: Program) -> int:
    return len(program.graph.layers)


def _work(program: Program) -> int:
    """Multiply-adds in a step."""
    return 3 * program.graph.macs * program.batch_size
