"""What shows HTML here: the cell of a notebook, whose output may be replaced by a later one."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from netlang.api.notebook.markup import Html, page


class Screen(ABC):
    """The place of one output in the cell that runs."""

    @abstractmethod
    def show(self, html: Html, text: str) -> None:
        """Show ``html`` in place of what was shown before; ``text`` where there is no HTML."""

    def clear(self) -> None:
        """Show nothing there."""
        self.show(Html(""), "")


class _Jupyter(Screen):
    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, html: Html, text: str) -> None:
        data = {"text/html": page(html), "text/plain": text}
        if self._handle is None:
            self._handle = _display(data)
        else:
            self._handle.update(data, raw=True)


def _display(data: Mapping[str, str]) -> Any:
    """Show ``data`` in a new place.  Returns what replaces them there."""
    from IPython import display

    show: Any = display.display  # it has no types
    return show(data, raw=True, display_id=True)


class _Marimo(Screen):
    """A cell of marimo has one place for its output, which its last line takes in the end."""

    def __init__(self, marimo: Any) -> None:
        self._marimo = marimo  # which stands in no extra: whoever has it, runs it

    def show(self, html: Html, text: str) -> None:
        self._marimo.output.replace(self._marimo.Html(page(html)))


def screen() -> Screen | None:
    """A new place in the cell that runs; None outside of notebooks, and in IPython's terminal.

    It imports nothing: a notebook has imported what shows its cells.
    """
    if is_kernel():
        return _Jupyter()
    marimo = sys.modules.get("marimo")
    return _Marimo(marimo) if marimo and marimo.running_in_notebook() else None


def is_kernel() -> bool:
    """Whether this is a kernel of Jupyter, in whatever shows its notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    return bool(shell) and hasattr(shell, "kernel")
