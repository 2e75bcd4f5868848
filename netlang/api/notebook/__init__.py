"""What netlang shows in a notebook: its objects as HTML, a live display, and the magic `%%net`.

It is HTML of tables, texts and pictures, without scripts, so that it is shown in Jupyter, VS Code
and marimo, in notebooks that are not trusted, and in what is exported from them. Its colours are
the theme's, or such as suit light and dark ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What ``%load_ext netlang`` calls: cells may begin with ``%%net``."""
    from netlang.api.notebook import extension  # takes time

    extension.load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What ``%unload_ext netlang`` calls."""
    from netlang.api.notebook import extension

    extension.unload(shell)
