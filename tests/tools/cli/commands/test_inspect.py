"""``inspect`` shows a line for each tensor, and with a batch one for what each layer puts out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlang.runs.models.inspection import distribution
from netlang.runs.models.trained import load_model
from netlang.tools.cli.commands import inspect
from tests.program import CLASSES, DISC, netlang, only


@pytest.fixture
def folder() -> str:
    Path("a.net").write_text(f"{DISC}epochs = 1\n")
    assert netlang("run", "a.net", "--no-plots", "--backend", "tensor").exit_code == 0
    return str(only())


def test_each_tensor_has_a_line(folder: str) -> None:
    result = netlang("inspect", folder)
    head, *lines = result.stdout.splitlines()
    assert head.split() == ["tensor", "mean", "deviation", "min", "max", "zeros", "histogram"]
    assert [line.split(" ")[0] for line in lines] == [
        "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias",
    ]  # fmt: skip
    own = load_model(folder).network.named_tensors()["linear1.weight"]
    assert lines[0].startswith("linear1.weight [4, 2]")
    assert f"{own.min().item():.4f}" in lines[0]
    assert netlang("inspect", f"{folder}/model.safetensors").stdout == result.stdout


def test_a_batch_shows_what_each_layer_puts_out_and_the_gradient_there(folder: str) -> None:
    shown = netlang("inspect", folder, "--batch").stdout
    assert "output of 40 training samples " in shown
    assert "gradient at output of 40 training samples " in shown
    assert shown.count("\nrelu1 ") == 2
    assert "output of 7 training samples " in netlang("inspect", folder, "--batch", "7").stdout
    for wrong, said in (
        ("0", "0 is not in the range x>=1"),
        (folder, "MODEL comes before --batch"),
    ):
        result = netlang("inspect", folder, "--batch", wrong)
        assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


def test_json_has_every_bit(folder: str) -> None:
    found = json.loads(netlang("inspect", folder, "--json", "--batch", "9").stdout)
    own = load_model(folder).network.named_tensors()
    assert [*found["tensors"]] == [*own]
    weight = distribution(own["linear1.weight"])
    assert found["tensors"]["linear1.weight"] == weight.as_data()
    assert found["samples"] == 9
    assert [one["id"] for one in found["nodes"]] == [
        "input", "linear1", "relu1", "linear2", "softmax1",
    ]  # fmt: skip
    without = json.loads(netlang("inspect", folder, "--json").stdout)
    assert (without["samples"], without["nodes"]) == (0, [])


def test_what_is_wrong_is_said_below_in_words(folder: str) -> None:
    last = netlang("inspect", folder, "--batch").stdout.splitlines()[-1]
    remarks = json.loads(netlang("inspect", folder, "--batch", "--json").stdout)["remarks"]
    assert last == (remarks[-1] if remarks else inspect.WELL)


def test_a_model_file_of_a_table_has_no_batch_and_says_why() -> None:
    text = DISC.replace("Disc(train=40, test=40)", 'CSV("t.csv", target="y")')
    Path("t.csv").write_text(CLASSES)
    Path("a.net").write_text(f"{text}epochs = 1\n")
    assert netlang("run", "a.net", "--no-plots", "--backend", "tensor").exit_code == 0
    folder = only()
    assert "training samples" in netlang("inspect", folder, "--batch").stdout
    result = netlang("inspect", folder / "model.safetensors", "--batch")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "name the folder of the run" in result.stderr
    Path("t.csv").unlink()
    result = netlang("inspect", folder, "--batch")
    assert (result.exit_code, "t.csv" in result.stderr) == (1, True)
    assert netlang("inspect", folder).exit_code == 0


def test_what_is_no_model_is_refused() -> None:
    Path("a.safetensors").write_bytes(b"\0" * 100)
    for named in ("a.safetensors", "nowhere"):
        result = netlang("inspect", named)
        assert (result.exit_code, "error[E05" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("histogram", "bars"), [((0, 1, 4, 8), " ▁▄█"), ((5,), "█"), ((1, 100, 0), "▁█ "), ((), "")]
)
def test_a_bar_is_the_higher_the_more_numbers_there_are(
    histogram: tuple[int, ...], bars: str
) -> None:
    assert inspect.bars(histogram, "utf-8") == bars


def test_a_terminal_without_bars_gets_signs_that_it_has() -> None:
    assert inspect.bars((0, 1, 4, 8), "latin-1") == " .=@"


PICTURES = """\
net = Unflatten([1, 8, 8]) -> Conv2d(_, 4, 3) -> ReLU -> Flatten -> Linear(_, 10) -> Softmax
data = Sklearn("digits")
loss = CrossEntropy
optimizer = Adam
epochs = 1
"""


def test_filters_are_drawn_where_that_is_asked_for() -> None:
    Path("a.net").write_text(PICTURES)
    assert netlang("run", "a.net", "--no-plots", "--backend", "tensor").exit_code == 0
    model = str(only())
    assert netlang("inspect", model).stdout.endswith("--out FOLDER draws pictures of conv2d1\n")
    drawn = netlang("inspect", model, "--out", "seen/here")
    assert drawn.stdout.endswith(f"wrote {Path('seen/here/conv2d1.png')}\n")
    assert Path("seen/here/conv2d1.png").read_bytes().startswith(b"\x89PNG")
    found = json.loads(netlang("inspect", model, "--out", "seen", "--json").stdout)
    assert found["pictures"] == [str(Path("seen/conv2d1.png"))]


def test_a_network_without_filters_and_embeddings_has_nothing_to_draw(folder: str) -> None:
    assert "--out" not in netlang("inspect", folder).stdout
    result = netlang("inspect", folder, "--out", "seen")
    assert result.exit_code == 1
    assert "no filters of a picture, and no embedding" in result.stderr
    assert not Path("seen").exists()
