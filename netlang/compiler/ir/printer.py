"""A program as text: one node a line, with its shape and the line it was written on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netlang.catalogue.arguments import PlainValue, as_source
from netlang.catalogue.settings import plain_settings
from netlang.compiler.ir.graph import Graph, Node
from netlang.compiler.ir.program import Program, setting_text
from netlang.language.source import SourceFile
from netlang.system.terminal import visible


def print_program(program: Program) -> str:
    """The form that ``netlang ir`` shows, without a final newline."""
    return "\n".join([*_settings(program), "", *_graph(program.graph, program.source)])


def _settings(program: Program) -> Iterator[str]:
    texts = {
        name: setting_text(
            name, value, lambda item: f"{item.name} {_arguments(item.values)}".rstrip()
        )
        for name, value in program.settings.items()
    }
    plain = [f"{name} = {texts.pop(name)}" for name in plain_settings() if name in texts]
    for name, text in texts.items():
        if text:
            yield f"{name} = {text}"
    yield ", ".join(plain)
    for expected in program.expectations:
        yield expected.text
    for tunable in program.tunables:
        yield f"tune {tunable.path} in {tunable.text}"


def _graph(graph: Graph, source: SourceFile) -> Iterator[str]:
    rows = [(_node(number, node), _line(node, source)) for number, node in enumerate(graph.nodes)]
    width = max(len(text) for text, _ in rows)
    for text, line in rows:
        yield f"{text:{width}}  {line}".rstrip()
    if graph.result != len(graph.layers):
        yield f"output %{graph.result}"


def _node(number: int, node: Node) -> str:
    if not number:
        return f"%0 = input : {node.shape}"
    inputs = ", ".join(f"%{index}" for index in node.inputs)
    arguments = _arguments(node.layer.values)
    weights = f" weights of %{node.shares}" if node.shares else ""
    call = f"%{number} = {node.layer.name}({inputs}) {arguments}".rstrip()
    frozen = " frozen" if node.frozen and node.layer.size else ""
    return f"{call}{weights}{frozen} : {node.shape}"


def _line(node: Node, source: SourceFile) -> str:
    """Where it is written; in another file, also which blocks led there."""
    if not node.inputs:
        return ""
    span, here = node.origin.span, node.origin.within(source)
    where = node.origin.where(source)
    if here is span:
        return f"# {where}"
    used = [expansion for expansion in node.origin.trail if expansion.name]
    outside = sum(expansion.span.source is not here.source for expansion in used)
    names = [expansion.name for expansion in used[: outside + 1]]
    path = " in ".join([visible(f"{span.source.name}:{span.first.line}"), *names])
    return f"# {where}: {path}"


def _arguments(values: Mapping[str, PlainValue]) -> str:
    inner = ", ".join(f"{name}={as_source(value)}" for name, value in values.items())
    return f"{{{inner}}}" if inner else ""
