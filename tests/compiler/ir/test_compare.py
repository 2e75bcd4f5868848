"""What changed in meaning between two programs."""

from __future__ import annotations

from hypothesis import given, settings

from netlang import arg
from netlang.catalogue.metrics import Accuracy, MeanSquaredError
from netlang.compiler.ir import Change, Graph, compare, print_program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.graphs import graphs
from tests.unparse import structure, unparse

NET = "net = Linear(2, 8) as a -> ReLU -> [a, Identity] -> Add -> Linear(8, 2)\n"


def changes(before: str, after: str) -> list[Change]:
    return compare(
        *(compile_source(SourceFile("a.net", text)).require() for text in (before, after))
    )


def told(before: str, after: str) -> list[tuple[str, str, str | None, str | None]]:
    return [(one.kind, one.what, one.before, one.after) for one in changes(before, after)]


def test_how_a_file_is_written_is_no_change() -> None:
    other = (
        "# the same\nwidth = 8\nblock skip(layer) = [Identity, layer] -> Add\n"
        "net = Linear(2, width) -> skip(ReLU) -> Linear(_, 2)\n"
    )
    assert not changes(NET, other)


def test_a_resized_layer_is_told_with_both_its_forms_and_the_totals() -> None:
    assert told(NET, NET.replace("Linear(8, 2)", "Linear(8, 3)")) == [
        ("changed", "linear2", "Linear(8, 2)", "Linear(8, 3)"),
        ("size", "weights", "42", "51 (+9)"),
        ("size", "multiply-adds", "32", "40 (+8)"),
    ]


def test_of_a_setting_with_arguments_those_are_told_that_differ() -> None:
    before, adam = "net = Linear(2, 2)\noptimizer = {}\n", "Adam(lr=0.5, eps=1e-7)"
    other = before.format("Adam(lr=0.25, eps=1e-7)")
    assert told(before.format(adam), other) == [
        ("setting", "optimizer", "Adam(lr=0.5)", "Adam(lr=0.25)")
    ]
    ((_, _, was, now),) = told(before.format(adam), before.format("SGD(lr=0.5)"))
    assert (was, now) == ("Adam(lr=0.5, eps=1e-07)", "SGD(lr=0.5)")


def test_a_layer_that_came_or_went_is_told_once_and_its_neighbours_not() -> None:
    longer = NET.replace("-> [a", "-> Tanh -> [a")
    assert told(NET, longer) == [("added", "tanh1", None, "Tanh")]
    assert told(longer, NET) == [("removed", "tanh1", "Tanh", None)]


def test_so_it_is_where_the_layer_is_the_last_one() -> None:
    longer = NET.replace("Linear(8, 2)", "Linear(8, 2) -> Tanh")
    assert told(NET, longer) == [("added", "tanh1", None, "Tanh")]
    assert told(longer, NET) == [("removed", "tanh1", "Tanh", None)]


def test_another_way_between_the_same_layers_is_told() -> None:
    rewired = NET.replace("[a, Identity]", "[Identity, a]")
    assert told(NET, rewired) == [("rewired", "add1", "from linear1, relu1", "from relu1, linear1")]


def test_a_layer_that_went_hides_no_other_source_of_those_behind_it() -> None:
    before = "net = Linear(2, 8) as a -> Tanh as b -> ReLU -> [Identity, b] -> Add -> Linear(8, 2)"
    after = "net = Linear(2, 8) as a -> Tanh as b -> [a, b] -> Add -> Linear(8, 2)"
    sources = "from relu1, tanh1", "from linear1, tanh1"
    removed, added = ("removed", "relu1", "ReLU", None), ("added", "relu1", None, "ReLU")
    assert told(before, after) == [removed, ("rewired", "add1", *sources)]
    assert told(after, before) == [added, ("rewired", "add1", *reversed(sources))]


def test_a_layer_of_the_command_line_has_no_line_of_the_file() -> None:
    source = SourceFile("a.net", NET)
    before, after = (compile_source(source, sets).require() for sets in ((), ["net=Linear(2, 2)"]))
    assert not [one for one in compare(before, after) if one.line_after]


def test_weights_that_become_shared_are_told() -> None:
    apart = "part = Linear(2, 2)\nnet = part -> part\n"
    ((kind, what, _, after), *sizes) = told(apart, "shared " + apart)
    assert (kind, what, after) == ("rewired", "linear2", "from linear1, weights of linear1")
    assert [size[1] for size in sizes] == ["weights"]


def test_settings_are_compared_by_value() -> None:
    before = NET + "data = Disc\nloss = MSE\noptimizer = Adam\nexpect test.loss < 1\n"
    after = before.replace("Adam", "Adam(lr=0.01)").replace("< 1", "< 0.5") + "epochs = 3\n"
    assert {(one.what, one.kind) for one in changes(before, after)} == {
        ("optimizer", "setting"),
        ("expect test.loss", "setting"),
        ("epochs", "setting"),
    }
    assert not changes(before, before + "epochs = 10\n")


def test_the_metrics_are_compared_with_their_arguments() -> None:
    class Near(MeanSquaredError, name="near"):
        within: float = arg(default=1.0)

    program = compile_source(SourceFile("a.net", NET)).require()
    kept, one, two = Accuracy.declared({}), *(Near.declared({"within": x}) for x in (1.5, 2.0))
    before, after = (program.with_settings(metrics=(kept, near)) for near in (one, two))
    (change,) = compare(before, after)
    assert (change.kind, change.what) == ("setting", "metrics")
    assert change.before == "accuracy, near(within=1.5)"
    assert change.after == "accuracy, near(within=2)"
    assert "\nmetrics = accuracy, near {within=2}\n" in f"\n{print_program(after)}"


def test_long_chains_are_compared_in_time_that_grows_as_their_length() -> None:
    chain = "net = " + " -> ".join(["Linear(2, 2)", "ReLU"] * 2000)
    assert len(changes(chain, chain.replace("ReLU", "Tanh"))) == 4000


@settings(max_examples=60)
@given(graphs(), graphs())
def test_programs_differ_exactly_where_their_graphs_do(one: Graph, other: Graph) -> None:
    texts = unparse(one), unparse(other)
    assert bool(changes(*texts)) == (structure(one) != structure(other))
    assert not changes(texts[0], texts[0])
