"""What a network is made of, as a table and as a drawing, for terminals, files and notebooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from netlang.compiler.drawing import Diagram, TooLarge, diagram_of, dot, mermaid, svg
from netlang.compiler.ir import Program, print_program
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.python import NoSuchAnswer
from netlang.runs.lines.summary import summary, summary_data
from netlang.system.record import Record
from netlang.system.terminal import visible


class Summary(Record):
    """The layers of a ``program``, their shapes, and what they cost. It prints as ``netlang
    summary`` does.

    >>> import netlang
    >>> model = netlang.load("Linear(2, 3) -> Tanh -> Linear(3, 1)")
    >>> model.summary().parameters, [one["layer"] for one in model.summary().layers]
    (13, ['Linear', 'Tanh', 'Linear'])
    """

    program: Program

    @property
    def parameters(self) -> int:
        """How many weights there are."""
        return self.program.graph.weights

    @property
    def macs(self) -> int:
        """Multiply-adds for one sample."""
        return self.program.graph.macs

    @property
    def layers(self) -> Sequence[dict[str, Any]]:
        """Each layer with its name, arguments, shape of output, weights and line in the file."""
        nodes: Any = self.as_data()["nodes"]
        return tuple(nodes)

    def as_data(self) -> dict[str, object]:
        """All of it, as ``netlang summary --json`` has it."""
        return summary_data(self.program)

    def __str__(self) -> str:
        return click.unstyle(summary(self.program))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import summary_html

        return summary_html(self.program)


class Drawing(Record):
    """The graph of a ``program``. It prints as ``netlang ir`` does, and notebooks draw it. Copies
    of a repeat are drawn once, unless it is to ``expand`` them.

    Pictures raise NetError for a network that is too large to be laid out.
    """

    program: Program
    expand: bool = False

    @property
    def svg(self) -> str:
        """A picture: the text of an SVG file."""
        return self._drawn(lambda found: svg(found, visible(self.program.source.name)))

    @property
    def mermaid(self) -> str:
        """The graph as text for Mermaid."""
        return self._drawn(mermaid)

    @property
    def dot(self) -> str:
        """The graph as text for Graphviz, which lays it out itself."""
        return self._drawn(dot)

    def _drawn(self, draw: Callable[[Diagram], str]) -> str:
        try:
            return draw(diagram_of(self.program.graph, self.expand))
        except TooLarge as reason:
            help = "`graph().dot` is text for Graphviz, which lays it out"
            problem = f"the picture would be too large: {reason}"
            name = self.program.source.name
            raise NetError(NoSuchAnswer(None, name, problem, help)) from None

    def __str__(self) -> str:
        return print_program(self.program)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import drawing_html

        return drawing_html(self.program, self.expand)
