"""An export changes training samples as netlang does, with other numbers drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scipy import stats

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.augmenting import Augmenting
from netlang.language.source import SourceFile
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.twin import Twin
from tests.lowering.pytorch.written import assert_laid_out, written

PICTURES = """
net = Flatten -> Linear(_, 3)
data = Shapes(train=300, test=8, size=8, by="picture")
"""
ROWS = """
net = Linear(2, 2)
data = Moons(train=300, test=8)
"""
DIGITS = """
net = Flatten -> Linear(_, 10)
data = Sklearn("digits", shape=[1, 8, 8])
"""
MIXED = """
net = Linear(_, 4) -> Softmax
data = Table("a.csv", target="kind", test=0.1)
"""
PIXELS = "net = Conv2d(1, 4, 3, padding=1) -> Permute([1, 2, 0])\ndata = Shapes(train=60, size=8)\n"
TEXT = 'net = Embedding(_, 4) -> Linear(4, _)\ndata = Text("a.txt", context=8, test=0.2)\n'
ITSELF = 'net = Conv2d(1, 1, 1)\ndata = Sklearn("digits", shape=[1, 8, 8], target="input")\n'
CASES = [
    *((PICTURES, text) for text in ("Flip(dim=-2)", "Crop(2)", 'Crop(3, mode="reflect")')),
    *((PICTURES, text) for text in ("Shift(2, dim=2, fill=1)", "Rotate(90)", "Zoom(0.5)")),
    *((PICTURES, text) for text in ("Brightness(0.5)", "Contrast(0.5)", "Cutout(4)", "CutMix")),
    (PICTURES, "Flip -> Mixup(1) -> Crop(2) -> CutMix -> Noise(0.1)"),
    *((ROWS, text) for text in ("Noise(0.5)", "Mixup(0.5)", "DropFeatures(0.4)")),
    (DIGITS, "Crop(2, fill=16) -> Rotate(20)"),
    *((MIXED, text) for text in ("Noise(0.5)", "DropFeatures(0.5)")),
    (PIXELS, 'Flip -> Crop(2, mode="reflect") -> Rotate(90) -> Shift(2, dim=2)'),
    (ITSELF, "Rotate(90) -> Crop(2) -> Noise(0.1)"),
]


def program(text: str, augment: str, folder: Path) -> Program:
    kinds = "".join(f"{i % 7}.5,{'abc'[i % 3]},{'wxyz'[i % 4]}\n" for i in range(60))
    (folder / "a.csv").write_text(f"size,colour,kind\n{kinds}")
    loss = "CrossEntropy" if text == MIXED else "MSE" if text == ITSELF else "SoftmaxCrossEntropy"
    rest = f"loss = {loss}\noptimizer = SGD(0.1)\nepochs = 2\nbatch = 20\n"
    source = SourceFile("a.net", f"{text}{rest}augment = {augment}\n", folder / "a.net")
    return compile_source(source, to_run=True).require()


@pytest.mark.parametrize(("text", "augment"), CASES)
def test_an_export_changes_samples_by_the_same_distribution(
    text: str, augment: str, tmp_path: Path
) -> None:
    made = program(text, augment, tmp_path)
    _, code = written(made, tmp_path)
    assert made.data
    split = made.data.load(0)
    augmenting = Augmenting.of(made, split)
    assert augmenting
    x, t = code.load_data(0)["train"]
    assert torch.equal(x, split.train.inputs)
    torch.manual_seed(0)
    order = torch.arange(len(x))
    ours = augmenting.seen(x, t, order, 1)
    theirs, targets = code.augment(x, t, order)
    assert (theirs.shape, theirs.dtype) == (ours.inputs.shape, ours.inputs.dtype)
    assert targets.shape == ours.of_loss.shape
    for seen, other in ((ours.inputs, theirs), (ours.of_loss, targets)):
        for summed in (seen.double(), other.double()), (seen.square(), other.square()):
            each = [one.flatten(1).double().sum(1) if one.dim() > 1 else one for one in summed]
            assert stats.ks_2samp(*each, method="asymp").pvalue > 0.001


@pytest.mark.slow
def test_in_lockstep_both_see_the_same_samples(tmp_path: Path) -> None:
    for text, augment in ((ROWS, "Noise(0.5) -> Mixup(1)"), (PICTURES, "Rotate(90) -> CutMix")):
        twin = Twin(program(text, augment, tmp_path), tmp_path / "a.py")
        assert max(one.float64 for one in Lockstep(twin, "tensor").epochs()) < 1e-12


@pytest.mark.slow
def test_targets_that_are_changed_are_measured_as_they_are_seen(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("the cat sat on the mat. " * 40)
    for text, augment in ((PIXELS, 'Flip -> Crop(2, mode="circular")'), (TEXT, "Windows")):
        twin = Twin(program(text, augment, tmp_path), tmp_path / "a.py")
        training = twin.training(0)
        x, t = training.data["train"]
        order = torch.arange(len(x))
        inputs, targets = twin.code.augment(x, t, order)
        assert not torch.equal(t, targets)
        if text == TEXT:
            assert torch.equal(inputs[:, 1:].long(), targets[:, :-1])
            assert torch.equal(inputs[-1], x[-1])
        first, second = (dict(one.metrics) for one in training.events())
        assert {"train.loss", "train.accuracy", "test.loss", "test.accuracy"} <= set(first)
        assert second["train.loss"] < first["train.loss"]


def test_mixtures_are_exported_for_losses_that_take_them_in_torch(tmp_path: Path) -> None:
    for loss, last in (("NLL", " -> LogSoftmax"), ("SoftmaxCrossEntropy(weight=[1, 2])", "")):
        text = f"{ROWS.strip()}\nloss = {loss}\noptimizer = SGD\naugment = Mixup\n"
        source = SourceFile("a.net", text.replace("Linear(2, 2)", f"Linear(2, 2){last}"))
        made = compile_source(source, to_run=True).require()
        with pytest.raises(Unsupported, match="takes no mixtures of classes"):
            to_pytorch(made, tmp_path)


def test_targets_that_are_moved_and_mixed_are_not_exported(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="moved and mixed"):
        to_pytorch(program(ITSELF, "Flip -> Mixup", tmp_path), tmp_path)


def test_exports_that_augment_are_laid_out(tmp_path: Path) -> None:
    sources = [to_pytorch(program(*case, tmp_path), tmp_path).source for case in CASES]
    assert_laid_out(sources, tmp_path)
