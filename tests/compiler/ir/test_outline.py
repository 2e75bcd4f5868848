"""An outline has a network's layers in the blocks and repeats that its file is written in."""

from __future__ import annotations

from netlang.compiler.ir import Graph, outline
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile

BLOCKS = """\
block Inner(w) = Linear(w, w) -> ReLU
block Res(w) = [Inner(w) -> Linear(w, w), Identity] -> Add
"""


def graph(text: str) -> Graph:
    return compile_source(SourceFile("a.net", f"{BLOCKS}input = [4]\n{text}")).require().graph


def outlined(text: str, most: int = 100) -> list[str]:
    """A line for each row: how deep it is, what it is, and how often it comes."""
    of = graph(text)
    lines = []
    for row in outline(of, most):
        part = row.part
        what = part.title or ("several" if part.parts else of.nodes[part.numbers[0]].name)
        times = f" × {part.copies}" if part.copies > 1 else ""
        lines.append(f"{'  ' * row.depth}{what}{times}")
    return lines


def test_a_use_of_a_block_has_its_layers_below_it() -> None:
    assert outlined("net = Linear(4, 4) -> Inner(4) -> Tanh") == [
        "linear1", "Inner(4)", "  linear2", "  relu1", "tanh1",
    ]  # fmt: skip


def test_copies_of_a_repeat_that_are_alike_come_once() -> None:
    assert outlined("net = Res(4) * 36") == [
        "Res(4) × 36", "  Inner(w)", "    linear1", "    relu1", "  linear2", "  add1",
    ]  # fmt: skip
    assert outlined("net = (Linear(4, 4) -> ReLU) * 3") == ["several × 3", "  linear1", "  relu1"]
    assert outlined("net = Linear(4, 4) * 3") == ["linear1 × 3"]
    assert outlined("net = ((Linear(4, 4) -> ReLU) * 2 -> Tanh) * 3")[:2] == [
        "several × 3", "  several × 2",
    ]  # fmt: skip


def test_a_copy_that_differs_stands_apart() -> None:
    assert outlined("net = (Linear(_, 8) -> ReLU) * 4") == [
        "linear1", "relu1", "several × 3", "  linear2", "  relu2",
    ]  # fmt: skip


def test_two_uses_are_two_parts_though_they_are_alike() -> None:
    assert outlined("net = Inner(4) -> Inner(4)", most=2) == ["Inner(4)", "Inner(4)"]


def test_a_name_for_one_layer_is_that_layer() -> None:
    assert outlined("act = Tanh\nnet = Linear(4, 4) -> act") == ["linear1", "tanh1"]


def test_what_stands_in_many_others_is_left_out_first() -> None:
    text = "net = Res(4) * 36 -> Tanh"
    assert outlined(text, most=7)[-3:] == ["  linear2", "  add1", "tanh1"]
    assert outlined(text, most=5)[:2] == ["Res(4) × 36", "  Inner(w)"]
    assert outlined(text, most=4) == outlined(text, most=1) == ["Res(4) × 36", "tanh1"]


def test_each_node_is_in_one_row_at_each_depth() -> None:
    of = graph("net = Linear(4, 4) -> Res(4) * 3 -> [Inner(4), Tanh] -> Add")
    rows = outline(of, 100)
    top = [number for row in rows if row.depth == 0 for number in row.part.numbers]
    assert top == [*range(1, len(of.nodes))]
