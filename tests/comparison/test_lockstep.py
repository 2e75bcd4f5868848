"""In lockstep netlang and PyTorch differ by rounding alone; and what is not rounding shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.comparison import Difference, Lockstep, Twin, report
from netlang.comparison import twin as twins
from netlang.export import Exported, to_pytorch
from netlang.ir import Program
from netlang.passes import compile_source
from netlang.shipped import folder
from netlang.source import SourceFile
from netlang.syntax import read

MODELS = sorted(folder("models").glob("*.net"))
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


@pytest.fixture(params=["tensor", "native"])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "native":
        request.getfixturevalue("compiler")
    return str(request.param)


def differences(program: Program, backend: str, file: Path) -> list[Difference]:
    return list(Lockstep(Twin(program, file), backend).epochs())


def assert_close(found: list[Difference]) -> None:
    assert max(one.float64 for one in found) < 1e-9
    for one in found:  # no farther from float64 than PyTorch itself, but for luck
        assert one.netlang < 5 * one.torch + 1e-6
        assert one.float32 < one.netlang + one.torch + 1e-9


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_model_over_its_whole_training(path: Path, backend: str, tmp_path: Path) -> None:
    program = compile_source(read(str(path)), to_run=True).require()
    if program.rows == 1:  # steps of one sample take PyTorch long
        program = Program(**{**vars(program), "epochs": 3})
    found = differences(program, backend, tmp_path / "twin.py")
    assert len(found) == program.epochs
    assert_close(found)


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
        ("y + 0.01", "y + 0.01000001"),
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
    assert "more than rounding explains" in report.of_lockstep(found)
