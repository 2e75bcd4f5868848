"""In lockstep netlang and PyTorch differ by rounding alone; and what is not rounding shows."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.threads import torch_threads
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.lowering import c
from netlang.lowering.pytorch import Exported, to_pytorch
from netlang.runs.comparison import twin as twins
from netlang.runs.comparison.lockstep import Difference, Lockstep
from netlang.runs.comparison.lockstep_report import sentence
from netlang.runs.comparison.twin import Twin
from netlang.runs.training.training import Training
from netlang.system.shipped import folder

MODELS = sorted(folder("models").glob("*.net"))
# Which are trained for one epoch; tests/test_twins.py trains chars and gru for longer.
TAKE_LONG = "autoencoder", "chars", "gru", "mixer", "resnet", "unet"
OF_ALL_KINDS = "iris", "model2", "residual", "siamese"  # which the quick tests train in part
# In 32 bits, steps of their first epoch come to the other side of corners, such as relu's: U-Net's
# is 0.005 to 0.06 from float64 then, from seeds 0 to 5, in C and on tensors. How near single steps
# are is held by tests/engine/native/test_agreement.py.
AT_CORNERS = "resnet", "unet"
SMALL = """\
shared s = Linear(4, 4) -> Dropout(0.5) -> Tanh
net = Linear(2, 4) -> [s -> s, Dropout(0.25), s] -> Mul -> [Identity, s] -> Select(1)
   -> Linear(4, 3) -> Sigmoid -> Linear(3, {outputs})
data = Disc(train=70, test=20, validation=20)
loss = {loss}
optimizer = {optimizer}
epochs = 4
batch = 9
"""


def differences(program: Program, backend: str, file: Path) -> list[Difference]:
    return list(Lockstep(Twin(program, file), backend).epochs())


def assert_close(found: list[Difference], at_corner: bool = False) -> None:
    assert max(one.float64 for one in found) < 1e-9
    if at_corner:
        return
    # No farther from float64 than PyTorch itself, but for luck. Later on, numbers of 32 bits come
    # to the other side of a corner of the loss, and leave float64's path; PyTorch's do, too.
    for one in found[:3]:
        assert one.netlang < 5 * one.torch + 1e-6
        assert one.float32 < one.netlang + one.torch + 1e-9


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        *(pytest.param(path, True, marks=pytest.mark.slow, id=path.stem) for path in MODELS),
        *(pytest.param(path, False, id=f"{path.stem}, a part") for path in MODELS
          if path.stem in OF_ALL_KINDS),
    ],
)  # fmt: skip
def test_every_model_over_its_training(
    path: Path, whole: bool, backend: str, tmp_path: Path
) -> None:
    program = compile_source(read(str(path)), to_run=True).require()
    in_c = all(c.lowers.says(type(node.layer)) for node in program.graph.layers)
    if backend == "native" and not in_c:
        pytest.skip("it is trained on tensors, as C lacks one of its layers")
    if not whole:  # steps of one sample take PyTorch long
        program = program.with_settings(epochs=1 if program.batch_size == 1 or not in_c else 3)
    elif program.batch_size == 1:
        program = program.with_settings(epochs=3)
    elif path.stem in TAKE_LONG:
        program = program.with_settings(epochs=1)
    elif backend == "native":  # which is held to the tensors over whole trainings
        program = program.with_settings(epochs=2)
    found = differences(program, backend, tmp_path / "twin.py")
    assert len(found) == program.epochs
    assert_close(found, at_corner=path.stem in AT_CORNERS)


@pytest.mark.parametrize(
    ("loss", "optimizer", "outputs"),
    [
        ("MSE", "SGD(lr=1e-1)", 1),
        ("MSE(reduction=\"sum\")", "Adam(lr=1e-2, beta1=0.3, beta2=0.7, eps=1e-3)", 2),
        ("SoftmaxCrossEntropy", "Adam(lr=1e-2)", 2),
    ],
)  # fmt: skip
def test_branches_shared_weights_and_draws(
    loss: str, optimizer: str, outputs: int, backend: str, tmp_path: Path
) -> None:
    text = SMALL.format(loss=loss, optimizer=optimizer, outputs=outputs)
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    assert_close(differences(program, backend, tmp_path / "twin.py"))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("lr=0.01", "lr=0.0100001"),
        ("nn.Tanh()", "nn.Hardtanh()"),
        ("/ len(y)", "/ (len(y) + 1e-4)"),
        ("(y, t, 0.01", "(y, t, 0.01000001"),
        ("y = model(inputs)", "y = model(inputs) * 1.0000001"),
    ],
)
def test_a_twin_that_is_none_is_found_out(
    said: str, instead: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(program: Program, folder: Path) -> Exported:
        exported = to_pytorch(program, folder)
        assert said in exported.source
        return Exported(exported.source.replace(said, instead), exported.modules)

    text = SMALL.format(loss="CrossEntropy", optimizer="Adam(lr=1e-2)", outputs="2) -> Softmax  #")
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    monkeypatch.setattr(twins, "to_pytorch", changed)
    found = Lockstep(Twin(program, tmp_path / "twin.py"), "tensor")
    assert max(one.float64 for one in found.epochs()) > 1e-9
    assert "more than rounding explains" in sentence(found)


@pytest.mark.parametrize(
    "net", ["Identity", "Tanh -> Dropout(0.5)", "[Linear(2, 2), ReLU] -> Select(1)"]
)
def test_a_network_without_weights_is_compared_and_has_nothing_to_differ_in(
    net: str, backend: str, tmp_path: Path
) -> None:
    program = small(f"net = {net}")
    found = Lockstep(Twin(program, tmp_path / "twin.py"), backend)
    assert {(one.float64, one.float32) for one in found.epochs()} == {(0.0, 0.0)}
    assert sentence(found) == "a.net: the network has no weights, so none can differ."


def test_weights_that_all_stay_zero_do_not_diverge(backend: str, tmp_path: Path) -> None:
    program = small('net = Linear(2, 2, init="zero") -> ReLU')
    found = Lockstep(Twin(program, tmp_path / "twin.py"), backend)
    assert {one.float64 for one in found.epochs()} == {0.0}
    assert "at most 0.0e+00 apart in float64" in sentence(found)


@pytest.mark.parametrize(
    "settings",
    ["batch = 100", "data = Disc(train=1, test=1, validation=1)", "epochs = 1"],
)
def test_the_smallest_trainings_are_compared(settings: str, backend: str, tmp_path: Path) -> None:
    program = small("net = Linear(2, 3) -> Dropout(0.5) -> Linear(3, 2)", settings)
    assert_close(differences(program, backend, tmp_path / "twin.py"))


@pytest.mark.parametrize(
    "layer",
    [
        "Attention(4, 2, dropout=0.3)",
        "GRU(4, 4, num_layers=3, dropout=0.3)",
        "LSTM(4, 2, num_layers=2, dropout=0.3, bidirectional=true) -> [Identity, Identity] -> Add",
        'RNN(4, 3, num_layers=2, dropout=0.3, output="last") -> Unflatten([1, 3])',
    ],
)
def test_a_layer_that_drops_inside_draws_what_its_twin_draws(layer: str, tmp_path: Path) -> None:
    program = small(f"net = Linear(2, 12) -> Unflatten([3, 4]) -> {layer} -> Mean -> Linear(_, 2)")
    assert_close(differences(program, "tensor", tmp_path / "twin.py"))


@pytest.mark.parametrize("head", ["Linear(3, 2)", "[Linear(3, 2), Linear(3, 2)] -> Add"])
@pytest.mark.parametrize("norm", ["BatchNorm(_)", "BatchNorm(_, affine=false)"])
def test_a_frozen_part_takes_the_statistics_that_it_keeps_in_both(
    norm: str, head: str, tmp_path: Path
) -> None:
    body = f"body = Linear(2, 3) -> {norm} -> Tanh"
    program = small(f"{body}\nnet = body -> {head}\nfreeze = body")
    assert_close(differences(program, "tensor", tmp_path / "twin.py"))


def small(net: str, changed: str = "") -> Program:
    settings = {
        "data": "Disc(train=20, test=10)",
        "loss": "MSE",
        "optimizer": "Adam",
        "epochs": "2",
    }
    settings |= dict([changed.split(" = ")] if changed else [])
    text = "\n".join([net, *(f"{name} = {value}" for name, value in settings.items())])
    return compile_source(SourceFile("a.net", text), to_run=True).require()


def test_a_lockstep_has_the_threads_of_netlangs_engine_for_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    @contextmanager
    def counted(count: int) -> Iterator[None]:
        taken.append(count)
        yield

    monkeypatch.setattr("netlang.runs.comparison.lockstep.torch_threads", counted)
    program = small("net = Linear(2, 1000) -> Linear(1000, 1000) -> Linear(1000, 2)", "epochs = 1")
    with torch_threads(2):
        found = Lockstep(Twin(program, tmp_path / "twin.py"), "tensor")
        assert len(list(found.epochs())) == 1
    assert found.threads == 2
    assert taken == [2, 2]  # in float32 and in float64


def test_no_training_is_held_when_it_is_over(tmp_path: Path) -> None:
    text = SMALL.format(outputs=2, loss="SoftmaxCrossEntropy", optimizer="SGD(lr=0.1)")
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    lockstep = Lockstep(Twin(program, tmp_path / "a.py"), "tensor")
    differences = lockstep.epochs()
    next(differences)
    trained = [weakref.ref(one) for one in gc.get_objects() if type(one) is Training]
    assert len([one for one in trained if (own := one()) and own.program is program]) == 2
    assert len([*differences]) == 3
    gc.collect()
    assert not [one for one in trained if (own := one()) and own.program is program]
    assert len(lockstep.differences) == 4
