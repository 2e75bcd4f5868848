"""``netlang run``: what is printed, in which form, and with which exit status."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest
from click.testing import Result

from netlang.runs.lines.display import measures
from tests.program import PROCESS, netlang

MODEL = """\
hidden = 8
net = Linear(2, hidden) -> ReLU -> Linear(hidden, 2) -> Softmax
data = Disc(train=60, test=40)
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 3
batch = 7
"""


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "model.net"
    path.write_text(MODEL)
    return str(path)


def run(*arguments: str) -> Result:
    return netlang("run", *arguments)


def events(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def started(command: list[str]) -> subprocess.Popen[bytes]:
    """The command running, with SIGINT heeded even where the tests' own process ignores it."""
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def process(*arguments: str) -> list[str]:
    return [*PROCESS, *arguments]


def test_plain_lines_give_each_epoch_and_end_with_the_test_metrics(model: str) -> None:
    result = run(model)
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0].endswith("42 weights, 60 training and 40 test samples, seed 0")
    assert [line[:9] for line in lines[1:4]] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert lines[4].startswith("test.loss ")
    assert "test.accuracy " in lines[4]


def test_a_confusion_that_is_asked_for_is_shown_at_the_end_and_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y,kind,height\n" + '1,2,no,1.5\n3,4,"a, b",2.5\n' * 20)
    text = 'data = CSV("a.csv", target=["kind", "height"])\nepochs = 1\noptimizer = Adam\n'
    text += "net = Linear(_, 4) -> [Linear(4, _) as kind, Linear(4, _) as height]\n"
    text += "loss = [SoftmaxCrossEntropy, MSE]\nmetrics = [confusion, mae]\n"
    (tmp_path / "a.net").write_text(text)
    result = run(str(tmp_path / "a.net"), "--no-plots")
    assert "confusion" not in result.output
    *_, head, names, first, second = result.output.splitlines()
    assert head == "kind:"
    assert names.split("  ") == ["true \\ predicted", "a, b", "no"]
    (folder,) = Path("runs").iterdir()
    kept = [*csv.reader((folder / "confusion_kind.csv").read_text().splitlines())]
    assert kept[0] == ["true", "a, b", "no"]
    assert [kept[1][1:], kept[2][1:]] == [first.split()[-2:], second.split()[-2:]]
    assert sum(map(int, kept[1][1:])) == sum(map(int, kept[2][1:])) == 4
    as_data = run(str(tmp_path / "a.net"), "--no-plots", "--json")
    assert events(as_data)[-1]["event"] == "result"


def test_many_epochs_are_thinned_out_but_first_and_last_are_shown(model: str) -> None:
    lines = run(model, "--set", "epochs=100").stdout.splitlines()
    shown = [line for line in lines if line.startswith("epoch")]
    assert len(shown) < 40
    assert shown[0].startswith("epoch   1/100")
    assert shown[-1].startswith("epoch 100/100")


def test_json_gives_start_one_object_per_epoch_and_the_result(model: str) -> None:
    start, *epochs, result = events(run(model, "--json"))
    assert start["event"] == "start"
    assert [one["epoch"] for one in epochs] == [1, 2, 3]
    assert result["event"] == "result"
    metrics = result["metrics"]
    assert isinstance(metrics, dict)
    assert list(metrics) == ["train.loss", "train.accuracy", "test.loss", "test.accuracy"]
    assert result["seed"] == 0
    assert result["backend"] == "tensor"
    assert "run" in result


def test_json_gives_mistakes_as_data_too(model: str) -> None:
    result = run(model, "--json", "--set", "batch=0")
    (event,) = events(result)
    assert result.exit_code == 1
    assert event["event"] == "diagnostics"
    assert "E0209" in str(event["diagnostics"])


def test_json_ends_with_the_error_where_no_folder_can_be_made(model: str) -> None:
    Path("file").write_text("")
    result = run(model, "--json", "-o", "file/inside")
    last = events(result)[-1]
    assert (result.exit_code, last["event"]) == (1, "error")
    assert "cannot write" in str(last["message"])


def test_columns_of_plain_lines_stand_below_each_other() -> None:
    values = (0.25, 0.0, 1.234567e-5, -9.87654e-5, 123.456789, 98765.4321, -1.5e9)
    lines = [measures({"train.loss": value, "test.loss": 1.0}) for value in values]
    assert len({line.index("test.loss") for line in lines}) == 1


@pytest.mark.parametrize("folder", ["runs", "x"])
def test_a_folder_is_not_both_named_and_unwanted(model: str, folder: str) -> None:
    assert run(model, "--no-folder", "-o", folder).exit_code == 2


def test_the_same_seed_prints_the_same_losses_to_the_last_digit(model: str) -> None:
    first, second = (events(run(model, "--json")) for _ in range(2))
    assert [one.get("metrics") for one in first] == [one.get("metrics") for one in second]


def test_another_seed_prints_other_losses(model: str) -> None:
    losses = {
        str(events(run(model, "--json", "--set", f"seed={seed}"))[-1]["metrics"])
        for seed in range(3)
    }
    assert len(losses) == 3


@pytest.mark.parametrize(
    ("override", "weights"), [("hidden=16", 82), ("net=Linear(2, 2) -> Softmax", 6)]
)
def test_set_overrides_constants_and_settings(model: str, override: str, weights: int) -> None:
    result = run(model, "--json", "--set", override)
    assert events(result)[0]["parameters"] == weights


def test_set_overrides_an_argument_and_the_last_one_wins(model: str) -> None:
    result = run(model, "--json", "--set", "data.train=10", "--set", "data.train=20")
    assert events(result)[0]["train"] == 20


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ("epoch=3", "E0201"),
        ("optimizer.rate=3", "E0204"),
        ("optimizer.lr=fast", "E0201"),
        ("batch=0", "E0209"),
        ("batch", "E0101"),
        ("hidden.size=3", "E0211"),
    ],
)
def test_a_bad_override_is_a_diagnostic_that_points_into_it(
    model: str, override: str, code: str
) -> None:
    result = run(model, "--set", override)
    assert result.exit_code == 1
    assert result.stderr.count("error[") == 1
    assert f"error[{code}]" in result.stderr
    assert "--> --set:1:" in result.stderr


def test_a_missed_expectation_is_exit_status_1_and_says_by_how_much(
    model: str, tmp_path: Path
) -> None:
    Path(model).write_text(MODEL + "expect test.accuracy >= 1\nexpect test.loss > -9\n")
    result = run(model)
    assert result.exit_code == 1
    assert re.search(r"^expect test.accuracy >= 1 +0\.\d+ +MISSED$", result.stdout, re.MULTILINE)
    assert re.search(r"^expect test.loss > -9 +0\.\d+ +met$", result.stdout, re.MULTILINE)


def test_training_that_diverges_ends_with_a_diagnostic(tmp_path: Path) -> None:
    path = tmp_path / "wild.net"
    path.write_text(
        "net = Linear(2, 8) -> ReLU -> Linear(8, 2)\ndata = Disc(train=50, test=50)\n"
        "loss = MSE\noptimizer = SGD(lr=1e20)\n"
    )
    result = run(str(path))
    assert result.exit_code == 1
    assert "error[E0411]" in result.stderr
    assert "wild.net:4:13" in result.stderr


def test_a_learning_rate_of_the_command_line_is_what_diverges(tmp_path: Path) -> None:
    path = tmp_path / "wild.net"
    path.write_text(
        "net = Linear(2, 8) -> ReLU -> Linear(8, 2)\ndata = Disc(train=50, test=50)\n"
        "loss = MSE\noptimizer = SGD(lr=1e-3)\n"
    )
    result = run(str(path), "--set", "optimizer.lr=1e30")
    assert result.exit_code == 1
    assert "--set:1:14" in result.stderr
    assert "^^^^ steps of `lr=1e+30` are too large" in result.stderr
    assert "wild.net:4" not in result.stderr


def test_a_network_that_does_not_fit_into_memory_is_refused_before_it_is_made(
    tmp_path: Path,
) -> None:
    path = tmp_path / "huge.net"
    path.write_text(
        "net = Linear(2, 10000000) -> Linear(10000000, 10000000) -> Linear(10000000, 2)\n"
        "data = Disc\nloss = MSE\noptimizer = Adam\n"
    )
    result = run(str(path))
    assert result.exit_code == 1
    assert "error[E0412]" in result.stderr


def test_two_classes_train_into_one_output(tmp_path: Path) -> None:
    path = tmp_path / "one.net"
    path.write_text(MODEL.replace("Linear(hidden, 2) -> Softmax", "Linear(hidden, 1) -> Sigmoid"))
    result = run(str(path), "--json", "--set", "epochs=60")
    metrics = events(result)[-1]["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["test.accuracy"] > 0.75


def test_regression_is_measured_by_mae_and_r2(tmp_path: Path) -> None:
    rows = "".join(f"{x / 10},{x / 10 * 3 + 1}\n" for x in range(50))
    (tmp_path / "line.csv").write_text("x,y\n" + rows)
    path = tmp_path / "line.net"
    path.write_text(
        'net = Linear(1, 1)\ndata = CSV("line.csv", target="y")\nloss = MSE\n'
        "optimizer = Adam(lr=0.1)\nepochs = 200\n"
    )
    metrics = events(run(str(path), "--json"))[-1]["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["test.r2"] > 0.99
    assert metrics["test.mae"] < 0.5


@pytest.mark.slow
def test_a_terminal_gets_one_line_with_loss_and_accuracy(model: str) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(process("run", model), stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        text = b"".join(iter(lambda: read_all(ours), b"")).decode()
    os.close(ours)
    assert running.returncode == 0
    assert "━" in text
    assert "epoch 3/3" in text
    assert re.search(r"  loss \d\.\d{4}  test accuracy 0\.\d{4} ", text)
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text))
    assert max(len(line) for line in lines if "━" in line) <= 80


def read_all(terminal: int) -> bytes:
    """What a terminal was sent; nothing once its other side is closed."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("number", "status", "backend"),
    [
        (signal.SIGINT, 130, "tensor"),
        pytest.param(signal.SIGTERM, 143, "native", marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 130, "native", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 143, "tensor", marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_a_run_with_its_own_exit_status(
    model: str, number: int, status: int, backend: str
) -> None:
    many = ["--set", "epochs=1000000", "--set", "data.train=5000"]
    command = process("run", model, *many, "--json", "--backend", backend)
    with started(command) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.send_signal(number)
        *_, last = running.stdout.read().splitlines()
        errors = running.stderr.read()
    assert running.returncode == status
    assert json.loads(last) == {"event": "interrupted"}
    assert b"Traceback" not in errors


@pytest.mark.slow
def test_a_reader_that_goes_away_ends_a_run_quietly(model: str) -> None:
    command = process("run", model, "--set", "epochs=100000", "--json")
    with started(command) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        errors = running.stderr.read()
    assert running.returncode == 1
    assert errors == b""


def test_a_validation_part_is_measured_each_epoch_and_can_be_expected(model: str) -> None:
    Path(model).write_text(
        MODEL.replace("Disc(", "Disc(validation=20, ") + "expect validation.loss < 99\n"
    )
    result = run(model, "--json")
    first, *others = events(result)
    assert first["validation"] == 20
    assert all("validation.accuracy" in line["metrics"] for line in others)  # type: ignore[operator]
    assert '"met": true' in result.stdout
