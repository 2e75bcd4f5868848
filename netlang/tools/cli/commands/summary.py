"""``netlang summary`` shows a network's layers, their shapes, and what they cost."""

from __future__ import annotations

from textwrap import fill

import click

from netlang.compiler.ir import Program
from netlang.compiler.ir.receptive import receptive_fields
from netlang.runs.training.memory import Memory, node_memory, training_memory
from netlang.tools.cli.named.sources import NetFile, takes_file
from netlang.tools.cli.output.about_data import about_data
from netlang.tools.cli.output.json_answers import json_option, print_json
from netlang.tools.cli.output.network_table import as_bytes, network_table, terminal_width
from netlang.tools.cli.training.backend import backend_option

_NO_BREAK = "\N{NO-BREAK SPACE}"


@click.command("summary")
@takes_file
@click.option(
    "--expand", is_flag=True, help="Show each layer of a large network, with all of its call."
)
@backend_option
@json_option
def command(file: NetFile, backend: str, as_data: bool, expand: bool) -> None:
    """Show FILE's layers, shapes, weights, work and memory.

    The work is in multiply-adds for one sample, `MACs` where a terminal is narrow. A layer's memory
    is that of its weights, their gradients, the optimizer's state for them, and its outputs for a
    batch with their gradients. The memory below the table is that of the backend that trains. Where
    a network has convolutions or pools, an output `sees` 7 x 7 / 2: so many neighbouring numbers of
    the input, and the next output those that are 2 further on. Of a large network, its blocks are
    shown, and one copy of a repeat.

    \b
    Example:
        netlang summary models/model2.net
    """
    program = file.program()
    memory = training_memory(program, backend)
    if as_data:
        print_json(_as_data(program, memory))
        return
    click.echo(network_table(program, expand))
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
            "receptive_field": field and field.as_json(),
            "macs": node.macs,
            "memory": node_memory(node, program),
            "file": node.origin.span.source.name,
            "line": node.origin.span.first.line,
        }
        for node, field in zip(graph.layers, receptive_fields(graph)[1:], strict=True)
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


def _memory(program: Program, memory: Memory) -> str:
    sizes = {name: as_bytes(size) for name, size in vars(memory).items() if size}
    parts = ", ".join(_together(f"{name} {size}") for name, size in sizes.items())
    total = _together(f"{program.batch_size:,}: {as_bytes(memory.total)}")
    line = f"memory to train with batches of {total} ({parts})"
    return fill(line, terminal_width(), subsequent_indent="  ").replace(_NO_BREAK, " ")


def _together(words: str) -> str:
    """The words without blanks at which their line may end."""
    return words.replace(" ", _NO_BREAK)
