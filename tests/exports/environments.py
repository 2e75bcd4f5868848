"""Environments without netlang, for what exports need alone: a package and what it requires.

They are made in a moment, without a network: packages are links to those of this environment.
"""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

_NETLANG = "import importlib.util as u, sys; sys.exit(bool(u.find_spec('netlang')))"


def environment(folder: Path, *packages: str) -> Path:
    """The Python of an environment in ``folder``, which has these packages and what they require.

    Raises AssertionError if netlang can be imported there.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    for found in _required(packages).values():
        for name in _tops(found):
            source, link = Path(str(found.locate_file(name))).resolve(), site / name
            if source.exists() and not link.exists():
                link.symlink_to(source)
    python = folder / "bin" / "python"
    outside = subprocess.run([python, "-I", "-c", _NETLANG], cwd=folder, check=False)
    assert outside.returncode == 0, "netlang can be imported here"
    return python


def _required(packages: tuple[str, ...]) -> dict[str, Distribution]:
    """The distributions of packages and of all that these require here, by their names."""
    found: dict[str, Distribution] = {}
    asked = [*packages]
    while asked:
        name = asked.pop().lower().replace("_", "-")
        if name in found:
            continue
        try:
            one = found[name] = distribution(name)
        except PackageNotFoundError:  # of another system
            continue
        for text in one.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                asked.append(requirement.name)
    return found


def _tops(found: Distribution) -> set[str]:
    """The names of files and folders in site-packages that belong to a distribution."""
    tops = {re.split(r"[\\/]", str(file))[0] for file in found.files or ()}
    return {name for name in tops if name not in ("..", "__pycache__", "bin")}
