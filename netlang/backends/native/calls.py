"""Calls as text, and the functions that they call, each written once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import indent

from netlang.backends.native.buffers import Buffer
from netlang.backends.native.functions import Call, Role
from netlang.ir import Graph

_NAME = re.compile(r"\b[A-Za-z_]\w*\b")


class Calls:
    """Writes calls where ``places`` names the field of each buffer.

    ``definitions`` are the functions of all calls so far, in the order of their first one.
    """

    def __init__(self, graph: Graph, places: Mapping[Buffer, str], comments: bool) -> None:
        self.graph, self.places, self.comments = graph, places, comments
        self._names: dict[tuple[str, str], str] = {}  # of functions, by what they are made of

    @property
    def definitions(self) -> str:
        return "\n".join(f"FUNCTION {name}{text}" for (_, text), name in self._names.items())

    def text(self, call: Call, depth: int) -> str:
        """The call, below a comment on the lines of the source that it computes."""
        if not call.body.strip():
            return ""
        parameters: dict[str, Role] = {}  # by what is given, so that one array has one name
        renamed: dict[str, str] = {}
        for role in call.roles:
            known = parameters.setdefault(self._given(role), role)
            renamed[role.name] = known.name
        body = _NAME.sub(lambda name: renamed.get(name[0], name[0]), call.body).rstrip()
        declared = ",\n    ".join(_declaration(role) for role in parameters.values())
        name = self._function(call.stem, f"(\n    {declared or 'void'}\n) {{\n{body}\n}}\n")
        line = f"{name}({', '.join(parameters)});\n"
        return indent(self._comment(call) + line, "    " * depth)

    def _given(self, role: Role) -> str:
        given = role.given
        return f"w->{self.places[given]}" if isinstance(given, Buffer) else given

    def _function(self, stem: str, text: str) -> str:
        return self._names.setdefault((stem, text), f"{stem}_{len(self._names) + 1}")

    def _comment(self, call: Call) -> str:
        if not self.comments:
            return ""
        spans = (self.graph.nodes[number - 1].origin.span for number in call.numbers)
        lines = dict.fromkeys(f"line {span.first.line}: {escaped(span.text)}" for span in spans)
        return "".join(f"/* {line} */\n" for line in lines)


def escaped(text: str) -> str:
    """``text`` for a comment: one line of printable ASCII, in which no comment ends or begins."""
    line = " ".join(text.split()).encode("ascii", "backslashreplace").decode()
    printable = "".join(c if c.isprintable() else "?" for c in line)
    return re.sub(r"(?<=[*/?])(?=[*/?])", " ", printable.replace("\\", "/"))


def _declaration(role: Role) -> str:
    return f"{role.kind}{'' if role.kind.endswith('*') else ' '}{role.name}"
