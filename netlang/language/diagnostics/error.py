"""The exception that carries diagnostics."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic


class NetError(ValueError):
    """Carries diagnostics out of code that cannot go on, to code that reports them.

    Its text is that of all their messages, as the command line shows them. It is a ValueError, as
    what it is about is always something that somebody wrote: a file, an argument, data.
    """

    __module__ = "netlang"  # as it is imported, and as Python calls it above its text

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        # It takes time to import, and is rarely needed.
        from netlang.language.diagnostics.rendering.text import render_all

        return render_all(self.diagnostics)

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show in place of a traceback: the messages, in colour."""
        from netlang.language.diagnostics.rendering.colours import coloured
        from netlang.language.diagnostics.rendering.text import render_all

        return render_all(self.diagnostics, coloured).split("\n")
