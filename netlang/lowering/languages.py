"""Each target has its functions here, and what writes whole programs for ``netlang export``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.lowering import c, pytorch
from netlang.system.record import Record


class Export(Record):
    """``write`` gives a program as text for a file in a folder.  Raises Unsupported.

    The file cannot be called as one of the ``modules``, as the program would import the file.
    """

    write: Callable[[Program, Path], str]
    modules: Collection[str] = ()


LOWERINGS = (c.lowers, pytorch.lowers)

# By the name of the target in `netlang export --to`.
EXPORTS: Mapping[str, Export] = {
    "torch": Export(
        lambda program, folder: pytorch.to_pytorch(program, folder).source, pytorch.MODULES
    )
}
