"""Settings: each is what it takes, goes with the data, or is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.catalogue.metrics import Confusion
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.expectations import Unmeasured
from netlang.language.diagnostics.messages.names import RepeatedArgument, UnknownName, WrongKind
from netlang.language.diagnostics.messages.settings import TaskMismatch
from netlang.language.diagnostics.messages.syntax import UnquotedPath
from netlang.language.diagnostics.messages.tables import TargetTaken
from netlang.language.diagnostics.suggest import Guess
from netlang.language.source import SourceFile

NET = "net = Linear(2, 2)\n"
HOUSES = "rooms,area,price\n" + "".join(f"{i},{2 * i},{i + 0.5}\n" for i in range(10))


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The path of a .net file beside a table with a number to predict."""
    (tmp_path / "houses.csv").write_text(HOUSES)
    return tmp_path / "a.net"


def diagnostics(text: str, path: Path | None = None) -> tuple[Diagnostic, ...]:
    return compile_source(SourceFile("a.net", text, path)).diagnostics


def mistake(text: str, path: Path | None = None) -> Diagnostic:
    (found,) = diagnostics(text, path)
    return found


def program(text: str, path: Path | None = None) -> Program:
    compilation = compile_source(SourceFile("a.net", text, path))
    assert not compilation.diagnostics
    return compilation.require()


def test_what_a_file_does_not_say_has_its_default_or_is_none() -> None:
    found = program(NET)
    assert (found.epochs, found.batch_size, found.seed) == (10, 32, 0)
    assert (found.data, found.description, found.loss, found.optimizer) == (None,) * 4
    assert (found.metrics, found.expectations) == ((), ())


def test_what_a_file_says_is_in_the_program() -> None:
    found = program(
        "net = Linear(2, 2) -> Softmax\ndata = Disc(train=20, test=10)\n"
        "loss = CrossEntropy(1e-3)\noptimizer = SGD(0.5)\n"
        "metrics = [accuracy]\nepochs = 3\nbatch = 4\nseed = 5\nexpect test.accuracy > 0.5 + 0.25"
    )
    assert (found.epochs, found.batch_size, found.seed) == (3, 4, 5)
    assert found.data
    assert (found.data.values["train"], found.data.values["test"]) == (20, 10)
    assert found.description
    assert (found.description.train, found.description.test) == (20, 10)
    assert found.loss
    assert found.loss.name == "CrossEntropy"
    assert found.loss.values == {"eps": 1e-3, "reduction": "mean"}
    assert found.optimizer
    assert (found.optimizer.name, found.optimizer.values["lr"]) == ("SGD", 0.5)
    assert [metric.name for metric in found.metrics] == ["accuracy"]
    assert [one.text for one in found.expectations] == ["expect test.accuracy > 0.75"]


@pytest.mark.parametrize("setting", ["data", "loss", "optimizer", "metrics"])
@pytest.mark.parametrize("wrong", ["3", '"MSE"', "ReLU", "ReLU -> Tanh", "[ReLU]", "none"])
def test_a_setting_that_names_an_item_takes_no_other_kind(setting: str, wrong: str) -> None:
    found = mistake(f"{NET}{setting} = {wrong}")
    assert isinstance(found, WrongKind)
    assert " takes a" in found.title


@pytest.mark.parametrize("wrong", ["3", '"Linear"', "MSE", "[2]", "none", "accuracy"])
def test_net_takes_a_network_alone(wrong: str) -> None:
    found = mistake(f"net = {wrong}")
    assert isinstance(found, WrongKind)
    assert "`net` takes a network" in found.title


@pytest.mark.parametrize("setting", ["data", "loss", "optimizer"])
def test_a_setting_with_a_mistake_in_it_is_told_once(setting: str) -> None:
    for wrong in ("Zebra", "Zebra(1)", "zebra + 1", "1 / 0", "= 3"):
        found = mistake(f"{NET}{setting} = {wrong}\nexpect test.accuracy > 0.5")
        assert found.span
        assert found.span.first.line == 2


def test_metrics_are_by_default_those_of_the_task(beside: Path) -> None:
    assert [one.name for one in program(NET + "data = Disc").metrics] == ["accuracy"]
    houses = 'net = Linear(2, 1)\ndata = CSV("houses.csv", target="price")'
    assert [one.name for one in program(houses, beside).metrics] == ["mae", "r2"]


@pytest.mark.parametrize(
    ("written", "names"),
    [("accuracy", ["accuracy"]), ("[]", []), ("[accuracy]", ["accuracy"])],
)
def test_metrics_are_one_or_a_list_or_none(written: str, names: list[str]) -> None:
    found = program(f"{NET}data = Disc\nmetrics = {written}")
    assert [one.name for one in found.metrics] == names


def test_a_metric_that_stands_in_the_list_twice_is_reported() -> None:
    found = mistake(f"{NET}data = Disc\nmetrics = [accuracy, accuracy]")
    assert isinstance(found, RepeatedArgument)
    assert found.title == "`metrics` gets `accuracy` twice"
    assert found.span
    assert found.first.end < found.span.start


def test_a_table_of_too_many_classes_is_refused_without_a_name_for_each_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Confusion, "labels", None)
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{n},c{n % 1500}\n" for n in range(3000)))
    found = mistake(
        'net = Linear(_, _)\ndata = CSV("a.csv", target="y")\nloss = SoftmaxCrossEntropy\n'
        "metrics = [accuracy, confusion]",
        tmp_path / "a.net",
    )
    assert found.title.endswith("has a row and a column for each class, and there are 1,500")


def test_metrics_may_have_a_name() -> None:
    found = program(f"{NET}data = Disc\nmetrics = [right]\nright = accuracy")
    assert [one.name for one in found.metrics] == ["accuracy"]


@pytest.mark.parametrize("metric", ["mse", "mae", "r2"])
def test_a_metric_for_numbers_does_not_go_with_classes(metric: str) -> None:
    found = mistake(f"{NET}data = Disc\nmetrics = [{metric}]")
    assert isinstance(found, TaskMismatch)
    assert found.helps == ("write `accuracy`, `f1` or `roc_auc`",)
    beside_all = mistake(f"{NET}data = Disc\nmetrics = [accuracy, {metric}, f1, roc_auc]")
    assert isinstance(beside_all, TaskMismatch)
    assert beside_all.helps == ("remove it",)


def test_a_loss_or_metric_for_classes_does_not_go_with_numbers(beside: Path) -> None:
    houses = 'net = Linear(2, 1)\ndata = CSV("houses.csv", target="price")\n'
    for setting in ("loss = CrossEntropy", "metrics = [accuracy]"):
        found = mistake(houses + setting, beside)
        assert isinstance(found, TaskMismatch)
        assert found.labels[0].text == "this is data for regression"
    assert program(houses + "loss = MSE", beside).loss


def test_nothing_is_said_of_tasks_where_the_data_is_not_known() -> None:
    assert program("net = Linear(2, 2) -> Softmax\nloss = CrossEntropy\nmetrics = [mae]").metrics
    assert len(diagnostics(NET + 'data = CSV("gone.csv", target="x")\nmetrics = [mae]')) == 1


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("accuracy", "test.accuracy"),
        ("loss", "test.loss"),
        ("test.acuracy", "test.accuracy"),
        ("tset.accuracy", "test.accuracy"),
        ("train.los", "train.loss"),
        ("test.mae", None),
        ("test", None),
        ("test.accuracy.best", "test.accuracy"),
        ("a.b.c.d", None),
    ],
)
def test_what_a_run_does_not_measure_cannot_be_expected(path: str, meant: str | None) -> None:
    found = mistake(f"{NET}data = Disc\nexpect {path} > 0.5")
    assert isinstance(found, Unmeasured)
    assert getattr(found.meant, "text", None) == meant
    assert found.span
    assert found.span.text == path


def test_an_expectation_may_be_of_each_measure_of_both_parts() -> None:
    lines = [
        f"expect {part}.{name} < 1" for part in ("train", "test") for name in ("loss", "accuracy")
    ]
    assert len(program("\n".join([NET, "data = Disc", *lines])).expectations) == 4


def test_an_expectations_bound_may_be_a_constant() -> None:
    found = program(f"{NET}data = Disc\ngoal = 0.9\nexpect test.accuracy >= goal")
    assert found.expectations[0].bound == 0.9


@pytest.mark.parametrize("bound", ['"0.9"', "true", "none", "[0.9]", "ReLU", "Disc"])
def test_an_expectations_bound_is_a_number(bound: str) -> None:
    found = mistake(f"{NET}data = Disc\nexpect test.accuracy > {bound}")
    assert isinstance(found, WrongKind)


def test_an_expectation_with_two_mistakes_names_its_metric_first() -> None:
    found = diagnostics(f'{NET}data = Disc\nexpect test.zebra > "high"')
    assert [type(one) for one in found] == [Unmeasured]


@pytest.mark.parametrize(
    ("comparison", "met"),
    [(">", [2]), (">=", [1, 2]), ("<", [0]), ("<=", [0, 1]), ("==", [1]), ("!=", [0, 2])],
)
def test_an_expectation_is_met_as_its_comparison_says(comparison: str, met: list[int]) -> None:
    (expected,) = program(f"{NET}data = Disc\nexpect test.loss {comparison} 1").expectations
    assert [value for value in (0, 1, 2) if expected.met_by(value)] == met


def test_a_whole_number_per_row_is_told_to_be_taken_as_a_number(tmp_path: Path) -> None:
    rows = "".join(f"{i / 10},{3 * i}\n" for i in range(25))
    (tmp_path / "counts.csv").write_text("x,count\n" + rows)
    text = 'net = Linear(1, 1)\ndata = CSV("counts.csv", target="count")'
    found = mistake(text, tmp_path / "a.net")
    assert isinstance(found, TargetTaken)
    assert not found.classes
    assert 'task="regression"' in found.helps[0]
    for said in ("loss = MSE", "metrics = [mae]"):
        assert not diagnostics(f"{text}\n{said}", tmp_path / "a.net")


def test_the_data_of_an_override_lies_beside_the_file_too(beside: Path) -> None:
    text = "net = Linear(2, 1)\ndata = Disc"
    override = 'data=CSV("houses.csv", target="price")'
    found = compile_source(SourceFile(str(beside), text, beside), [override])
    assert not found.diagnostics
    assert found.require().description


@pytest.mark.parametrize(
    ("line", "help"),
    [
        ("loss = mse", "write `MSE`"),
        ("metrics = [MSE]", "write `mse`"),
        ("loss = mae", "write `MAE`"),
    ],
)
def test_a_loss_and_a_metric_of_one_name_are_told_apart_by_their_case(line: str, help: str) -> None:
    assert mistake(NET + line).helps == (help,)


@pytest.mark.parametrize(
    ("setting", "meant", "sure"),
    [
        ("metrics = [MeanSquaredError]", "mse", True),
        ("metrics = MeanAbsoluteError", "mae", True),
        ("metrics = [mean_absolute_error]", "mae", True),
        ("loss = MeanSquaredError", "MSE", True),
        ("metrics = [MSELoss]", "mse", False),  # and not the loss
        ("optimizer = Adm", "Adam", False),
    ],
)
def test_a_name_is_taken_for_an_item_of_the_kind_that_the_setting_takes(
    setting: str, meant: str, sure: bool
) -> None:
    (found,) = diagnostics(f"net = Linear(2, 1)\n{setting}\n")
    assert isinstance(found, UnknownName)
    assert found.meant == Guess(meant, sure)


@pytest.mark.parametrize(
    ("rule", "overrides"),
    [
        ("Early(validation.accuracy)", []),
        ("Early", ["stop.metric=validation.accuracy"]),
        ("Early", ["stop=Early(validation.accuracy)"]),
        ("Early(watched)", []),
    ],
)
def test_a_stopping_rule_may_be_told_its_metric_in_each_place(
    rule: str, overrides: list[str]
) -> None:
    data = "data = Disc(validation=9)\nwatched = validation.accuracy\n"
    program = compile_source(SourceFile("a.net", f"{NET}{data}stop = {rule}"), overrides).require()
    assert program.stop
    assert program.stop.values["metric"] == "validation.accuracy"
    assert program.rises(program.stop.metric)


def test_a_stopping_rule_can_be_taken_away() -> None:
    text = f"{NET}data = Disc(validation=9)\nstop = Early(validation.loss)"
    program = compile_source(SourceFile("a.net", text), ["stop=none"]).require()
    assert program.stop is None
    assert not diagnostics(f"{NET}data = Disc\nstop = none")
    assert isinstance(mistake(f"{NET}data = none"), WrongKind)


@pytest.mark.parametrize(("wrong", "meant"), [("loss", "loss"), ("accuracy", "accuracy")])
def test_a_loss_or_a_metric_alone_is_told_with_its_part(wrong: str, meant: str) -> None:
    text = f"{NET}loss = MSE\ndata = Disc(validation=9)\nstop = Early"
    assert mistake(f"{text}({wrong})").helps == (f"write `validation.{meant}`",)
    (found,) = compile_source(SourceFile("a.net", text), [f"stop.metric={wrong}"]).diagnostics
    assert found.helps == (f"write `validation.{meant}`",)


def test_a_path_of_another_kind_of_file_is_told_to_be_a_string() -> None:
    found = diagnostics(f'{NET}data = CSV(x.parquet, target="y")')[0]
    assert isinstance(found, UnquotedPath)
    assert found.quoted == '"x.parquet"'
