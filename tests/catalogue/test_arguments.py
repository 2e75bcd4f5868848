"""Arguments: what constructors refuse, and how items and values are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.catalogue import registry
from netlang.catalogue.arguments import Size, arg, as_source
from netlang.catalogue.data import CSV
from netlang.catalogue.items import Item
from netlang.catalogue.layers import Linear
from netlang.language.diagnostics import Sink
from netlang.language.source import SourceFile
from netlang.language.syntax import ast, parse
from tests.paths import ROOT
from tests.together import together


class Gadget(Item, abstract=True):
    kind = "gadget"


class Widget(Gadget, name="Wid", known_as=("Wodget",)):
    """An item of no room, so that no file can name it."""

    size: Size = arg(doc="how big")
    share: float = arg(default=0.5, at_least=0.0, below=1.0)
    count: int = arg(default=3, above=-5, at_most=5)
    colour: str = arg(default="red", choices=("red", "blue"))
    shiny: bool = arg(default=False)
    note: str | None = arg(default=None)
    tags: tuple[str, ...] = arg(default=())
    box: tuple[Size, ...] | None = arg(default=None)
    undeclared: int = 7

    def prepare(self) -> None:
        self.prepared = (self.size, self.share)


class BigWidget(Widget):
    weight: float = arg(default=1.0)


def read(text: str) -> Any:
    """The value that netlang text stands for: a literal, a negative one or a list."""
    sink = Sink()
    (statement,) = parse(SourceFile("<value>", text), sink).statements
    assert not sink.diagnostics
    assert isinstance(statement, ast.Definition)

    def value(node: ast.Expression) -> Any:
        match node:
            case ast.Literal():
                return node.value
            case ast.Unary(operator="-"):
                return -value(node.operand)
            case ast.ListOf():
                return tuple(map(value, node.items))
        raise AssertionError(node)

    return value(statement.value)


def test_arguments_are_given_by_position_or_by_name() -> None:
    widget = Widget(4, 0.25, shiny=True)
    assert (widget.size, widget.share, widget.shiny) == (4, 0.25, True)
    assert widget.values == Widget(shiny=True, share=0.25, size=4).values


def test_arguments_left_out_take_their_defaults() -> None:
    assert Widget(4).values == {
        "size": 4,
        "share": 0.5,
        "count": 3,
        "colour": "red",
        "shiny": False,
        "note": None,
        "tags": (),
        "box": None,
    }


def test_fields_that_are_not_declared_with_arg_are_no_arguments() -> None:
    assert "undeclared" not in Widget(4).values
    with pytest.raises(TypeError, match="no argument 'undeclared'"):
        Widget(4, undeclared=1)


def test_an_argument_with_an_alias_leaves_its_name_to_another_attribute() -> None:
    class Basket(Gadget):
        with_lid: bool = arg(default=True, alias="lid")

    assert str(Basket.arguments[0]) == "lid=true"
    for basket in (Basket(False), Basket(lid=False), Basket.declared({"lid": False})):
        basket.lid = "oak"  # type: ignore[attr-defined]
        assert basket.with_lid is False
        assert basket.values == {"lid": False}


def test_a_subclass_has_its_parents_arguments_first() -> None:
    assert [argument.name for argument in BigWidget.arguments][-2:] == ["box", "weight"]
    assert BigWidget(4, weight=2).weight == 2


def test_prepare_sees_the_values() -> None:
    assert Widget(4).prepared == (4, 0.5)
    assert Widget.declared({"size": 9}).prepared == (9, 0.5)


def test_a_number_s_argument_holds_a_float_whatever_was_given() -> None:
    widget = Widget(4, share=0)
    assert widget.share == 0
    assert isinstance(widget.share, float)


@pytest.mark.parametrize(
    ("positional", "named", "message"),
    [
        ((), {}, "Wid(size, share=0.5, {rest}) needs 'size'"),
        (
            (4,),
            {"sise": 3},
            "Wid(size, share=0.5, {rest}) has no argument 'sise'; did you mean 'size'?",
        ),
        ((4,), {"size": 3}, "Wid(size, share=0.5, {rest}) got 'size' twice"),
        (range(9), {}, "Wid(size, share=0.5, {rest}) takes 8 arguments at most"),
        ((4.0,), {}, "{rest}): 'size' must be a whole number, at least 1, not 4.0"),
        ((True,), {}, "'size' must be a whole number, at least 1, not True"),
        ((None,), {}, "'size' must be a whole number, at least 1, not None"),
        ((4, "0.5"), {}, "'share' must be a number, at least 0 and below 1, not '0.5'"),
        ((4, False), {}, "'share' must be a number, at least 0 and below 1, not False"),
        ((4, float("nan")), {}, "'share' must be a number, at least 0 and below 1, not nan"),
        ((4, float("inf")), {}, "'share' must be a number, at least 0 and below 1, not inf"),
        ((4,), {"count": 1.5}, "'count' must be a whole number, above -5 and at most 5, not 1.5"),
        ((4,), {"shiny": 1}, "'shiny' must be true or false, not 1"),
        ((4,), {"colour": 3}, "'colour' must be \"red\" or \"blue\", not 3"),
        ((4,), {"note": 3}, "'note' must be a string, not 3"),
        ((4,), {"tags": "red"}, "'tags' must be a list of strings, not 'red'"),
        ((4,), {"tags": ("red", 3)}, "'tags' must be a list of strings, not ('red', 3)"),
        ((4,), {"box": (3, 0)}, "'box' must be a list of sizes such as [3, 32, 32], not (3, 0)"),
    ],
)  # fmt: skip
def test_a_wrong_kind_or_number_of_arguments_is_a_type_error(
    positional: tuple[Any, ...], named: dict[str, Any], message: str
) -> None:
    rest = 'count=3, colour="red", shiny=false, note=none, tags=[], box=none'
    with pytest.raises(TypeError) as raised:
        Widget(*positional, **named)
    assert message.replace("{rest}", rest) in str(raised.value)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"size": 0}, "'size' must be a whole number, at least 1, not 0"),
        ({"share": -0.1}, "'share' must be a number, at least 0 and below 1, not -0.1"),
        ({"share": 1}, "'share' must be a number, at least 0 and below 1, not 1"),
        ({"count": -5}, "'count' must be a whole number, above -5 and at most 5, not -5"),
        ({"count": 6}, "'count' must be a whole number, above -5 and at most 5, not 6"),
        ({"colour": "green"}, "'colour' must be \"red\" or \"blue\", not 'green'"),
    ],
)
def test_a_value_out_of_bounds_is_a_value_error(named: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="must be") as raised:
        Widget(**{"size": 4, **named})
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "named",
    [
        *({"share": 0}, {"share": 0.999}, {"count": -4}, {"count": 5}, {"size": 1}),
        *({"note": None}, {"note": ""}, {"tags": ()}, {"tags": ("a", "b")}, {"box": (3, 32, 32)}),
    ],
    ids=str,
)
def test_values_at_the_edge_of_what_is_allowed_are_taken(named: dict[str, Any]) -> None:
    widget = Widget(**{"size": 4, **named})
    for name, value in named.items():
        assert getattr(widget, name) == value


def test_a_list_may_be_given_as_a_python_list() -> None:
    assert Widget(4, tags=["a", "b"]).tags == ("a", "b")
    assert Widget(4, box=[3, 32]).box == (3, 32)


def test_a_path_of_python_s_own_type_is_a_string() -> None:
    path = ROOT / "models" / "iris.csv"
    assert CSV(path, "species").path == CSV(str(path), "species").path == str(path)
    assert CSV(path, "species").describe().samples == 150
    with pytest.raises(TypeError, match=r"'size' must be a whole number, .*, not \w+Path\('4'\)"):
        Widget(Path("4"))


def test_a_number_too_large_for_a_float_is_refused_as_other_values_are() -> None:
    with pytest.raises((TypeError, ValueError), match="'weight' must be a number"):
        BigWidget(4, weight=10**400)


def test_numbers_of_numpy_are_numbers() -> None:
    widget = Widget(np.int64(3), np.float32(0.5), box=[np.int32(2)], shiny=True)
    assert widget.values == Widget(3, 0.5, box=(2,), shiny=True).values
    assert (type(widget.size), type(widget.share), type(widget.values["box"][0])) == (
        int,
        float,
        int,
    )  # type: ignore[index]
    for wrong in (np.float32(3), np.int64(0), np.bool_(True)):
        with pytest.raises((TypeError, ValueError), match="'size' must be a whole number"):
            Widget(wrong)
    with pytest.raises(ValueError, match="'share' must be a number, at least 0 and below 1"):
        Widget(3, np.float32(1.5))


def test_a_refused_value_is_shown_as_it_was_given() -> None:
    with pytest.raises(ValueError, match='"red" or "blue", not \'`red`\''):
        Widget(3, colour="`red`")


def test_none_stands_only_where_it_is_the_default() -> None:
    by_name = {argument.name: argument for argument in Widget.arguments}
    assert by_name["note"].accepts(None)
    assert not by_name["colour"].accepts(None)
    assert not by_name["size"].accepts(None)


@pytest.mark.parametrize(
    ("name", "expects"),
    [
        ("size", "a whole number, at least 1"),
        ("share", "a number, at least 0 and below 1"),
        ("count", "a whole number, above -5 and at most 5"),
        ("colour", '`"red"` or `"blue"`'),
        ("shiny", "`true` or `false`"),
        ("note", "a string"),
        ("tags", "a list of strings"),
    ],
)
def test_expects_says_in_words_what_is_taken(name: str, expects: str) -> None:
    (argument,) = (argument for argument in Widget.arguments if argument.name == name)
    assert argument.expects == expects


def test_an_item_is_named_after_its_class_or_as_declared() -> None:
    assert (Widget.name, Widget.known_as) == ("Wid", ("Wodget",))
    assert (BigWidget.name, BigWidget.known_as) == ("BigWidget", ())
    assert Gadget.abstract
    assert not Widget.abstract


def test_signature_and_repr_are_netlang_text() -> None:
    assert registry.ITEMS["Dropout"].signature() == "Dropout(p=0.5)"
    assert registry.ITEMS["ReLU"].signature() == "ReLU()"
    assert (
        registry.ITEMS["Linear"].signature()
        == 'Linear(in_features, out_features, init="xavier", bias=true, tied=none)'
    )
    assert repr(Widget(4, tags=("a",), box=(1, 2))) == (
        'Wid(size=4, share=0.5, count=3, colour="red", shiny=false, note=none, '
        'tags=["a"], box=[1, 2])'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "none"), (True, "true"), (False, "false"), (3, "3"), (-3, "-3")),
        *((0.5, "0.5"), (25.0, "25"), (-0.25, "-0.25"), (1e-3, "0.001"), (1e-8, "1e-08")),
        *((1e16, "1e+16"), (1e300, "1e+300"), ("", '""'), ("xavier", '"xavier"')),
        *(('say "no"', r'"say \"no\""'), ("a\\b", r'"a\\b"'), ("a\n\tb", r'"a\n\tb"')),
        *(((), "[]"), (("a", "b"), '["a", "b"]'), ((3, 32, 32), "[3, 32, 32]")),
    ],
)  # fmt: skip
def test_as_source_writes_a_value_as_a_file_does(value: Any, text: str) -> None:
    assert as_source(value) == text


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")) | st.sampled_from("\n\t"))


@given(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | FLOATS
    | TEXT
    | st.lists(TEXT | st.integers(1, 10**6)).map(tuple)
)
def test_what_as_source_writes_reads_as_the_same_value(value: Any) -> None:
    again = read(as_source(value))
    assert again == value
    assert isinstance(again, bool) == isinstance(value, bool)


@together("item", registry.ITEMS.values(), ids=lambda item: item.name)
def test_every_default_is_one_that_its_argument_takes(item: type[Item]) -> None:
    for argument in item.arguments:
        if not argument.required:
            assert argument.accepts(argument.default)
            assert argument.default is None or argument.allows(argument.default)


@together("item", registry.ITEMS.values(), ids=lambda item: item.name)
def test_every_item_and_argument_of_the_catalogue_is_documented(item: type[Item]) -> None:
    assert item.__doc__
    assert all(argument.doc for argument in item.arguments)


def test_a_part_of_an_argument_s_name_is_suggested_in_python_as_it_is_in_a_file() -> None:
    with pytest.raises(TypeError, match="no argument 'out'; did you mean 'out_features'"):
        Linear(3, out=3)
