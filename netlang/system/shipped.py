"""The files that travel with the package: its grammar, its models and its pages.

In a wheel they lie inside the package, in a checkout beside it; the package may be in a zip.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_PACKAGE = Path(__file__).parents[1]


def folder(name: str) -> Traversable:
    """The shipped folder ``name``, such as ``"grammars"`` or ``"models"``."""
    if not _PACKAGE.is_dir():
        from importlib.resources import files

        return files("netlang").joinpath(name)
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def named(name: str, ending: str) -> dict[str, Traversable]:
    """The files in the shipped folder ``name`` that end so, by their names without the ending."""
    found = sorted(folder(name).iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(ending): file for file in found if file.name.endswith(ending)}
