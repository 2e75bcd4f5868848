"""Arguments: those that a use gives against those that its item declares."""

from __future__ import annotations

import pytest

from netlang.catalogue.arguments import as_source
from netlang.catalogue.layers.initial import INITS
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.names import (
    MissingArgument,
    OutOfRange,
    RepeatedArgument,
    TooManyArguments,
    UnknownArgument,
    UnknownName,
    UnnamedAfterNamed,
    WrongKind,
    WrongType,
)
from netlang.language.diagnostics.messages.training import TooMuchMemory
from netlang.language.diagnostics.suggest import Guess
from netlang.language.diagnostics.wording import either
from netlang.language.source import SourceFile
from netlang.runs.training.memory import too_much_memory

BEHIND = "an activation is a layer of its own, behind this one: `-> ReLU`"


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text)).diagnostics


def mistake(use: str) -> Diagnostic:
    (found,) = diagnostics(f"net = Linear(2, 3) -> {use}")
    return found


def values(use: str) -> dict[str, object]:
    program = compile_source(SourceFile("a.net", f"net = Linear(2, 3) -> {use}")).require()
    return dict(program.graph.nodes[-1].layer.values)


@pytest.mark.parametrize(
    "use",
    [
        "Linear(3, 4)",
        "Linear(3, out_features=4)",
        "Linear(in_features=3, out_features=4)",
        "Linear(out_features=4, in_features=3)",
        'Linear(3, 4, "xavier")',
        'Linear(3, 4, init="xavier")',
        "Linear(3, 4,)",
    ],
)
def test_arguments_go_by_place_by_name_and_by_default(use: str) -> None:
    sizes, others = {"in_features": 3, "out_features": 4}, {"bias": True, "tied": None}
    assert values(use) == sizes | {"init": "xavier"} | others


@pytest.mark.parametrize("use", ["Linear(in_features=3, 4)", 'Linear(3, init="xavier", 4)'])
def test_an_argument_without_a_name_has_no_place_behind_one_with_a_name(use: str) -> None:
    found = mistake(use)
    assert isinstance(found, UnnamedAfterNamed)
    assert found.decimal == ""


@pytest.mark.parametrize(
    ("use", "number"), [("Dropout(0,5)", "0.5"), ("Dropout(p=0,25)", "0.25"), ("Dropout(0, 5)", "")]
)
def test_a_comma_that_was_meant_as_a_decimal_point_is_told(use: str, number: str) -> None:
    found = mistake(use)
    assert isinstance(found, TooManyArguments | UnnamedAfterNamed)
    assert found.decimal == number


def test_a_whole_number_serves_where_a_number_is_taken() -> None:
    assert values("Dropout(0)") == {"p": 0.0}
    assert isinstance(values("Dropout(0)")["p"], float)


def test_a_bare_name_is_a_use_with_defaults() -> None:
    assert values("Dropout") == values("Dropout()") == {"p": 0.5}


@pytest.mark.parametrize(
    ("use", "kind", "place"),
    [
        ("Linear(3, 4, q=1)", UnknownArgument, "q"),
        ("Linear(3, 4, out=1)", UnknownArgument, "out"),
        ("Linear(3)", MissingArgument, "Linear(3)"),
        ("Linear", MissingArgument, "Linear"),
        ("Linear(3, 4, in_features=3)", RepeatedArgument, "in_features=3"),
        ("Linear(3, out_features=4, out_features=4)", RepeatedArgument, "out_features=4"),
        ('Linear(3, 4, "zero", true, none, 5)', TooManyArguments, "5"),
        ("ReLU(1)", TooManyArguments, "1"),
        ('Linear(3, "4")', WrongType, '"4"'),
        ("Linear(3, 4.0)", WrongType, "4.0"),
        ("Linear(3, true)", WrongType, "true"),
        ("Linear(3, none)", WrongType, "none"),
        ("Linear(3, [4])", WrongType, "[4]"),
        ("Linear(3, 4, init=zero)", None, "zero"),
        ("Linear(3, 4, init=1)", WrongType, "1"),
        ("Linear(3, ReLU)", WrongKind, "ReLU"),
        ("Linear(3, ReLU -> ReLU)", WrongKind, "ReLU -> ReLU"),
        ("Linear(3, [ReLU])", WrongKind, "[ReLU]"),
        ("Linear(3, 0)", OutOfRange, "0"),
        ("Linear(3, -4)", OutOfRange, "-4"),
        ("Linear(3, 2 - 3)", OutOfRange, "2 - 3"),
        ("Dropout(1)", OutOfRange, "1"),
        ("Dropout(1.5)", OutOfRange, "1.5"),
        ("Dropout(p=-0.1)", OutOfRange, "-0.1"),
        ('Linear(3, 4, init="he")', OutOfRange, '"he"'),
    ],
)
def test_a_wrong_argument_is_told_once_and_where_it_stands(
    use: str, kind: type[Diagnostic] | None, place: str
) -> None:
    found = mistake(use)
    assert kind is None or isinstance(found, kind)
    assert found.span
    assert found.span.text == place


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("out", "out_features"),
        ("in", "in_features"),
        ("out_feature", "out_features"),
        ("q", None),
    ],
)
def test_an_unknown_argument_is_told_with_the_one_that_was_meant(
    wrong: str, meant: str | None
) -> None:
    found = mistake(f"Linear(3, 4, {wrong}=3)")
    assert isinstance(found, UnknownArgument)
    assert getattr(found.meant, "text", None) == meant
    assert "Linear(in_features, out_features, init" in found.notes[0]


def test_a_constant_out_of_range_is_told_with_the_place_it_comes_from() -> None:
    for last in ("p", "q + 0", "-(-q)"):
        found = diagnostics(f"p = 1.5\nq = p\nnet = Linear(2, 3) -> Dropout({last})")
        (wrong,) = (one for one in found if one.code == "E0209")
        assert [label.span.text for label in wrong.labels] == ["1.5"]


def test_several_wrong_arguments_of_one_use_are_each_told() -> None:
    found = diagnostics('net = Linear(0, "a", init="b")')
    assert [type(one) for one in found] == [OutOfRange, WrongType, OutOfRange]


def test_a_use_with_a_mistake_is_told_once_however_often_it_is_used() -> None:
    assert len(diagnostics("a = Linear(2, 0)\nnet = Linear(2, 2) -> a -> a -> a")) == 1


def test_a_number_in_quotes_is_told_to_lose_them() -> None:
    assert mistake('Linear(3, "4")').helps == ("write `4` without quotes",)
    assert mistake('Linear(3, "four")').helps == ("give a whole number, at least 1",)


def test_a_missing_argument_is_told_with_what_it_means_and_an_example_that_works() -> None:
    found = mistake("Linear(3)")
    assert isinstance(found, MissingArgument)
    assert found.missing == ("out_features",)
    assert values(found.example)["out_features"]


@pytest.mark.parametrize(
    ("block", "call"), [("Linear(a, 2)", "f(2.5)"), ("a -> ReLU", "f(Linear(2.5, 2))")]
)
def test_the_calls_that_an_unused_block_call_expands_to_are_bound(block: str, call: str) -> None:
    text = f"block f(a) = {block}\n"
    for rest in (f"x = {call}\nnet = Linear(2, 2)\n", f"shared enc = {call}\n"):
        assert "E0208" in [found.code for found in diagnostics(text + rest)]


def test_parts_that_a_definition_holds_often_are_bound_once() -> None:
    doubled = "Linear(2, 2)"
    for _ in range(100):
        doubled = f"f({doubled})"
    (found,) = diagnostics(f"block f(a) = a -> a\nx = {doubled}\nnet = Linear(2, 2)\n")
    assert found.code == "W0601"


def test_a_definition_that_nothing_uses_is_bound_all_the_same() -> None:
    codes = [one.code for one in diagnostics("a = ReLU -> Dropout(2)\nnet = Linear(2, 3)")]
    assert "E0209" in codes


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("epochs = 0", "E0209"),
        ("epochs = 1.5", "E0208"),
        ("epochs = none", "E0208"),
        ("epochs = true", "E0208"),
        ("epochs = ReLU", "E0211"),
        ("batch = -1", "E0209"),
        ("batch = [1]", "E0208"),
        ("seed = -1", "E0209"),
        ('seed = "0"', "E0208"),
        ("input = 2", "E0208"),
        ("input = [0]", "E0208"),
        ("input = [2.5]", "E0208"),
        ("input = [ReLU]", "E0211"),
    ],
)
def test_a_plain_setting_is_checked_as_an_argument_is(setting: str, code: str) -> None:
    found = diagnostics(f"net = Linear(2, 3)\n{setting}")
    assert [one.code for one in found] == [code]


def test_a_size_of_two_to_the_63_less_one_is_a_size() -> None:
    program = compile_source(SourceFile("a.net", "net = Linear(3, 9223372036854775807)")).require()
    assert isinstance(too_much_memory(program), TooMuchMemory)  # and there is no other mistake


@pytest.mark.parametrize(
    ("use", "ways_out"),
    [
        ("Linear(8)", ["Linear(_, 8)", "Linear(8, out_features=25)"]),
        (
            "Linear(out_features=8)",
            ["Linear(out_features=8, in_features=_)", "Linear(out_features=8, in_features=25)"],
        ),
        ("Linear", ["Linear(in_features=25, out_features=25)"]),
    ],
)
def test_a_layer_without_all_its_sizes_is_offered_a_hole_for_those_it_lacks(
    use: str, ways_out: list[str]
) -> None:
    found = mistake(use)
    assert isinstance(found, MissingArgument)
    assert all(f"`{one}`" in help for one, help in zip(ways_out, found.helps, strict=True))
    assert ("_" in found.or_hole) == (use != "Linear")
    if found.or_hole:
        assert values(found.or_hole)["out_features"] == 8


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ('data = CSV("t.csv", target="y", ignore="a")', '["a"]'),
        ('data = CSV(["t.csv"], target="y")', '"t.csv"'),
        ("input = 4", "[4]"),
        ("epochs = [3]", "3"),
        ("net = Linear(2, [3])", "3"),
    ],
)
def test_a_lone_value_for_a_list_and_a_list_of_one_are_told_as_they_are_written(
    line: str, written: str
) -> None:
    rest = "" if line.startswith("net") else "net = Linear(4, 3)\n"
    found = next(one for one in diagnostics(rest + line) if isinstance(one, WrongType))
    assert found.helps == (f"write `{written}`",)
    assert [fix.replacement for fix in found.fixes] == [written]
    named = diagnostics("net = Linear(4, 3)\nn = 4\ninput = n")
    assert [one.fixes for one in named] == [()]


@pytest.mark.parametrize("argument", ["learningRate", "LearningRate", "learningrate", "LR"])
def test_an_argument_in_the_case_of_another_system_is_known(argument: str) -> None:
    (found,) = diagnostics(f"net = Linear(2, 3)\noptimizer = Adam({argument}=0.1)")
    assert isinstance(found, UnknownArgument)
    assert found.meant == Guess("lr", sure=True)


@pytest.mark.parametrize(
    ("line", "item", "help"),
    [
        ("input = [3, 0]", "`0`", "a size is a whole number, at least 1"),
        ("input = [2.0]", "`2.0`", "a size is a whole number, at least 1"),
        ('input = ["2"]', '`"2"`', "a size is a whole number, at least 1"),
        ("input = [[2]]", "`[2]`", "a size is a whole number, at least 1"),
        (
            'data = CSV("t.csv", target="y", ignore=["a", 1])',
            "`1`",
            "a string stands in double quotes",
        ),
    ],
)
def test_the_item_of_a_list_that_is_wrong_is_named(line: str, item: str, help: str) -> None:
    (found,) = diagnostics(f"net = Linear(2, 3)\n{line}")
    assert isinstance(found, WrongType)
    assert found.label == f"this is a list with {item} in it"
    assert found.helps == (help,)


def test_a_hole_or_a_layer_in_a_list_of_sizes_is_named() -> None:
    for items, item in (("_, 2", "a hole"), ("2, ReLU", "the layer `ReLU`")):
        (found,) = diagnostics(f"net = Linear(2, 3)\ninput = [{items}]")
        assert found.label == f"this is a list with {item} in it"
        assert found.helps == ("a size is a whole number, at least 1",)


def test_a_choice_that_stands_for_a_layer_is_not_told_to_be_a_string() -> None:
    found = mistake("zero")
    assert isinstance(found, UnknownName)
    assert found.meant is None


@pytest.mark.parametrize(
    ("use", "meant", "sure"),
    [
        ("Linear(3, 3, init=Xavier)", '"xavier"', True),
        ("Linear(3, 3, init=norml)", '"normal"', True),
        ("Linear(3, 3, init=zero)", '"zero"', True),
        ("Linear(3, 3, init=none_of_them)", None, False),
        ("Linear(3, 3, he)", '"kaiming"', False),
    ],
)
def test_a_choice_without_quotes_is_told_as_one_that_there_is(
    use: str, meant: str | None, sure: bool
) -> None:
    found = mistake(use)
    assert isinstance(found, UnknownName)
    assert found.meant == (Guess(meant, sure) if meant else None)
    written = f"write `{meant}`" if meant else f"give {either(map(as_source, INITS))}"
    assert found.helps == (written,)
    if meant:
        assert values(use.replace(found.span.text, meant))["init"] == meant.strip('"')


def test_a_string_without_quotes_is_mended_only_where_a_string_belongs() -> None:
    text = 'data = CSV("t.csv", target=y)\nold = CSV("o.csv", target=y)\nnet = Linear(y, 2)\n'
    (found,) = (one for one in diagnostics(text) if isinstance(one, UnknownName))
    fixed = [text[fix.span.start - 7 : fix.span.end] for fix in found.fixes]
    assert fixed == ["target=y", "target=y"]
    assert {fix.replacement for fix in found.fixes} == {'"y"'}


@pytest.mark.parametrize(
    ("use", "help"),
    [
        ("MLP(2, 3, 4, activation=Tanh)", "write `act`"),
        ("MLP(2, 3, num_classes=4)", "write `outputs`"),
        ("MLP(2, 3, 4, act=ReLU, activation=Tanh)", "remove it"),
        ("MLP(2, 3, 4, colour=3)", "remove it"),
        ("MLP(2, 3, 4, 2, ReLU, 5)", "remove the extra argument"),
        ("Linear(2, 3, false)", "write `bias=false`"),
        ("Linear(2, 3, relu)", BEHIND),
        ("Linear(2, 3, ReLU)", BEHIND),
        ('Linear(2, 3, "relu")', BEHIND),
        ('Linear(2, 3, init="xaver")', 'write `"xavier"`'),
        ("Dropout(50)", "write `0.5` for 50%"),
        ("Dropout(1.5)", "give a number, at least 0 and below 1"),
    ],
)
def test_a_habit_of_another_framework_is_told_what_to_write(use: str, help: str) -> None:
    assert mistake(use).helps == (help,)


def test_a_call_with_arguments_of_another_framework_is_told_as_a_whole() -> None:
    whole = "the call is `Linear(2, 3) -> ReLU`"
    assert mistake("Linear(2, 3, activation=ReLU)").helps == (BEHIND, whole)
    found = mistake("Conv2d(filters=8, kernel=3, pad=1)")
    assert found.helps[1] == "the call is `Conv2d(_, 8, 3, padding=1)`"
    assert [one.replacement for one in found.fixes] == ["Conv2d(_, 8, 3, padding=1)"]


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("betas", "write two arguments, `beta1=0.9, beta2=0.999`"),
        ("input_shape", "`input = [3, 32, 32]` on a line of its own"),
        ("device", "netlang computes on the CPU"),
        ("shuffle", "each epoch takes the samples in a new order"),
    ],
)
def test_an_argument_of_another_framework_is_told_what_to_write_even_as_a_setting(
    name: str, help: str
) -> None:
    for text in ("optimizer = Adam({}=3)", 'data = CSV("a.csv", target="y", {}=3)', "{} = 3"):
        found = diagnostics(f"net = Linear(4, 2)\n{text.format(name)}")
        told = [one.helps[0] for one in found if f"`{name}`" in one.title]
        assert len(told) == 1
        assert help in told[0]


def test_a_note_on_quotes_is_no_help_for_an_activation_that_stands_as_an_argument() -> None:
    assert not mistake("Linear(3, 4, relu)").notes
    assert mistake("Linear(3, 4, he)").notes


@pytest.mark.parametrize(
    ("use", "call"),
    [
        ("PositionalEmbedding(64)", "PositionalEmbedding(64, _)"),
        ("GroupNorm(4)", "GroupNorm(4, _)"),
        ("Linear(4)", "Linear(_, 4)"),
        ("GRU(8)", "GRU(_, 8)"),
        ("LayerNorm", "LayerNorm(_)"),
    ],
)
def test_a_hole_stands_for_the_missing_size_that_the_input_tells(use: str, call: str) -> None:
    found = mistake(use)
    assert isinstance(found, MissingArgument)
    assert found.helps[0] == f"write `{call}`, where netlang finds the size `_`"


@pytest.mark.parametrize("kernel", ["[3, 3]", '"3"', "true", "_", "ReLU"])
def test_what_a_block_reckons_with_is_told_once_and_where_it_is_passed(kernel: str) -> None:
    found = mistake(f"Unflatten([3, 1, 1]) -> ConvBlock(8, {kernel})")
    assert isinstance(found, WrongKind)
    assert kernel in [found.span.text, *(label.span.text for label in found.labels)]


def test_none_is_called_so_where_a_block_takes_a_layer() -> None:
    found = mistake("Unflatten([3, 1, 1]) -> ConvBlock(8, act=none)")
    assert found.title == "a chain is made of layers, and this is `none`"
    assert found.helps == ("write `Identity`, a layer that passes its input on",)


def test_a_block_knows_channels_by_what_others_call_them() -> None:
    found = mistake("Unflatten([3, 1, 1]) -> ConvBlock(filters=8)")
    assert isinstance(found, UnknownArgument)
    assert found.helps[-1] == "write `channels`"


def test_a_size_of_minus_one_is_a_hole_here() -> None:
    found = mistake("Reshape([-1, 3])")
    assert isinstance(found, WrongType)
    assert found.helps[-1].endswith("a layer may have `_` for one that netlang is to find")


def test_a_number_of_tokens_is_the_vocabulary_of_a_table() -> None:
    (found,) = diagnostics('net = Linear(2, 3)\ndata = Table("a.csv", target="y", tokens=100)')
    assert found.helps[-1] == "write `vocabulary`"
