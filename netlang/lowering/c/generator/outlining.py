"""Cuts long lists of calls into functions: a compiler's memory grows with a function's length."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent, indent

from netlang.lowering.c.generator.calls import Call
from netlang.lowering.c.generator.texts import mentions
from netlang.lowering.c.generator.writing import CallWriter

_CALLS = 500  # in a function

# What calls may use: the names that the frame gives them.
_KINDS = {
    "c": "const struct call *c",
    "p": "struct prepared *p",
    "w": "struct work *w",
    "e": "struct evaluated *e",
    "dw": "real *dw",
    "rows": "const real *rows",
    **{name: f"int {name}" for name in ("batch", "add", "n", "s", "id", "threads")},
}


class Outliner:
    """``definitions`` are the functions into which lists of calls were cut."""

    def __init__(self, writer: CallWriter) -> None:
        self.writer, self.definitions = writer, ""

    def of(self, name: str, calls: Iterable[Call], depth: int) -> str:
        """The calls as text; if there are many, calls of functions that make them."""
        every = [text for call in calls if (text := self.writer.text(call, depth))]
        if len(every) <= _CALLS:
            return "".join(every)
        made = ""
        for number, at in enumerate(range(0, len(every), _CALLS), 1):
            body = "".join(every[at : at + _CALLS])
            used = [word for word in _KINDS if mentions(body, word)]
            parameters = ", ".join(_KINDS[word] for word in used)
            head = f"ONLY_CALLS {name}_{number}({parameters}) {{\n"
            self.definitions += f"{head}{indent(dedent(body), '    ')}}}\n\n"
            made += f"{'    ' * depth}{name}_{number}({', '.join(used)});\n"
        return made
