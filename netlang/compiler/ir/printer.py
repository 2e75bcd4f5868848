"""A program as text: one node a line, with its shape and the line it was written on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netlang.catalogue.arguments import Value, as_source
from netlang.compiler.ir.graph import Graph, Node, Program


def print_program(program: Program) -> str:
    """The form that ``netlang ir`` shows, without a final newline."""
    return "\n".join([*_settings(program), "", *_graph(program.graph)])


def _settings(program: Program) -> Iterator[str]:
    for name in ("data", "loss"):
        if item := getattr(program, name):
            yield f"{name} = {item.name} {_arguments(item.values)}"
    if program.optimizer:
        values = program.optimizer.values
        yield f"optimizer = {program.optimizer.item.name} {_arguments(values)}"
    if program.metrics:
        yield f"metrics = {', '.join(metric.name for metric in program.metrics)}"
    yield f"epochs = {program.epochs}, batch = {program.batch}, seed = {program.seed}"
    for expected in program.expectations:
        yield expected.text


def _graph(graph: Graph) -> Iterator[str]:
    rows = [(_node(number, node), _line(node)) for number, node in enumerate(graph.nodes)]
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
    return f"{call}{weights} : {node.shape}"


def _line(node: Node) -> str:
    return f"# line {node.origin.span.first.line}" if node.inputs else ""


def _arguments(values: Mapping[str, Value]) -> str:
    inner = ", ".join(f"{name}={as_source(value)}" for name, value in values.items())
    return f"{{{inner}}}" if inner else ""
