"""What the passes learned is returned, whether the file has errors or not."""

from __future__ import annotations

from pathlib import Path

from netlang.compiler.passes import Analysis, compile_source
from netlang.compiler.passes.values import Block, Constant, Poison
from netlang.language.source import SourceFile, Span

TEXT = """\
width = 4
block deep(n, m=width) = Linear(n, m) as first -> [Identity, first] -> Add
net = Linear(2, width) -> deep(4) -> Linar(4, 3)
seed = widht
"""


def analysis(text: str, path: Path | None = None) -> Analysis:
    return compile_source(SourceFile("a.net", text, path)).analysis


def test_each_name_leads_to_its_definition_though_the_file_has_errors() -> None:
    assert not compile_source(SourceFile("a.net", TEXT)).ok
    found = {
        (one.name.name, one.name.span.first.line): one.definition and said(one.definition)
        for one in analysis(TEXT).references
    }
    assert found == {
        ("width", 2): ("width", 1),
        ("width", 3): ("width", 1),
        ("Linear", 2): None,
        ("n", 2): ("n", 2),
        ("m", 2): ("m", 2),
        ("first", 2): ("first", 2),
        ("Identity", 2): None,
        ("Add", 2): None,
        ("Linear", 3): None,
        ("deep", 3): ("deep", 2),
        ("Linar", 3): None,
        ("widht", 4): None,
    }


def said(span: Span) -> tuple[str, int]:
    return span.text, span.first.line


def test_a_name_is_a_value_an_item_or_unknown() -> None:
    found = {one.name.name: one for one in analysis(TEXT).references}
    width, deep = found["width"].value, found["deep"].value
    assert isinstance(width, Constant)
    assert width.plain == 4
    assert isinstance(deep, Block)
    assert [item and item.name for item in (found["Add"].item, found["Linar"].item)] == [
        "Add",
        None,
    ]
    assert isinstance(analysis(TEXT).values["seed"], Poison)


def test_a_name_of_an_imported_file_leads_there(tmp_path: Path) -> None:
    (tmp_path / "b.net").write_text("\nwidth = 4\n")
    found = analysis('import "b.net"\nnet = Linear(2, width)\n', tmp_path / "a.net").references
    (definition,) = [one.definition for one in found if one.name.name == "width"]
    assert definition
    assert (Path(definition.source.name).name, definition.first.line) == ("b.net", 2)


def test_the_shapes_behind_layers_are_known_up_to_a_mistake_and_behind_it() -> None:
    text = "net = Linear(2, 5) -> ReLU -> Linear(6, 3) -> Tanh"
    found = [(one.span.text, str(one.shape)) for one in analysis(text).outputs]
    assert found == [
        ("Linear(2, 5)", "[N, 5]"),
        ("ReLU", "[N, 5]"),
        ("Linear(6, 3)", "[N, 3]"),
        ("Tanh", "[N, 3]"),
    ]


def test_holes_are_filled_and_a_block_s_layer_has_a_shape_for_each_use() -> None:
    text = "block wide(n) = Linear(_, n)\nnet = Linear(2, _) -> wide(5) -> wide(7)"
    found = [(one.span.text, str(one.shape)) for one in analysis(text).outputs]
    assert found[1:] == [("Linear(_, n)", "[N, 5]"), ("Linear(_, n)", "[N, 7]")]


def test_of_a_file_that_cannot_be_read_nothing_is_known() -> None:
    for text in ("", "net = = ", "import"):
        found = analysis(text)
        assert not found.references
        assert all(isinstance(value, Poison) for value in found.values.values())
        assert all(one.shape is None for one in found.outputs)
