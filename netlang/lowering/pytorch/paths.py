"""Where an exported file finds data: in files that it names by their paths from its own folder."""

from __future__ import annotations

import os
from pathlib import Path

from netlang.lowering.python.text import literal, statement


def relative(path: Path, folder: Path) -> str:
    """A path from the ``folder``, as all systems write it."""
    return Path(os.path.relpath(path, folder)).as_posix()


def path_of(path: Path, folder: Path) -> str:
    """The expression of a path from the file's own folder."""
    return f"Path(__file__).parent / {literal(relative(path, folder))}"


def constant(name: str, path: Path, folder: Path) -> str:
    """The line that gives a path a name."""
    return statement(0, f"{name} = ", path_of(path, folder))


def above(*constants: str) -> str:
    """Constants as they stand above a function."""
    return "\n".join([*constants, "\n\n"]) if constants else ""
