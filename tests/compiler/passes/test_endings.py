"""Each loss of the catalogue behind each kind of last layer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from netlang.catalogue import registry
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import SourceFile

LAYERS = ("", "ReLU", "Softplus", "SiLU", "Tanh", "Sigmoid", "Softmax", "LogSoftmax")
ABOVE_0, BETWEEN = {"ReLU", "Softplus"}, {"Sigmoid", "Softmax"}

# The layers in which a network may end before each loss, for two classes, and for one output.
FITTING = {
    "MSE": ({*LAYERS} - {"LogSoftmax"}, {*LAYERS} - {"Softmax", "LogSoftmax"}),
    "CrossEntropy": (BETWEEN, {"Sigmoid"}),
    "BinaryCrossEntropy": (BETWEEN, {"Sigmoid"}),
    "SoftmaxCrossEntropy": ({""}, set[str]()),
    "SigmoidCrossEntropy": ({""}, {""}),
    "Focal": ({""}, {""}),
    "Hinge": ({"", "SiLU", "Tanh", *ABOVE_0}, {"", "Tanh"}),
    "NLL": ({"LogSoftmax"}, set[str]()),
    "KL": (set[str](), set[str]()),  # which is of shares
}


def diagnostics(text: str, folder: Path | None = None) -> tuple[Diagnostic, ...]:
    path = folder / "a.net" if folder else None
    return compile_source(SourceFile("a.net", text, path)).diagnostics


def ended(outputs: int, layer: str) -> str:
    end = f" -> {layer}" if layer else ""
    return f"net = Linear(_, 8) -> ReLU -> Linear(8, {outputs}){end}\n"


def cases(outputs: int) -> Iterator[tuple[str, str, bool]]:
    for loss, fitting in FITTING.items():
        for layer in LAYERS:
            yield loss, layer, layer in fitting[outputs == 1]


def test_the_table_has_each_loss_of_classes() -> None:
    of_classes = [loss for loss in registry.items("loss") if "classification" in loss.tasks]
    assert {*FITTING} == {loss.name for loss in of_classes if not hasattr(loss, "vectors")}


@pytest.mark.parametrize("outputs", [2, 1])
def test_a_loss_of_classes_is_told_of_a_last_layer_that_does_not_go_with_it(outputs: int) -> None:
    for loss, layer, fits in cases(outputs):
        found = diagnostics(f"{ended(outputs, layer)}data = Disc(train=20)\nloss = {loss}")
        assert (not found) == fits, (loss, layer, found)
        assert len(found) <= 1 or layer in ("Softmax", "LogSoftmax"), (loss, layer, found)


@pytest.mark.parametrize("outputs", [2, 1])
def test_what_is_told_helps(outputs: int) -> None:
    for loss, layer, _ in cases(outputs):
        text = f"{ended(outputs, layer)}data = Disc(train=20)\nloss = {loss}\n"
        for found in diagnostics(text):
            if found.code != "W0602":
                continue
            for help in found.helps:
                quoted = help.split("`")[1::2]
                if help.startswith("end the network with"):
                    for end in quoted:
                        assert not diagnostics(text.replace("\n", f" {end}\n", 1)) or layer, text
                elif help.startswith("write"):
                    for end in quoted:
                        mended = text.replace(f" -> {layer}\n", f" -> {end}\n")
                        assert not diagnostics(mended), (text, help)
                elif help.startswith("or take"):
                    mended = text.replace(f"loss = {loss}", quoted[0])
                    assert not diagnostics(mended) or layer, (text, help)
                else:
                    without = text.replace(f" -> {layer}\n", "\n")
                    assert help.startswith("remove this layer")
                    assert not diagnostics(without), text
                    for other in quoted:
                        assert not diagnostics(text.replace(f"= {loss}", f"= {other}")), text


def test_losses_of_counts_take_means_or_their_logarithms(tmp_path: Path) -> None:
    rows = "\n".join(f"{number / 10},{number % 7}" for number in range(40))
    (tmp_path / "counts.csv").write_text(f"x,count\n{rows}\n")
    data = 'data = Table("counts.csv", target="count", task="regression")\n'
    for log_input, layers in {"true": {""}, "false": ABOVE_0}.items():
        for layer in LAYERS[:-2]:
            text = f"{ended(1, layer)}{data}loss = PoissonNLL(log_input={log_input})\n"
            found = [one.code for one in diagnostics(text, tmp_path)]
            assert (not found) == (layer in layers), (log_input, layer, found)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("Linear(8, 2)", "Linear(8, 2)"),
        ("Linear(8, 2) -> Tanh", "Tanh"),
        ("[Linear(8, 1), Linear(8, 1)] -> Concat", "Linear(8, 1)"),
        ("[Linear(8, 1), Linear(8, 1) -> Softplus] -> Concat", ""),
        ("[Linear(8, 1), Linear(8, 1) -> Softplus] -> Concat -> Reshape([2])", ""),
        ("[Linear(8, 1) -> Softplus, Linear(8, 1)] -> Add -> Linear(1, 2)", "Linear(1, 2)"),
    ],
)
def test_variances_are_not_negative(end: str, told: str) -> None:
    text = f"net = Linear(1, 8) -> Tanh -> {end}\ndata = Sine\nloss = GaussianNLL\n"
    found = diagnostics(text)
    assert [(one.code, one.written) for one in found] == [("W0602", told)] * bool(told)


def test_logarithms_of_probabilities_are_not_held_against_the_targets_range(tmp_path: Path) -> None:
    rows = "\n".join(f"{n / 10},{n / 40},{1 - n / 40}" for n in range(40))
    (tmp_path / "shares.csv").write_text(f"x,a,b\n{rows}\n")
    data = 'data = Table("shares.csv", target=["a", "b"])\nloss = KL\n'
    assert not diagnostics(f"{ended(2, 'LogSoftmax')}{data}", tmp_path)
    assert [one.code for one in diagnostics(f"{ended(2, '')}{data}", tmp_path)] == ["W0602"]


def test_moved_outputs_are_what_the_layer_before_gives() -> None:
    text = f"{ended(2, 'Softmax -> Reshape([2])')}data = Disc(train=20)\nloss = CrossEntropy"
    assert not diagnostics(text)


def test_one_output_for_two_vectors_is_refused() -> None:
    for loss in ("Triplet", "CosineEmbedding"):
        (found,) = diagnostics(f"{ended(1, '')}data = Disc(train=20)\nloss = {loss}")
        assert found.code == "E0303"
