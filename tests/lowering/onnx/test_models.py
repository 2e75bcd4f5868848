"""Files of models/, trained for an epoch, answer in a runtime of ONNX as in netlang."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import numpy as np
import polars
import pytest
import torch

import netlang
from netlang.catalogue.modules import Layer
from netlang.engine.network import Network
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.onnx import Value, constant, file, lowers, op, to_onnx
from netlang.lowering.onnx.file import File, Port
from netlang.lowering.onnx.network import outputs_of
from netlang.system.shipped import folder
from tests.graphs import chain, dense
from tests.lowering.onnx.answered import assert_answers_of_test, run, runtime, trained_program
from tests.models import CLASSES, kept, trained
from tests.paths import ROOT
from tests.program import netlang as netlang_

README = ROOT / "README.md"
FAST = ["iris", "multitask", "siamese"]
SLOW = ["autoencoder", "chars", "gru", "lenet", "mixer", "resnet", "unet"]


@pytest.mark.parametrize(
    "name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)
def test_a_model(name: str) -> None:
    assert_answers_of_test(netlang.load(folder("models") / f"{name}.net", epochs=1).fit())


def test_the_readme_asks_a_model_for_one_flower(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"^```py\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)
    model = netlang.load(folder("models") / "iris.net", epochs=20).fit()
    monkeypatch.chdir(tmp_path)
    for name, written in to_onnx(trained_program(model), "iris").items():
        Path(name).write_bytes(written)
    exec(example, {})
    assert capsys.readouterr().out == "setosa\n"


def test_the_command_writes_a_file_that_answers_as_predict_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = kept(trained(CLASSES))
    assert netlang_("export", model, "--to", "onnx").stdout == "m.onnx\n"
    wanted = polars.read_csv(io.StringIO(netlang_("predict", model, "flowers.csv").stdout))
    feed = {name: wanted[name].to_numpy()[:, None] for name in ("long", "wide")}
    found = run(runtime(Path("m.onnx").read_bytes()), feed)
    assert found["label"].tolist() == wanted["prediction"].to_list()
    probabilities = wanted.select(polars.col(r"^p.*\)$")).to_numpy()
    assert np.abs(found["probabilities"] - probabilities).max() < 1e-5


class Squares(Layer):
    """y = x².

    Shape: [N, *] -> [N, *].  Source: a test.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.saved = x
        return x * x

    def backward(self, dy: torch.Tensor) -> torch.Tensor:
        return 2 * self.saved * dy


def test_a_layer_of_ones_own_is_said_by_a_function_or_named_with_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = chain(dense(3, 2), Squares.declared({}), start=(3,))
    network = Network(graph, 0)
    with pytest.raises(Unsupported, match=r"Squares in line 1 .*`@onnx.lowers\(Squares\)`.* would"):
        outputs_of(graph, network.named_tensors(), Value("float32"))
    monkeypatch.setitem(lowers.functions, Squares, lambda layer, own, x: op("Mul", x, x))
    y = outputs_of(graph, network.named_tensors(), Value("float32"))[2]
    assert y.name == "squares2"


def test_weights_that_one_file_cannot_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_LARGEST", 10)
    x = Value("float32")
    made = File("a", [Port("x", x, (2,))], [Port("y", x + constant([1, 2, 3]), (3,))])
    with pytest.raises(Unsupported, match="weights take 2 GB"):
        made.to_bytes("", {})


def test_without_the_package_a_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    x = Value("float32")
    with pytest.raises(Unsupported, match=r'onnx is not installed: pip install "netlang\[onnx\]"'):
        File("a", [Port("x", x, (2,))], [Port("y", op("Relu", x), (2,))]).to_bytes("", {})
