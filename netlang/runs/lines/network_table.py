"""The table of a network: its layers, what they give, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from shutil import get_terminal_size

import click

from netlang.compiler.ir import Graph, Part, Program, Row, outline
from netlang.compiler.ir.receptive import receptive_fields
from netlang.runs.training.memory import node_memory
from netlang.system.terminal import aligned, visible, width

_ROWS = 40  # of layers; a network that has more is shown by its blocks
_TERMINAL = 80, 24  # where its size is not known
_SHORTEST = 16  # letters of a call that is cut
_SHORTEST_NAME = 12  # letters of the name of a node
_TIMES = " × "
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_THOUSANDS = ("", " k", " M", " G", " T", " P")


def network_table(program: Program, expand: bool = False) -> str:
    """A row for each node, between the columns' names and the sums, which are bold.

    Where there are convolutions or pools, a column has what the outputs see of the input. A network
    of many layers is shown by its blocks, and of a repeat one copy. Where the table would be wider
    than the terminal, all but shapes and weights is made shorter. With ``expand``, all is shown.
    """
    columns, parts, is_folded = _shown(program, expand)
    if not expand:
        _fit(columns, program.graph, parts)
    cells = [(name, *column) for name, column in columns.items()]
    numbers = range([*columns].index("weights"), len(cells))
    first, *lines, last = aligned(zip(*cells, strict=True), numbers)
    table = [click.style(first, bold=True), *lines, click.style(last, bold=True)]
    if is_folded:
        count = len(program.graph.layers)
        table.append(f"blocks and repeats of {count:,} layers; --expand shows them all")
    return "\n".join(table)


def network_columns(program: Program) -> dict[str, list[str]]:
    """The columns of the table by their names: of each a cell for the input, one for each row, and
    one for the sums.
    """
    columns, _, _ = _shown(program, expand=False)
    return columns


def _shown(program: Program, expand: bool) -> tuple[dict[str, list[str]], list[Part], bool]:
    """The columns that tell something, the parts in their rows, and whether these are blocks."""
    graph = program.graph
    rows = [Row(0, Part("", (number,))) for number in range(1, len(graph.nodes))]
    is_folded = len(rows) > _ROWS and not expand
    if is_folded:
        rows = outline(graph, _ROWS)
    columns = _columns(program, rows)
    if is_folded:
        columns["layer"] = ["input", *columns["layer"][1:-1], "total"]
        del columns["node"]
    if is_folded or all(node.inputs == (number,) for number, node in enumerate(graph.layers)):
        del columns["from"]
    if not any(columns["sees"]):
        del columns["sees"]
    return columns, [row.part for row in rows], is_folded


def _columns(program: Program, rows: Sequence[Row]) -> dict[str, list[str]]:
    """The columns by their names: a cell for the input, for each of ``rows``, and for the sums."""
    graph = program.graph
    nodes, parts = graph.nodes, [row.part for row in rows]
    names = ["" if part.parts else nodes[part.numbers[0]].name for part in parts]
    memory = [0, *(node_memory(node, program) for node in graph.layers)]
    each = [sum(memory[number] for number in part.numbers) for part in parts]
    macs = [sum(nodes[number].macs for number in part.numbers) for part in parts]
    fields = receptive_fields(graph)
    seen = [fields[part.numbers[-1]] for part in parts]
    return {
        "node": ["input", *names, "total"],
        "layer": ["", *(_call(row, graph) for row in rows), ""],
        "from": ["", *(_sources(part, graph) for part in parts), ""],
        "output": [str(graph.input), *(str(nodes[part.numbers[-1]].shape) for part in parts), ""],
        "sees": ["", *("" if field is None else str(field) for field in seen), ""],
        "weights": ["", *(_weights(graph, part) for part in parts), _all_weights(graph)],
        "multiply-adds": ["", *(f"{one:,}" if one else "" for one in macs), f"{graph.macs:,}"],
        "memory": ["", *map(as_bytes, each), as_bytes(sum(memory))],
    }


def _call(row: Row, graph: Graph) -> str:
    part = row.part
    written = part.title if part.parts else graph.nodes[part.numbers[0]].call
    times = f"{_TIMES}{part.copies:,}" if part.copies > 1 else ""
    return "  " * row.depth + visible(written + times).strip()


def _sources(part: Part, graph: Graph) -> str:
    return ", ".join(graph.nodes[number].name for number in graph.nodes[part.numbers[0]].inputs)


def _weights(graph: Graph, part: Part) -> str:
    nodes = [graph.nodes[number] for number in part.numbers]
    if len(nodes) == 1 and nodes[0].shares and nodes[0].layer.size:
        return f"as {graph.nodes[nodes[0].shares].name}"
    weights = sum(node.own_weights for node in nodes)
    are_frozen = all(node.frozen for node in nodes if node.own_weights)
    return f"{'frozen ' if are_frozen else ''}{weights:,}" if weights else ""


def _all_weights(graph: Graph) -> str:
    frozen = f"{graph.frozen_weights:,} of " if graph.frozen_weights else ""
    return f"{frozen and f'frozen {frozen}'}{graph.weights:,}"


def _fit(columns: dict[str, list[str]], graph: Graph, parts: Sequence[Part]) -> None:
    """Make the table no wider than the terminal, if that can be: what is told least by is made
    shorter, or left out, first.
    """
    room = terminal_width()

    def cut(name: str, shortest: int) -> None:
        if (over := _over(columns, room)) > 0 and name in columns:
            least = max(shortest, max(map(width, (name, *columns[name]))) - over)
            columns[name] = [_shortened(one, least) for one in columns[name]]

    cut("layer", _SHORTEST)
    if _over(columns, room) > 0:
        macs = [sum(graph.nodes[number].macs for number in part.numbers) for part in parts]
        short = ["", *map(_in_thousands, macs), _in_thousands(graph.macs)]
        columns |= {"MACs": short, "memory": columns.pop("memory")}
        del columns["multiply-adds"]
    cut("from", _SHORTEST_NAME)
    cut("node", _SHORTEST_NAME)
    for name in ("memory", "from", "sees"):
        if name in columns and _over(columns, room) > 0:
            del columns[name]


def terminal_width() -> int:
    """The columns of the terminal, 80 where that is not known."""
    return get_terminal_size(_TERMINAL).columns


def _over(columns: dict[str, list[str]], room: int) -> int:
    """By how much the table is wider than there is ``room``."""
    widths = [max(map(width, (name, *column))) for name, column in columns.items()]
    return sum(widths) + 2 * (len(widths) - 1) - room


def _shortened(call: str, room: int) -> str:
    """``call`` with at most ``room`` letters, and how often it comes."""
    if len(call) <= room:
        return call
    written, sign, copies = call.partition(_TIMES)
    return f"{written[: room - 1 - len(sign + copies)]}…{sign}{copies}"


def _in_thousands(count: int) -> str:
    """``count`` with three digits: ``4.03 G``; of none, an empty text."""
    size, unit = float(count), 0
    while size >= 999.5 and unit < len(_THOUSANDS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.3g}{_THOUSANDS[unit]}" if count else ""


def as_bytes(size: float) -> str:
    """``size`` in the largest unit that it has at least one of: ``1.5 KiB``."""
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.3g} {unit}"
