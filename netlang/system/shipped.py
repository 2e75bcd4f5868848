"""The files that travel with the package: its grammar, models, library and pages.

In a wheel all of them lie inside the package; in a checkout some lie beside it. The package may be
in a zip.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_PACKAGE = Path(__file__).parents[1]


def folder(name: str) -> Traversable:
    """The shipped folder ``name``, such as ``"grammars"`` or ``"models"``."""
    found = inside(name)
    return found if found.is_dir() else _PACKAGE.parent / name


def inside(name: str) -> Traversable:
    """The file or folder ``name`` inside the package, such as ``"std.net"``."""
    if _PACKAGE.is_dir():
        return _PACKAGE / name
    from importlib.resources import files

    return files("netlang").joinpath(name)


def files_in(name: str, ending: str) -> dict[str, Traversable]:
    """The files with that ending in the shipped folder ``name``, by their names without it."""
    found = sorted(folder(name).iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(ending): file for file in found if file.name.endswith(ending)}
