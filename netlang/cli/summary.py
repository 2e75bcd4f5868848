"""``netlang summary``: a network's layers, their shapes, and what they cost."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from netlang.cli.sources import allow_option, file_argument, program_or_exit, set_option
from netlang.diagnostics.excerpt import visible
from netlang.ir import Graph, Node, Program, node_memory, training_memory, written

_WIDEST = 4096
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@click.command("summary")
@file_argument
@set_option
@allow_option
@click.option("--json", "as_data", is_flag=True, help="One JSON object instead of a table.")
def command(
    file: str, overrides: tuple[str, ...], allowed: tuple[Path, ...], as_data: bool
) -> None:
    """Show FILE's layers: output shapes, weights, multiply-adds for one sample, memory to train.

    A layer's memory holds its weights, their gradients, the optimizer's state for them, and its
    outputs for a batch with their gradients.

    \b
    Example:
        netlang summary models/model2.net
    """
    program = program_or_exit(file, overrides, allowed)
    if as_data:
        click.echo(json.dumps(_as_data(program)))
        return
    # As wide as it has to be: a narrow terminal wraps lines, a table cut short tells less.
    Console(width=_WIDEST, highlight=False).print(_table(program))
    click.echo(_memory(program))


def _as_data(program: Program) -> dict[str, object]:
    graph, memory = program.graph, training_memory(program)
    names = ["input", *(node.name for node in graph.nodes)]
    nodes = [
        {
            "id": node.name,
            "layer": node.layer.name,
            "args": node.layer.values,
            "inputs": [names[number] for number in node.inputs],
            "output": [None, *node.shape.sizes],
            "parameters": node.weights,
            "shares": names[node.shares] if node.shares else None,
            "macs": node.macs,
            "memory": node_memory(node, program),
            "file": node.origin.span.source.name,
            "line": node.origin.span.first.line,
        }
        for node in graph.nodes
    ]
    parts = {name: getattr(memory, name) for name in memory._fields}
    return {
        "parameters": graph.weights,
        "macs": graph.macs,
        "memory": {"total": memory.total, **parts},
        "input": [None, *graph.input.sizes],
        "output": names[graph.result],
        "nodes": nodes,
    }


def _table(program: Program) -> Table:
    graph = program.graph
    chain = all(node.inputs == (number,) for number, node in enumerate(graph.nodes))
    total = sum(node_memory(node, program) for node in graph.nodes)
    table = Table(box=None, pad_edge=False, show_footer=True)
    table.add_column("node", footer="total")
    table.add_column("layer")
    if not chain:
        table.add_column("from")
    table.add_column("output")
    table.add_column("weights", footer=f"{graph.weights:,}", justify="right")
    table.add_column("multiply-adds", footer=f"{graph.macs:,}", justify="right")
    table.add_column("memory", footer=_bytes(total), justify="right")
    table.add_row("input", "", *([] if chain else [""]), Text(str(graph.input)))
    for node in graph.nodes:
        sources = [] if chain else [", ".join(_name(graph, number) for number in node.inputs)]
        texts = [node.name, visible(written(node.layer)), *sources, str(node.shape)]
        macs, memory = f"{node.macs:,}" if node.macs else "", _bytes(node_memory(node, program))
        table.add_row(*map(Text, texts), _weights(graph, node), macs, memory)
    return table


def _name(graph: Graph, number: int) -> str:
    return graph.nodes[number - 1].name if number else "input"


def _weights(graph: Graph, node: Node) -> str:
    if node.shares and node.layer.size:
        return f"as {_name(graph, node.shares)}"
    return f"{node.weights:,}" if node.weights else ""


def _memory(program: Program) -> str:
    memory = training_memory(program)
    parts = ", ".join(
        f"{name} {_bytes(size)}" for name in memory._fields if (size := getattr(memory, name))
    )
    return f"memory to train with batches of {program.batch}: {_bytes(memory.total)} ({parts})"


def _bytes(size: float) -> str:
    """``size`` in the largest unit that it has at least one of: ``1.5 KiB``."""
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.3g} {unit}"
