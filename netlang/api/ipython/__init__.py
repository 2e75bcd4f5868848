"""What netlang adds to IPython and Jupyter: cells of netlang, and the words that complete them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What ``%load_ext netlang`` calls: cells may begin with ``%%net``."""
    from netlang.api.ipython import extension  # takes time

    extension.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What ``%unload_ext netlang`` calls."""
    from netlang.api.ipython import extension

    extension.unload(shell)
