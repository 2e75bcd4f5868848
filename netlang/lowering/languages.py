"""Each target has its functions here, and what writes files for ``netlang export``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.lowering import c, numpy, onnx, pytorch
from netlang.lowering.c.inference import to_c
from netlang.lowering.trained import TrainedProgram
from netlang.system.record import Record


class Export(Record):
    """A target of ``netlang export``. What it cannot say raises Unsupported.

    ``network`` gives the files of a trained network, by their names, which begin with a stem: the
    first is the one to look at, and ``ending`` is its own. It cannot be called as one of the
    ``modules``, as it would import itself. ``program`` gives a program that is trained there, as
    text for a file in a folder; None where the target does not train.
    """

    ending: str
    network: Callable[[TrainedProgram, str], Mapping[str, bytes]]
    program: Callable[[Program, Path], str] | None = None
    modules: Collection[str] = ()


LOWERINGS = (c.lowers, c.computes, numpy.lowers, onnx.lowers, pytorch.lowers)

# By the name of the target in `netlang export --to`.
EXPORTS: Mapping[str, Export] = {
    "numpy": Export(".py", network=numpy.to_numpy, modules=pytorch.MODULES),
    "torch": Export(
        ".py",
        program=lambda program, folder: pytorch.to_pytorch(program, folder).source,
        network=pytorch.to_trained_pytorch,
        modules=pytorch.MODULES,
    ),
    "onnx": Export(".onnx", network=onnx.to_onnx),
    "c": Export(".c", network=to_c),
}
