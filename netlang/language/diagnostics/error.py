"""The exception that carries diagnostics."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic


class DiagnosticError(Exception):
    """Carries diagnostics out of code that cannot go on, to code that reports them.

    Its text is that of all their messages, as the command line shows them.
    """

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        # It takes time to import, and is rarely needed.
        from netlang.language.diagnostics.rendering.text import render_all

        return render_all(self.diagnostics)
