"""The golden files of printed programs, and what they are printed from.

``python -m tests.compiler.ir.accept``, in the root of the checkout, writes the .ir files anew.
"""

from __future__ import annotations

from pathlib import Path

from netlang.compiler.ir import print_program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.paths import MODELS

HERE = Path(__file__).parent
FILES = [*sorted(MODELS.glob("*.net")), *sorted(HERE.glob("*.net"))]


def printed(path: Path, *overrides: str) -> str:
    source = SourceFile(path.name, path.read_text(encoding="utf-8"), path)
    return print_program(compile_source(source, overrides).require()) + "\n"


def golden(path: Path) -> Path:
    """The golden file of the program ``path``."""
    return HERE / f"{path.stem}.ir"


if __name__ == "__main__":
    for file in FILES:
        golden(file).write_text(printed(file), encoding="utf-8", newline="\n")
