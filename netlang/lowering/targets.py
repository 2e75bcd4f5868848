"""Each target has a line here for its table, and one if `netlang export` writes programs in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from netlang.compiler.ir import Program
from netlang.lowering import c, pytorch

TABLES = (c.lowers, pytorch.lowers)

# By target of `netlang export --to`, what writes a program for a folder. Raises Unsupported.
EXPORTS: Mapping[str, Callable[[Program, Path], str]] = {
    "torch": lambda program, folder: pytorch.to_pytorch(program, folder).source
}
