"""Which engine runs a program: the one that is asked for, or the one that is done sooner."""

from __future__ import annotations

from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Optimizer
from netlang.compiler.ir import Program
from netlang.compiler.ir.time_estimate import compiling_pays
from netlang.engine.contract import Engine
from netlang.engine.network import Network
from netlang.engine.tensor import TensorEngine
from netlang.lowering.table import Unsupported

BACKENDS = ("auto", "tensor", "native")


def choose(
    wanted: str, program: Program, network: Network, loss: Loss, optimizer: Optimizer
) -> Engine:
    """The engine for ``wanted``, one of BACKENDS, to train ``network`` as ``program`` says.

    Where native code cannot be had, it is the tensor engine; its ``note`` says why, if C was asked
    for or would have paid.  Raises ValueError for a name that is not in BACKENDS.
    """
    if wanted not in BACKENDS:
        raise ValueError(f"there is no backend {wanted!r}: it is one of {', '.join(BACKENDS)}")
    parts, note = (network, loss, optimizer, program.batch_size, program.seed), ""
    if wanted == "native" or (wanted == "auto" and compiling_pays(program)):
        from netlang.engine.native import NativeEngine, NotCompiled

        try:
            return NativeEngine(*parts)
        except (Unsupported, NotCompiled) as reason:
            if wanted == "native" or isinstance(reason, NotCompiled):
                note = f"trained on tensors: {reason}"
    engine = TensorEngine(*parts)
    engine.note = note
    return engine
