"""What is missing, and what looks like a mistake."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.lints import Unused
from netlang.language.diagnostics.messages.settings import MissingNet, MissingSettings
from netlang.language.diagnostics.suggest import Guess
from netlang.language.source import SourceFile

WHOLE = "net = Linear(2, 2)\ndata = Disc\nloss = MSE\noptimizer = SGD\n"


def diagnostics(text: str, to_run: bool = False) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text), to_run=to_run).diagnostics


def mistake(text: str, to_run: bool = False) -> Diagnostic:
    (found,) = diagnostics(text, to_run)
    return found


def test_what_is_missing_is_told_beside_what_only_looks_like_a_mistake() -> None:
    text = "net = Linear(2, 4) -> ReLU -> ReLU -> Linear(4, 2)\nhelper = 3\ndata = Disc"
    found = diagnostics(text, to_run=True)
    assert [one.code for one in found] == ["W0603", "W0601", "E0402"]


def test_a_file_of_constants_alone_may_be_imported() -> None:
    constants = SourceFile("a.net", "width = 25\ndepth = 3\n")
    assert not compile_source(constants, blocks_ok=True).diagnostics
    assert isinstance(mistake(constants.text), MissingNet)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "loss = MSE", "n = 3\nepochs = n"])
def test_a_file_without_a_network_is_told_so_at_its_end(text: str) -> None:
    found = mistake(text)
    assert isinstance(found, MissingNet)
    assert found.meant is None
    assert found.span
    assert found.span.start == len(text.rstrip())


@pytest.mark.parametrize("name", ["nett", "ne", "Net", "network", "model", "my_net"])
def test_a_network_under_another_name_is_told_to_be_called_net(name: str) -> None:
    found = mistake(f"{name} = Linear(2, 3) -> ReLU\nloss = MSE")
    assert isinstance(found, MissingNet)
    assert found.label == "did you mean `net`?"
    assert found.helps == (f"write `net = ...` instead of `{name} = ...`",)
    sure = name != "my_net"
    assert [fix.replacement for fix in found.fixes] == ["net"] * sure


def test_of_several_networks_the_last_that_nothing_uses_is_taken_for_net() -> None:
    found = diagnostics("head = Linear(2, 3)\nbody = head -> ReLU\nmodel = body -> Linear(3, 2)")
    assert [one.span.text for one in found if one.span] == ["model"]


@pytest.mark.parametrize(
    ("net", "loss"),
    [
        ("Linear(2, 2)", "SoftmaxCrossEntropy"),
        ("Linear(2, 2) -> Softmax", "CrossEntropy"),
        ("Linear(2, 1)", "SigmoidCrossEntropy"),
        ("Linear(2, 1) -> Sigmoid", "CrossEntropy"),
    ],
)
def test_a_missing_loss_is_told_with_one_that_fits(net: str, loss: str) -> None:
    found = mistake(f"net = {net}\ndata = Disc\noptimizer = SGD", to_run=True)
    assert found.helps == (f"add, for example,\nloss = {loss}",)


def test_checking_needs_no_more_than_a_network() -> None:
    assert not diagnostics("net = Linear(2, 2)")


@pytest.mark.parametrize("gone", ["data", "loss", "optimizer"])
def test_running_needs_data_a_loss_and_an_optimizer(gone: str) -> None:
    text = "".join(line for line in WHOLE.splitlines(True) if not line.startswith(gone))
    found = mistake(text, to_run=True)
    assert isinstance(found, MissingSettings)
    assert found.missing == (gone,)
    assert f"{gone} = " in found.helps[0]


def test_a_whole_file_can_be_run() -> None:
    assert not diagnostics(WHOLE, to_run=True)


def test_all_that_is_missing_is_one_message() -> None:
    found = mistake("net = Linear(2, 2)", to_run=True)
    assert isinstance(found, MissingSettings)
    assert found.missing == ("data", "loss", "optimizer")


def test_the_examples_of_what_is_missing_make_the_file_whole() -> None:
    found = mistake("net = Linear(2, 2)", to_run=True)
    assert isinstance(found, MissingSettings)
    assert not diagnostics("\n".join(["net = Linear(2, 2)", *found.examples]), to_run=True)


@pytest.mark.parametrize("wrong", ["los", "Loss", "lose", "losss", "lsos"])
def test_a_misspelt_setting_is_a_warning_to_check_and_an_error_to_run(wrong: str) -> None:
    text = WHOLE.replace("loss", wrong)
    warning = mistake(text)
    assert isinstance(warning, Unused)
    assert warning.severity == "warning"
    assert getattr(warning.meant, "text", None) == "loss"
    error = mistake(text, to_run=True)
    assert isinstance(error, MissingSettings)
    assert (error.severity, error.meant) == ("error", warning.meant)
    assert error.span
    assert error.span.text == wrong


@pytest.mark.parametrize(
    ("wrong", "setting"),
    [("epoch", "epochs"), ("bacth", "batch"), ("sed", "seed"), ("metric", "metrics")],
)
def test_a_misspelt_optional_setting_is_a_warning(wrong: str, setting: str) -> None:
    for to_run in (False, True):
        found = mistake(f"{WHOLE}{wrong} = 3", to_run)
        assert isinstance(found, Unused)
        assert getattr(found.meant, "text", None) == setting


def test_a_value_that_a_missing_setting_takes_seems_to_be_meant_as_it() -> None:
    text = WHOLE.replace("loss =", "ls =")
    warning = mistake(text)
    assert isinstance(warning, Unused)
    assert warning.meant == Guess("loss")
    error = mistake(text, to_run=True)
    assert isinstance(error, MissingSettings)
    assert (error.meant, error.missing) == (Guess("loss"), ("loss",))
    other, misspelt = diagnostics(text.replace("ls", "other = MSE\nlos"), to_run=True)
    assert isinstance(other, Unused)
    assert isinstance(misspelt, MissingSettings)
    assert other.meant is None
    assert misspelt.span
    assert misspelt.span.text == "los"


def test_a_name_near_a_setting_that_is_there_is_just_unused() -> None:
    found = mistake(WHOLE + "epochs = 3\nepoch = 4")
    assert isinstance(found, Unused)
    assert found.meant is None


def test_a_misspelt_setting_that_is_used_is_a_constant() -> None:
    assert not diagnostics(WHOLE + "epoch = 3\nepochs = epoch * 2")


def test_what_nothing_uses_is_told_at_its_name() -> None:
    found = mistake(WHOLE + "widht = 3")
    assert isinstance(found, Unused)
    assert found.span
    assert found.span.text == "widht"


def test_what_only_something_unused_uses_is_used() -> None:
    assert [one.written for one in diagnostics(WHOLE + "a = 3\nb = a")] == ["b"]


def test_a_use_in_an_expectation_or_an_argument_is_a_use() -> None:
    assert not diagnostics(WHOLE + "goal = 0.5\nexpect test.accuracy > goal")
    assert not diagnostics("n = 2\nnet = Linear(2, out_features=n)")


@pytest.mark.parametrize("statement", ["net = Linear(2, n) -> Zebra", "net = Linear(2, n) -> -> A"])
def test_nothing_is_called_unused_where_another_mistake_may_be_why(statement: str) -> None:
    assert "W0601" not in [one.code for one in diagnostics(f"n = 3\nm = 4\n{statement}")]


def test_a_definition_with_a_mistake_is_not_called_unused_too() -> None:
    assert [one.code for one in diagnostics(WHOLE + "n = 1 / 0")] == ["E0212"]


def test_a_warning_leaves_a_program() -> None:
    compilation = compile_source(SourceFile("a.net", WHOLE + "n = 3"))
    assert compilation.ok
    assert len(compilation.diagnostics) == 1


@pytest.mark.parametrize(
    ("written", "setting"),
    [
        *(("batchsize", "batch"), ("batchSize", "batch"), ("BATCH_SIZE", "batch")),
        *(("numepochs", "epochs"), ("nEpochs", "epochs"), ("randomState", "seed")),
    ],
)
def test_a_setting_in_another_systems_spelling_is_told_and_mended(
    written: str, setting: str
) -> None:
    found = mistake(f"net = Linear(2, 3)\n{written} = 3")
    assert found.label == f"did you mean the setting `{setting}`?"
    assert [fix.replacement for fix in found.fixes] == [setting]


@pytest.mark.parametrize(
    ("net", "data", "warned"),
    [
        ("ReLU", 'Table("t.csv", target="y")', True),
        ("Sigmoid", 'Table("t.csv", target="y")', True),
        ("Sigmoid -> Dropout(0.1)", 'Table("t.csv", target="y")', True),
        ("Softmax", 'Table("t.csv", target=["y", "z"])', True),
        ("ReLU", 'Table("t.csv", target="y", standardize=false)', False),
        ("Tanh", 'Table("t.csv", target="y")', False),
        ("Sigmoid", 'Table("t.csv", target="kind")', False),
        ("ReLU", "Sine", False),
    ],
)
def test_a_last_layer_that_cannot_give_standardised_targets_is_told(
    net: str, data: str, warned: bool
) -> None:
    rows = (f"{i % 7}.5,{i * i % 11}.5,{i % 5}.5,{'ab'[i % 2]}\n" for i in range(40))
    Path("t.csv").write_text("x,y,z,kind\n" + "".join(rows))
    found = diagnostics(f"net = Linear(_, _) -> {net}\ndata = {data}\n")
    assert ("W0624" in [one.code for one in found]) == warned


@pytest.mark.parametrize(
    ("net", "data", "warned"),
    [
        ("Tanh", 'Table("t.csv", target="y")', "`Tanh` gives numbers from -1 to 1, and `y` goes"),
        ("Flatten -> Tanh -> Reshape([1])", 'Table("t.csv", target="y")', "`Tanh` gives numbers"),
        ("GELU", 'Table("t.csv", target="y")', "`GELU` gives no number below -0.17, and `y` goes"),
        ("Tanh", 'Table("t.csv", target=["y", "z"])', "and `y` and `z` go from"),
        (
            "HardTanh(-2, 9.4)",
            'Table("t.csv", target="z", standardize=false)',
            "`HardTanh` gives no number above 9.4, and `z` goes up to 10.5",
        ),
        ("HardTanh(-2, 10.5)", 'Table("t.csv", target="z", standardize=false)', ""),
        ("HardTanh(-4, 4)", 'Table("t.csv", target="z")', ""),
        ("ReLU", 'Table("t.csv", target="z", standardize=false)', ""),
        ("Sigmoid", 'Table("t.csv", target="kind")', ""),
        ("Sigmoid", "Sine", "`Sigmoid` gives no number below 0, and the numbers to predict go"),
        ("LogSoftmax -> Linear(_, _)", "Sine", ""),
        ("Tanh", "Sine", ""),
        ("Sigmoid", 'Arrays("a.npy", target="input", standardize=false)', "gives no number above"),
        ("Tanh", 'Arrays("a.npy", target="input")', "`Tanh` gives numbers from -1 to 1"),
        ("ReLU", 'Arrays("a.npy", target="input", standardize=false)', ""),
    ],
)
def test_a_last_layer_that_cannot_give_all_targets_is_told(
    net: str, data: str, warned: str
) -> None:
    rows = (f"{i % 7}.5,{i * i % 11}.5,{i % 11}.5,{'ab'[i % 2]}\n" for i in range(40))
    Path("t.csv").write_text("x,y,z,kind\n" + "".join(rows))
    numpy.save("a.npy", numpy.arange(120.0).reshape(40, 3) % 7)
    found = diagnostics(f"net = Linear(_, _) -> {net}\ndata = {data}\n")
    titles = [one.title for one in found if one.code == "W0636"]
    assert len(titles) == bool(warned)
    assert all(warned in title for title in titles)


def test_of_several_outputs_each_is_held_against_its_own_targets() -> None:
    rows = (f"{i % 7}.5,{i % 11}.5,{'ab'[i % 2]}\n" for i in range(40))
    Path("t.csv").write_text("x,z,kind\n" + "".join(rows))
    text = "net = Linear(_, 8) -> ReLU -> [Linear(8, 1) -> Tanh as z, Linear(8, _) as kind]\n"
    text += 'data = Table("t.csv", target=["z", "kind"], standardize=false)\n'
    found = mistake(text + "loss = [MSE, SoftmaxCrossEntropy]\n")
    assert found.title == "`Tanh` gives no number above 1, and `z` goes up to 10.5"


@pytest.mark.parametrize(
    ("between", "warned"),
    [
        ("ReLU", True),
        ("BatchNorm(8) -> ReLU -> MaxPool2d(2) -> Dropout(0.1)", True),
        ("[Identity, ReLU -> Conv2d(8, 8, 1)] -> Add -> ReLU", True),
        ("ReLU -> Flatten", False),
        ("ReLU -> Flatten(2) -> Permute([1, 0])", False),
        ("ReLU -> Permute([1, 2, 0])", False),
        ("ReLU -> Permute([0, 1, 2])", False),
        ("ReLU -> Reshape([_, 64])", False),
        ("ReLU -> GlobalAvgPool", False),
    ],
)
def test_a_linear_layer_that_gets_pictures_as_they_are_is_told(between: str, warned: bool) -> None:
    text = f"input = [3, 8, 8]\nnet = Conv2d(3, 8, 3, padding=1, bias=false) -> {between}"
    found = diagnostics(f"{text} -> Linear(_, 6) -> ReLU -> Linear(6, 6)")
    assert [one.code for one in found] == ["W0637"] * warned


@pytest.mark.parametrize(
    ("between", "told"),
    [
        ("ReLU", True),
        ("LayerNorm(8)", True),
        ("[Identity, LayerNorm(8) -> Linear(8, 8) -> GELU] -> Add", True),
        ("Scale(8)", True),
        (
            "Softmax(dim=1)",
            True,
        ),  # which is that of the same tokens in another order, in that order
        ("PReLU", True),
        ("PReLU(16)", False),  # a slope for each place tells one from another
        ("LayerNorm([16, 8])", False),
        ("Scale(16, dim=1)", False),
        ("GRU(8, 8)", False),
        ("PositionalEmbedding(16, 8)", False),
    ],
)
def test_attention_is_told_that_cannot_tell_places_apart(between: str, told: bool) -> None:
    text = f"input = [16]\nnet = Embedding(9, 8) -> {between} -> Attention(8, 2) -> Linear(8, 2)"
    assert [one.code for one in diagnostics(text)] == ["W0628"] * told


@pytest.mark.parametrize(
    ("most", "rest", "loss", "told"),
    [
        (1000.0, ", standardize=false", "MSE", True),
        (999.0, ", standardize=false", "MSE", False),
        (-5e5, ", standardize=false", "Huber", True),
        (5e5, "", "MSE", False),
        (5e5, ", standardize=false", "PoissonNLL", False),
    ],
)
def test_large_numbers_to_predict_in_an_array_are_told(
    tmp_path: Path, most: float, rest: str, loss: str, told: bool
) -> None:
    inputs = numpy.linspace(-1, 1, 20).reshape(10, 2)
    numpy.savez(tmp_path / "a.npz", x=inputs, y=numpy.linspace(0, most, 10))
    text = f'net = Linear(2, 1)\ndata = Arrays("a.npz"{rest})\nloss = {loss}\n'
    found = compile_source(SourceFile("a.net", text, tmp_path / "a.net")).diagnostics
    assert [one.code for one in found if one.code == "W0617"] == ["W0617"] * told


def test_a_loss_of_counts_takes_large_ones_of_a_table(tmp_path: Path) -> None:
    rows = "\n".join(f"{n % 13},{n * 37 % 5000}" for n in range(60))
    (tmp_path / "counts.csv").write_text(f"x,y\n{rows}\n")
    for loss, told in (("MSE", ["W0617"]), ("PoissonNLL", [])):
        data = 'data = CSV("counts.csv", target="y", task="regression", standardize=false)'
        text = f"net = Linear(1, 1)\n{data}\nloss = {loss}\n"
        found = compile_source(SourceFile("a.net", text, tmp_path / "a.net")).diagnostics
        assert [one.code for one in found] == told
