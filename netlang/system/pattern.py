"""A path whose last part has a ``*`` stands for several files, in the order of their names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

_NO_PARTS = (".", "_")  # begin the names of files that lie beside the parts of a table


def is_pattern(path: Path) -> bool:
    """Whether a path stands for several files: a file may be called so, too."""
    return "*" in path.name and not os.path.lexists(path)


def files_of(path: Path) -> Sequence[Path]:
    """The files that a path stands for: those whose names have any characters in the place of each
    ``*``, or the path itself. Where nothing fits, or there is no such folder, there are none.
    """
    if not is_pattern(path):
        return [path]
    fits = re.compile(".*".join(map(re.escape, path.name.split("*"))), re.DOTALL)
    try:
        names = sorted(os.listdir(path.parent))
    except (OSError, ValueError):
        return []
    return [path.parent / one for one in names if fits.fullmatch(one) and not _lies_beside(one)]


def _lies_beside(name: str) -> bool:
    return name.startswith(_NO_PARTS)
