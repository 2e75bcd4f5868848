"""A training with weights of samples, its measurements, and the same in PyTorch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from netlang.catalogue.data import Disc, Samples, Split
from netlang.catalogue.losses import MSE
from netlang.catalogue.metrics import Accuracy
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch import lowers, to_pytorch
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition, TorchLoss
from netlang.lowering.pytorch.data.made import made_set
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.turns import in_turns
from netlang.runs.comparison.twin import Twin
from netlang.runs.training import checkpoint_file
from netlang.runs.training.events import EpochDone, StepsDone
from netlang.runs.training.measurement import Measurement
from netlang.runs.training.training import Training
from tests.lowering.pytorch.test_file import start

TEXT = """\
net = Linear(2, 6) -> Dropout(0.25) -> Tanh -> Linear(6, 2){last}
data = Disc(train=70, test=20)
loss = {loss}
optimizer = Adam(lr=1e-2)
epochs = 3
batch = 9
"""
ON_PROBABILITIES = " -> Softmax"
LOSSES = [
    ("SoftmaxCrossEntropy", ""),
    ("CrossEntropy", ON_PROBABILITIES),
    ("MSE", ON_PROBABILITIES),
    ('MSE(reduction="sum")', ON_PROBABILITIES),
]


def weigh(part: list[torch.Tensor]) -> list[torch.Tensor]:
    inputs, targets = part
    return [inputs, targets, torch.arange(len(inputs)) % 4 / 1.5]


class Weighted(Disc):
    def load(self, seed: int = 0) -> Split:
        split = super().load(seed)
        parts = (weigh([one.inputs, one.targets]) for one in (split.train, split.test))
        return Split(*(Samples(*part) for part in parts))


@lowers(Weighted)
def weighted(data: Weighted, folder: Path) -> TorchData:
    plain = made_set(data, folder).definition
    source = (
        plain.source.replace("load_data", "load_disc")
        + """

def load_data(seed):
    return {part: weigh(samples) for part, samples in load_disc(seed).items()}
"""
    )
    uses = (*plain.uses, TorchDefinition.of(weigh))
    return TorchData(TorchDefinition(source, plain.imports, uses), weighted=True)


def made(loss: str = "SoftmaxCrossEntropy", last: str = "") -> Program:
    text = TEXT.format(loss=loss, last=last)
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    return program.with_settings(data=Weighted(train=70, test=20))


@pytest.mark.parametrize(("loss", "last"), LOSSES)
def test_pytorch_trains_the_same(loss: str, last: str, tmp_path: Path) -> None:
    found = [*Lockstep(Twin(made(loss, last), tmp_path / "twin.py"), "tensor").epochs()]
    assert max(one.float64 for one in found) < 1e-9


@pytest.mark.usefixtures("compiler")
def test_pytorch_trains_as_c_does(tmp_path: Path) -> None:
    found = [*Lockstep(Twin(made(), tmp_path / "twin.py"), "native").epochs()]
    assert max(one.float64 for one in found) < 1e-9


def test_losses_are_weighted_and_metrics_are_not(backend: str) -> None:
    program = made()
    training = Training(program, backend)
    events = training.events()
    measured = [event.metrics for event in events if isinstance(event, EpochDone)][-1]
    test = training.split.test
    assert program.loss
    assert test.weights is not None
    y = training.outputs(test.inputs)
    weighted = program.loss.each(y, test.targets) * test.weights
    assert measured["test.loss"] == pytest.approx(weighted.mean().item())
    assert measured["test.loss"] != pytest.approx(program.loss.value(y, test.targets).item())
    assert measured["test.accuracy"] == Accuracy()(y, test.targets)


def test_the_loss_of_an_epoch_weighs_each_sample_by_its_own(backend: str) -> None:
    # With steps that change nothing, all outputs of an epoch are those of the first weights.
    text = TEXT.format(loss="SoftmaxCrossEntropy", last="").replace("Dropout(0.25)", "Identity")
    program = compile_source(SourceFile("a.net", text), ["optimizer.lr=1e-30"]).require()
    training = Training(program.with_settings(data=Weighted(train=70, test=20)), backend)
    measured = next(event.metrics for event in training.events() if isinstance(event, EpochDone))
    train = training.split.train
    y = training.outputs(train.inputs)
    weighted_loss = training.loss.per_sample(y, train.targets, train.weights)
    assert measured["train.loss"] == pytest.approx(weighted_loss.item())


def test_a_training_goes_on_in_the_middle_of_an_epoch_to_the_same_bits(backend: str) -> None:
    whole = Training(made(), backend)
    kept = None
    for event in whole.events():
        if isinstance(event, StepsDone) and event.epoch == 2 and kept is None:
            kept = whole.checkpoint()
        if isinstance(event, EpochDone):
            last = event.metrics
    assert kept
    kept = checkpoint_file.from_bytes(checkpoint_file.to_bytes(kept))
    resumed = Training(made(), start=kept)
    metrics = [event.metrics for event in resumed.events() if isinstance(event, EpochDone)]
    assert metrics[-1] == last
    assert torch.equal(resumed.network.parameters, whole.network.parameters)


def test_what_waits_of_several_stretches_is_kept_with_its_weights() -> None:
    program = made()
    assert program.loss
    first, other = (Measurement(program, program.loss, "train") for _ in range(2))
    y, t, weights = torch.rand(6, 2), torch.arange(6) % 2, torch.arange(1.0, 7.0)
    for at in range(0, 6, 2):
        first.add(y[at : at + 2], t[at : at + 2], weights[at : at + 2])
    other.resume(first.sums())
    assert other.values() == first.values()


@pytest.mark.parametrize(("loss", "last"), LOSSES)
def test_pytorch_measures_the_same(loss: str, last: str, tmp_path: Path) -> None:
    training = Twin(made(loss, last), tmp_path / "twin.py").training(0)
    measured = next(training.events()).metrics
    inputs, targets, weights = training.data["test"]
    program = made(loss, last)
    assert program.loss
    wanted = program.loss.per_sample(training.evaluate(inputs), targets, weights)
    assert measured["test.loss"] == pytest.approx(wanted.item(), rel=1e-5)
    (turn,) = in_turns(Twin(program, tmp_path / "twin.py"), "tensor", 1)
    assert turn.problem is None


def test_an_exported_program_runs_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "weighted.py"
    file.write_text(to_pytorch(made(), tmp_path).source)
    start(file, "1")
    assert "test.accuracy" in capsys.readouterr().out


def test_a_loss_that_pytorch_has_for_batches_alone_is_not_exported(tmp_path: Path) -> None:
    class Squares(MSE):
        pass

    lowers(Squares)(lambda loss, y: TorchLoss("((y - t) ** 2).mean()"))
    program = made("MSE", ON_PROBABILITIES).with_settings(loss=Squares())
    with pytest.raises(Unsupported, match="the PyTorch of Squares takes no weights of samples"):
        to_pytorch(program, tmp_path)
