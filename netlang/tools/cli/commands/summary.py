"""``netlang summary`` shows a network's layers, their shapes, and what they cost."""

from __future__ import annotations

import click

from netlang.compiler.ir import Graph, Node, Program
from netlang.runs.training.memory import Memory, node_memory, training_memory
from netlang.system.terminal import aligned, visible
from netlang.tools.cli.named.sources import NetFile, takes_file
from netlang.tools.cli.output.about_data import about_data
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.training.backend import backend_option

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@click.command("summary")
@takes_file
@backend_option
@json_option
def command(file: NetFile, backend: str, as_data: bool) -> None:
    """Show FILE's layers, shapes, weights, work and memory.

    The work is in multiply-adds for one sample. A layer's memory is that of its weights, their
    gradients, the optimizer's state for them, and its outputs for a batch with their gradients. The
    memory below the table is that of the backend that trains.

    \b
    Example:
        netlang summary models/model2.net
    """
    program = file.program()
    memory = training_memory(program, backend)
    if as_data:
        print_json(_as_data(program, memory))
        return
    # It is as wide as it has to be: a narrow terminal wraps lines, which a cut would lose.
    click.echo(_table(program))
    click.echo(_memory(program, memory))
    if program.description:
        for line in about_data(program.description, {}):
            click.echo(line)


def _as_data(program: Program, memory: Memory) -> dict[str, object]:
    graph = program.graph
    names = [node.name for node in graph.nodes]
    nodes = [
        {
            "id": node.name,
            "layer": node.layer.name,
            "args": node.layer.values,
            "inputs": [names[number] for number in node.inputs],
            "output": [None, *node.shape.sizes],
            "parameters": node.own_weights,
            "frozen": node.frozen and node.layer.size > 0,
            "shares": names[node.shares] if node.shares else None,
            "macs": node.macs,
            "memory": node_memory(node, program),
            "file": node.origin.span.source.name,
            "line": node.origin.span.first.line,
        }
        for node in graph.layers
    ]
    return {
        "parameters": graph.weights,
        "frozen": graph.frozen_weights,
        "macs": graph.macs,
        "memory": {"total": memory.total, **vars(memory)},
        "input": [None, *graph.input.sizes],
        "output": names[graph.result],
        "nodes": nodes,
        **({"data": about} if (about := _about(program)) else {}),
    }


def _about(program: Program) -> dict[str, object]:
    return program.description.about() if program.description else {}


def _table(program: Program) -> str:
    """A row for each node, between the columns' names and the sums, which are bold."""
    graph = program.graph
    chain = all(node.inputs == (number,) for number, node in enumerate(graph.layers))
    memory = [node_memory(node, program) for node in graph.layers]
    names = [node.name for node in graph.nodes]
    sources = [", ".join(names[number] for number in node.inputs) for node in graph.nodes]
    columns = [
        ("node", *names, "total"),
        ("layer", "", *(visible(node.call) for node in graph.layers), ""),
        *([] if chain else [("from", *sources, "")]),
        ("output", *(str(node.shape) for node in graph.nodes), ""),
        ("weights", *(_weights(graph, node) for node in graph.nodes), _all_weights(graph)),
        (
            "multiply-adds",
            *(f"{node.macs:,}" if node.macs else "" for node in graph.nodes),
            f"{graph.macs:,}",
        ),
        ("memory", "", *map(_bytes, memory), _bytes(sum(memory))),
    ]
    numbers = range(len(columns) - 3, len(columns))
    first, *rows, last = aligned(zip(*columns, strict=True), numbers)
    return "\n".join([click.style(first, bold=True), *rows, click.style(last, bold=True)])


def _weights(graph: Graph, node: Node) -> str:
    if node.shares and node.layer.size:
        return f"as {graph.nodes[node.shares].name}"
    frozen = "frozen " if node.frozen else ""
    return f"{frozen}{node.own_weights:,}" if node.own_weights else ""


def _all_weights(graph: Graph) -> str:
    frozen = f"{graph.frozen_weights:,} of " if graph.frozen_weights else ""
    return f"{frozen and f'frozen {frozen}'}{graph.weights:,}"


def _memory(program: Program, memory: Memory) -> str:
    parts = ", ".join(f"{name} {_bytes(size)}" for name, size in vars(memory).items() if size)
    batch = f"{program.batch_size:,}"
    return f"memory to train with batches of {batch}: {_bytes(memory.total)} ({parts})"


def _bytes(size: float) -> str:
    """``size`` in the largest unit that it has at least one of: ``1.5 KiB``."""
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.3g} {unit}"
