"""Each target has its functions here, and what writes files for ``netlang export``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from keyword import iskeyword
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.lowering import c, numpy, onnx, pytorch
from netlang.lowering.c.inference import STANDARD_HEADERS, to_c
from netlang.lowering.trained import TrainedProgram
from netlang.system.record import Record


class Export(Record):
    """A target of ``netlang export``. What it cannot say raises Unsupported.

    ``network`` gives the files of a trained network, by their names, which begin with a stem: the
    first is the one to look at, and ``ending`` is its own. It cannot be called as one of the
    ``modules`` that such files import or include, as it would be taken for that. ``program`` gives
    a program that is trained there, as text for a file in a folder; None where the target does not
    train.
    """

    ending: str
    network: Callable[[TrainedProgram, str], Mapping[str, bytes]]
    program: Callable[[Program, Path], str] | None = None
    modules: Collection[str] = ()

    def taken_for(self, stem: str) -> str:
        """What a file of this stem would be taken for; an empty text where for itself."""
        if stem in self.modules:
            return f"C's own {stem}.h" if self.ending == ".c" else "a module that it imports"
        return "a word of Python" if self.ending == ".py" and iskeyword(stem) else ""


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
    "c": Export(".c", network=to_c, modules=STANDARD_HEADERS),
}
