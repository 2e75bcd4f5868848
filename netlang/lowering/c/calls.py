"""Calls as data and as text, and the functions that they call, each written once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import indent

from netlang.compiler.ir import Graph
from netlang.lowering.c.buffers import Access, Buffer
from netlang.lowering.c.texts import substituted
from netlang.system.record import Record


class Parameter(Record):
    """A parameter of a function, and what a call passes for it: a buffer, or C."""

    name: str
    argument: Buffer | str
    kind: str = "real *restrict"


class Call(Record):
    """A call of the function that ``body`` makes, whose parameters are ``parameters``.

    ``numbers`` are the nodes that it computes, none for the loss.
    """

    stem: str
    body: str
    parameters: tuple[Parameter, ...]
    access: Access
    numbers: tuple[int, ...] = ()


class Calls:
    """Writes calls where ``fields`` names the field of each buffer.

    ``definitions`` are the functions of all calls so far, in the order of their first one.
    """

    def __init__(self, graph: Graph, fields: Mapping[Buffer, str], comments: bool) -> None:
        self.graph, self.fields, self.comments = graph, fields, comments
        self._names: dict[tuple[str, str], str] = {}  # of functions, by what they are made of

    @property
    def definitions(self) -> str:
        return "\n".join(f"FUNCTION {name}{text}" for (_, text), name in self._names.items())

    def text(self, call: Call, depth: int) -> str:
        """The call, below a comment on the lines of the source that it computes."""
        if not call.body.strip():
            return ""
        parameters: dict[str, Parameter] = {}  # by argument, so that one array has one name
        renamed: dict[str, str] = {}
        for parameter in call.parameters:
            known = parameters.setdefault(self._argument(parameter), parameter)
            renamed[parameter.name] = known.name
        body = substituted(call.body, renamed).rstrip()
        declared = ",\n    ".join(_declaration(parameter) for parameter in parameters.values())
        name = self._function(call.stem, f"(\n    {declared or 'void'}\n) {{\n{body}\n}}\n")
        line = f"{name}({', '.join(parameters)});\n"
        return indent(self._comment(call) + line, "    " * depth)

    def _argument(self, parameter: Parameter) -> str:
        argument = parameter.argument
        return f"w->{self.fields[argument]}" if isinstance(argument, Buffer) else argument

    def _function(self, stem: str, text: str) -> str:
        return self._names.setdefault((stem, text), f"{stem}_{len(self._names) + 1}")

    def _comment(self, call: Call) -> str:
        if not self.comments:
            return ""
        spans = (self.graph.nodes[number].origin.span for number in call.numbers)
        lines = dict.fromkeys(f"line {span.first.line}: {escaped(span.text)}" for span in spans)
        return "".join(f"/* {line} */\n" for line in lines)


def stem(graph: Graph, numbers: Sequence[int], what: str) -> str:
    """How a function's name begins: ``linear_forward``."""
    layers = "_".join(graph.nodes[number].layer.name.lower() for number in numbers)
    return f"{layers if len(layers) < 40 else 'loop'}_{what}"


def escaped(text: str) -> str:
    """``text`` for a comment: one line of printable ASCII, in which no comment ends or begins."""
    line = " ".join(text.split()).encode("ascii", "backslashreplace").decode()
    printable = "".join(c if c.isprintable() else "?" for c in line)
    return re.sub(r"(?<=[*/?])(?=[*/?])", " ", printable.replace("\\", "/"))


def _declaration(parameter: Parameter) -> str:
    return f"{parameter.kind}{'' if parameter.kind.endswith('*') else ' '}{parameter.name}"
