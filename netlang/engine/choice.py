"""Which engine trains a program: the one that is asked for, or the one that is done sooner.

How long an engine takes is estimated. In seconds, with T steps of B samples through n layers, and
the network's multiply-adds M for one sample, of which training takes three times as many:

    on tensors   T (35e-6 + 7e-6 n + 3 M B / 30e9)
    in C         T (0.2e-6 + 0.1e-6 n + 3 M B / 45e9), and 0.08 + 0.02 d + 1e-3 n to write it and
                 compile it, with d different layers, whose functions the others share

On tensors, a way of a recurrent layer through a sequence takes as long as four layers at each step,
and a convolution as twenty; in C, they take as long to compile as six that differ, and as four.

The numbers are those of one core of a server of 2024, rounded, for models/ and the networks of the
benchmarks. They need not be exact, as C is fifty times faster for small networks, and twice for
large ones. Nothing else is asked, not even whether the code is compiled already: a program is run
in the same way each time, so that the same seed gives the same bits.
"""

from __future__ import annotations

from netlang.catalogue.layers import Conv1d, Conv2d, ConvTranspose2d
from netlang.catalogue.layers.recurrence import Recurrent
from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Optimizer
from netlang.compiler.ir import Node, Program
from netlang.engine.contract import Engine
from netlang.engine.descent import Descent
from netlang.engine.memory import EngineMemory, native_memory, tensor_memory
from netlang.engine.network import Network
from netlang.engine.tensor import TensorEngine
from netlang.lowering.lowerings import Unsupported

BACKENDS = ("auto", "tensor", "native")
_CONVOLUTIONS = Conv1d, Conv2d, ConvTranspose2d


def choose(
    wanted: str, program: Program, network: Network, loss: Loss, optimizer: Optimizer | Descent
) -> Engine:
    """The engine for ``wanted``, one of BACKENDS, to train ``network`` as ``program`` says.

    Where C is asked for or pays, and cannot be had, it is the tensor engine, and its ``note`` says
    why.  Raises ValueError for a name that is not in BACKENDS.
    """
    parts, note = (network, loss, optimizer, program.batch_size, program.seed), ""
    if _wants_native(wanted, program):
        from netlang.engine.native.cc import NotCompiled
        from netlang.engine.native.engine import NativeEngine

        try:
            return NativeEngine(*parts, at_once=program.at_once)
        except (Unsupported, NotCompiled) as reason:
            note = f"trained on tensors: {reason}"
    engine = TensorEngine(*parts, at_once=program.at_once)
    engine.note = note
    return engine


def expected_memory(wanted: str, program: Program) -> EngineMemory:
    """What the engine that ``choose`` is going to take holds, as far as that is known before
    anything is compiled.  Raises ValueError as ``choose`` does.
    """
    if _wants_native(wanted, program):
        from netlang.engine.native.cc import NotCompiled, compiler_command

        try:
            compiler_command()
            return native_memory(program)
        except (Unsupported, NotCompiled):
            pass
    return tensor_memory(program)


def _wants_native(wanted: str, program: Program) -> bool:
    """Whether C is asked for, or compiling it takes less time than it saves."""
    if wanted not in BACKENDS:
        raise ValueError(f"there is no backend {wanted!r}: it is one of {', '.join(BACKENDS)}")
    return wanted == "native" or (wanted == "auto" and _compiling_pays(program))


def expected_seconds(program: Program, wanted: str = "auto") -> float:
    """About how long training takes by ``wanted``, one of BACKENDS, without loading and measuring.
    It may be wrong by a factor of some.
    """
    in_c = _seconds_in_c(program)
    if wanted == "native":
        return in_c
    on_tensors = _seconds_on_tensors(program)
    return on_tensors if wanted == "tensor" else min(in_c, on_tensors)


def _compiling_pays(program: Program) -> bool:
    return _seconds_in_c(program) < _seconds_on_tensors(program)


def _seconds_on_tensors(program: Program) -> float:
    nodes = program.graph.layers
    one_by_one = len(nodes) + sum(map(_more_on_tensors, nodes))
    return _steps(program) * (35e-6 + 7e-6 * one_by_one + _macs(program) / 30e9)


def _seconds_in_c(program: Program) -> float:
    """With the time that it takes to compile it."""
    nodes = program.graph.layers
    different = {
        (node.layer.name, *node.layer.values.values(), *map(str, node.takes)) for node in nodes
    }
    functions = len(different) + sum(map(_more_in_c, nodes))
    compiling = 0.08 + 0.02 * functions + 1e-3 * len(nodes)
    return compiling + _steps(program) * (0.2e-6 + 0.1e-6 * len(nodes) + _macs(program) / 45e9)


def _steps(program: Program) -> int:
    """How many steps the whole training has."""
    samples = program.description.train if program.description else 0
    return -(-samples // program.batch_size) * program.epochs


def _macs(program: Program) -> int:
    """The multiply-adds of a step."""
    return 3 * program.graph.macs * program.batch_size


def _ways(node: Node) -> int:
    """How often a recurrent layer goes through a sequence."""
    return sum(map(len, node.layer.ways)) if isinstance(node.layer, Recurrent) else 0


def _more_on_tensors(node: Node) -> int:
    """The layers that one takes as long as, beside itself."""
    if isinstance(node.layer, _CONVOLUTIONS):
        return 19
    return 4 * _ways(node) * node.takes[0].sizes[0] if _ways(node) else 0


def _more_in_c(node: Node) -> int:
    """Those that it takes as long to compile as."""
    return 3 if isinstance(node.layer, _CONVOLUTIONS) else 6 * _ways(node)
