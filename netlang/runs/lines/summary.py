"""What a network is made of and what it costs, as lines of text and as JSON holds it."""

from __future__ import annotations

from textwrap import fill

from netlang.compiler.ir import Program
from netlang.compiler.ir.receptive import receptive_fields
from netlang.runs.lines.about_data import about_data
from netlang.runs.lines.network_table import as_bytes, network_table, terminal_width
from netlang.runs.training.memory import Memory, node_memory, training_memory

_NO_BREAK = "\N{NO-BREAK SPACE}"


def summary(program: Program, backend: str = "auto", expand: bool = False) -> str:
    """The table of layers, whose first and last line are bold, the memory that ``backend`` takes,
    and what the columns of the data become.
    """
    return "\n".join([network_table(program, expand), *about_training(program, backend)])


def about_training(program: Program, backend: str = "auto") -> list[str]:
    """The memory that training takes by ``backend``, and what the columns of the data become."""
    about = about_data(program.description, {}) if program.description else []
    return [_memory(program, training_memory(program, backend)), *about]


def summary_data(program: Program, backend: str = "auto") -> dict[str, object]:
    """The same as JSON holds it."""
    memory = training_memory(program, backend)
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
