"""Classes that are rare, and what heeds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import SourceFile


def diagnostics(
    folder: Path,
    rare: int,
    frequent: int,
    data: str = "",
    loss: str = "SoftmaxCrossEntropy",
    others: str = "",
) -> tuple[Diagnostic, ...]:
    kinds = ["yes"] * rare + ["no"] * frequent
    rows = "\n".join(f"{number % 17},{kind}" for number, kind in enumerate(kinds))
    (folder / "rows.csv").write_text(f"x,kind\n{rows}\n")
    outputs = 1 if loss.startswith("Sigmoid") else 2
    text = f"""net = Linear(1, 8) -> ReLU -> Linear(8, {outputs})
data = CSV("rows.csv", target="kind"{data})
loss = {loss}
optimizer = Adam
{others}
"""
    return compile_source(SourceFile("a.net", text, folder / "a.net")).diagnostics


def test_a_class_of_a_twentieth_is_told(tmp_path: Path) -> None:
    (found,) = diagnostics(tmp_path, 5, 100)
    assert found.code == "W0666"
    assert found.title == "`yes` has 5 samples, and `no` 100"
    assert not diagnostics(tmp_path, 6, 100)
    (found,) = diagnostics(tmp_path, 100, 5)
    assert found.title == "`no` has 5 samples, and `yes` 100"


@pytest.mark.parametrize(
    ("data", "loss", "others", "heeded"),
    [
        (', weights="balanced"', "SoftmaxCrossEntropy", "", True),
        ("", "SoftmaxCrossEntropy(weight=[1, 20])", "", True),
        ("", "SigmoidCrossEntropy(20)", "", True),
        ("", "SigmoidCrossEntropy", "", False),
        ("", "Focal", "", True),
        ("", "SoftmaxCrossEntropy", "metrics = [accuracy]", False),
        ("", "SoftmaxCrossEntropy", "metrics = [accuracy, log_loss]", False),
        ("", "SoftmaxCrossEntropy", "metrics = [accuracy, balanced_accuracy]", True),
        ("", "SoftmaxCrossEntropy", "metrics = [mcc]", True),
        ("", "SoftmaxCrossEntropy", "metrics = [roc_auc]", True),
        ("", "SoftmaxCrossEntropy", "metrics = [f1]", True),
        ("", "SoftmaxCrossEntropy", 'metrics = [f1(average="micro")]', False),
    ],
)
def test_it_is_not_told_of_what_heeds_it(
    tmp_path: Path, data: str, loss: str, others: str, heeded: bool
) -> None:
    found = diagnostics(tmp_path, 5, 100, data, loss, others)
    assert [one.code for one in found] == ["W0666"] * (not heeded)
