"""``gradcheck`` shows how well gradients agree with differences, and fails where one does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from torch import Tensor

from netlang.catalogue.layers import ReLU
from tests.program import DISC, netlang


@pytest.fixture(autouse=True)
def _file(tmp_path: Path) -> None:
    Path("a.net").write_text(DISC)


def test_each_node_has_a_line_and_then_the_loss_and_the_network() -> None:
    result = netlang("gradcheck", "a.net")
    assert (result.exit_code, result.stderr) == (0, "")
    head, *lines, _, conclusion = result.stdout.splitlines()
    assert head.split() == ["node", "layer", "weights", "checked", "input", "checked"]
    assert [line.split()[0] for line in lines] == [
        "linear1", "relu1", "linear2", "softmax1", "loss", "network",
    ]  # fmt: skip
    assert lines[0].split()[4:7] == ["12", "of", "12"]
    assert conclusion.startswith("a.net: gradients agree with central differences up to ")
    assert conclusion.endswith(", 8 training samples)")


def test_a_wrong_gradient_is_told_with_its_place_and_ends_with_status_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def backward(layer: ReLU, dy: Tensor) -> Tensor:
        return -dy

    monkeypatch.setattr(ReLU, "backward", backward)
    result = netlang("gradcheck", "a.net")
    assert result.exit_code == 1
    assert "error[E0424]: the gradient at the input of `relu1` is wrong" in result.stderr
    assert "a.net:1:23" in result.stderr
    assert "gradients disagree with central differences" in result.stdout
    found = json.loads(netlang("gradcheck", "a.net", "--json").stdout)
    assert not found["passed"]


def test_json_has_all_that_was_found() -> None:
    result = netlang("gradcheck", "a.net", "--json", "--batch", "3", "--samples", "4")
    found = json.loads(result.stdout)
    assert (found["passed"], found["batch"], found["threshold"]) == (True, 3, 1e-6)
    assert [one["id"] for one in found["nodes"]] == ["linear1", "relu1", "linear2", "softmax1"]
    assert found["nodes"][0]["line"] == 1
    assert found["nodes"][1]["weights"] is None
    assert found["nodes"][1]["input"]["of"] == 12
    assert found["loss"]["error"] < 1e-6


def test_without_data_inputs_are_random() -> None:
    Path("b.net").write_text("net = Linear(3, 2) -> Tanh\ninput = [3]\n")
    result = netlang("gradcheck", "b.net", "--set", "input=[3]")
    assert result.exit_code == 0
    assert "8 random samples" in result.stdout
    assert "\nloss" not in result.stdout


def test_without_a_loss_outputs_are_summed() -> None:
    Path("b.net").write_text("net = Linear(2, 2) -> Tanh\ndata = Disc(train=40, test=4)\n")
    result = netlang("gradcheck", "b.net")
    assert result.exit_code == 0, result.stderr
    assert "\nnetwork" in result.stdout


def test_a_network_without_weights_has_only_inputs_to_check() -> None:
    Path("b.net").write_text("net = Tanh\ninput = [3]\n")
    result = netlang("gradcheck", "b.net")
    assert result.exit_code == 0
    assert "network" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--batch", "0"], "0 is not in the range"),
        (["--samples", "1"], "1 is not in the range"),
        (["--threshold", "0"], "0.0 is not in the range"),
        (["--threshold", "nan"], "nan is no finite number"),
    ],
)
def test_what_is_no_number_of_anything_is_wrong_usage(arguments: list[str], said: str) -> None:
    result = netlang("gradcheck", "a.net", *arguments)
    assert (result.exit_code, said in result.stderr) == (2, True)
