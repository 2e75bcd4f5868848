"""``netlang summary``: a network's layers, shapes and sizes."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from netlang.arguments import as_source
from netlang.cli.sources import allow_option, file_argument, program_or_exit, set_option
from netlang.ir import Graph, Node


@click.command("summary")
@file_argument
@set_option
@allow_option
@click.option("--json", "as_data", is_flag=True, help="One JSON object instead of a table.")
def command(
    file: str, overrides: tuple[str, ...], allowed: tuple[Path, ...], as_data: bool
) -> None:
    """Show FILE's layers with their output shapes, weights and multiply-adds for one sample.

    \b
    Example:
        netlang summary models/model2.net
    """
    graph = program_or_exit(file, overrides, allowed).graph
    if as_data:
        click.echo(json.dumps(_as_data(graph)))
    else:
        Console(soft_wrap=True).print(_table(graph))


def _as_data(graph: Graph) -> dict[str, object]:
    nodes = [
        {
            "id": node.name,
            "layer": node.layer.name,
            "args": node.layer.values,
            "output": [None, *node.shape.sample],
            "parameters": node.weights,
            "macs": node.macs,
            "line": node.origin.span.first.line,
        }
        for node in graph.nodes
    ]
    return {"parameters": graph.weights, "macs": graph.macs, "nodes": nodes}


def _table(graph: Graph) -> Table:
    table = Table(box=None, pad_edge=False, show_footer=True)
    table.add_column("layer", footer="total")
    table.add_column("output")
    table.add_column("weights", footer=f"{graph.weights:,}", justify="right")
    table.add_column("multiply-adds", footer=f"{graph.macs:,}", justify="right")
    table.add_row("input", Text(str(graph.input)), "", "")
    for node in graph.nodes:
        weights, macs = (f"{count:,}" if count else "" for count in (node.weights, node.macs))
        table.add_row(Text(_written(node)), Text(str(node.shape)), weights, macs)
    return table


def _written(node: Node) -> str:
    """The layer with the arguments that are not at their defaults."""
    given = [
        as_source(value) if argument.required else f"{argument.name}={as_source(value)}"
        for argument, value in zip(node.layer.arguments, node.layer.values.values(), strict=True)
        if argument.required or value != argument.default
    ]
    return f"{node.layer.name}({', '.join(given)})" if given else node.layer.name
