"""What a file says, before anything is trained: it is checked, and shown."""

from __future__ import annotations

from typing import Any

from netlang.api.changes import as_python
from netlang.api.views import Drawing, Summary
from netlang.catalogue.settings import plain_settings
from netlang.compiler.ir import Program
from netlang.compiler.passes import Compilation, compile_source
from netlang.compiler.passes.stated import stated
from netlang.compiler.passes.values import Constant
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import SourceFile


class Described:
    """What ``compilation`` found in a text, and in the ``overrides`` that changed it."""

    def __init__(self, compilation: Compilation, overrides: tuple[str, ...]) -> None:
        self._compilation, self._overrides = compilation, overrides

    @property
    def source(self) -> str:
        """The text of the file."""
        return self._source.text

    @property
    def program(self) -> Program:
        """What the file was compiled to.  Raises NetError while sizes are open that only data
        tell.
        """
        return self._compilation.require()

    @property
    def constants(self) -> dict[str, Any]:
        """The constants of the file, the plain settings, and the arguments of other settings, such
        as ``optimizer.lr``, by name: what ``load`` can change.

        >>> import netlang
        >>> netlang.load("n = 3\\nnet = Linear(2, n)\\nclip = Value(0.5)", epochs=5).constants
        {'epochs': 5, 'batch': 32, 'seed': 0, 'n': 3, 'clip.clip_value': 0.5}
        """
        program, analysis = self._known_program, self._compilation.analysis
        if not analysis.files and program:  # it was opened, and its text is not analysed yet
            about = self._source, self._overrides
            analysis = compile_source(*about, described=program.description).analysis
        values = analysis.values.items()
        own = {name: one.plain for name, one in values if isinstance(one, Constant)}
        plain = {n: program.settings.get(n) for n in plain_settings()} if program else {}
        said = stated(self._source, self._overrides).values
        arguments = {name: one for name, one in said.items() if "." in name}
        every = {**plain, **own, **arguments}.items()
        return {name: as_python(one) for name, one in every if one is not None}

    @property
    def parameters(self) -> int:
        """How many weights the network has."""
        return self.program.graph.weights

    def check(self) -> Diagnostics:
        """What looks like a mistake in the file, a warning each: an empty list if nothing does.

        It prints as the command line prints it.
        """
        return Diagnostics(self._compilation.diagnostics)

    def summary(self) -> Summary:
        """The layers, their shapes, and what they cost; it prints as ``netlang summary`` does.

        Raises NetError while sizes are open that only data tell.
        """
        return Summary(self.program)

    def graph(self, *, expand: bool = False) -> Drawing:
        """The network's graph, which prints as text, and has ``svg``, ``mermaid`` and ``dot``.

        With ``expand``, every copy of a repeat is drawn, not one. Raises as ``summary`` does.
        """
        return Drawing(self.program, expand)

    @property
    def _source(self) -> SourceFile:
        return self._compilation.source

    @property
    def _known_program(self) -> Program | None:
        """The program; None while sizes are open."""
        return self._compilation.program


class Diagnostics(list[Diagnostic]):
    """Diagnostics, which print as the command line prints them."""

    def __str__(self) -> str:
        from netlang.language.diagnostics.rendering.text import render_all

        return render_all(self) or "ok"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import diagnostics_html

        return diagnostics_html(self)
