"""Calls as text, and the functions that they call, each written once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import indent

from netlang.compiler.ir import Graph
from netlang.lowering.c.generator.buffers import Buffer
from netlang.lowering.c.generator.calls import Call, Parameter
from netlang.lowering.c.generator.texts import substituted

Functions = dict[tuple[str, str], str]  # names, by how they begin and by the rest of the function


class CallWriter:
    """Writes calls, with the ``names`` that buffers have in C.

    It adds the functions that are called to ``functions``, in the order of their first calls.
    Several writers may share them.
    """

    def __init__(
        self,
        graph: Graph,
        names: Mapping[Buffer, str],
        functions: Functions,
        comments: bool,
    ) -> None:
        self.graph, self.names, self.functions = graph, names, functions
        self.comments = comments

    def text(self, call: Call, depth: int) -> str:
        """The call, below a comment on the lines of the source that it computes."""
        if not call.body.strip():
            return ""
        # By array, as each has one name in a function: a parameter is restrict.
        held: dict[str, dict[Buffer | str, Parameter]] = {}
        for one in call.parameters:
            held.setdefault(self._name(one), {}).setdefault(one.argument, one)
        named = {array: _together([*parameters.values()]) for array, parameters in held.items()}
        renamed = {one.name: named[self._name(one)].name for one in call.parameters}
        body = substituted(call.body, renamed).rstrip()
        declared = ",\n    ".join(map(_declaration, named.values()))
        name = self._function(call.stem, f"(\n    {declared or 'void'}\n) {{\n{body}\n}}\n")
        condition = f"if ({call.condition})\n    " if call.condition else ""
        arguments = (_argument(array, one) for array, one in named.items())
        line = f"{condition}{name}({', '.join(arguments)});\n"
        return indent(self._comment(call) + line, "    " * depth)

    def _name(self, parameter: Parameter) -> str:
        argument = parameter.argument
        return self.names[argument] if isinstance(argument, Buffer) else argument

    def _function(self, stem: str, text: str) -> str:
        return self.functions.setdefault((stem, text), f"{stem}_{len(self.functions) + 1}")

    def _comment(self, call: Call) -> str:
        if not self.comments:
            return ""
        origins = (self.graph.nodes[number].origin for number in call.numbers)
        lines = dict.fromkeys(f"{origin.where()}: {origin.within().text}" for origin in origins)
        return "".join(f"/* {escaped(line)} */\n" for line in lines)


def escaped(text: str) -> str:
    """``text`` for a comment: a line of printable ASCII that neither ends nor begins a comment."""
    line = " ".join(text.split()).encode("ascii", "backslashreplace").decode()
    printable = "".join(c if c.isprintable() else "?" for c in line)
    return re.sub(r"(?<=[*/?])(?=[*/?])", " ", printable.replace("\\", "/"))


def _together(parameters: Sequence[Parameter]) -> Parameter:
    """One for what an array holds in turn: it may be read, and then written over."""
    return parameters[0].replace(name="_then_".join(one.name for one in parameters))


def _argument(array: str, parameter: Parameter) -> str:
    """Arrays in memory are declared as numbers, where a function may take them as vectors."""
    return f"(vector *){array}" if parameter.kind.startswith("vector") else array


def _declaration(parameter: Parameter) -> str:
    return f"{parameter.kind}{'' if parameter.kind.endswith('*') else ' '}{parameter.name}"
