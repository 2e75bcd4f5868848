"""A trained model is used as it was when its training ended, and what is no model is refused."""

from __future__ import annotations

import builtins
import io
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from netlang.catalogue.data import Pipeline
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.model_files import MODEL_FILE
from netlang.language.syntax import read
from netlang.runs.models.trained import load_model
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.training import Training

TABLE = "a,b,kind\n" + "".join(f"{n % 7},{n % 5},{'xy'[n % 2]}\n" for n in range(40))
BLOCKS = 'import "more.net"\nblock hidden(n) = Linear(_, n) -> act\n'
NET = """\
import "lib/blocks.net"
width = 4
net = hidden(width) -> Linear(_, 2) -> Softmax
data = CSV("t.csv", target="kind")
loss = CrossEntropy
optimizer = Adam
epochs = 2
"""


@pytest.fixture(autouse=True)
def _files() -> None:
    Path("lib").mkdir()
    Path("lib/blocks.net").write_text(BLOCKS)
    Path("lib/more.net").write_text("act = Tanh\n")
    Path("m.net").write_text(NET)
    Path("t.csv").write_text(TABLE)


def trained(*overrides: str) -> Training:
    training = Training(compile_source(read("m.net"), overrides, to_run=True).require(), "tensor")
    for _ in training.events():
        pass
    return training


def kept(training: Training) -> str:
    Path(MODEL_FILE).write_bytes(training.model().to_bytes())
    return MODEL_FILE


def test_a_model_gives_the_outputs_that_its_network_gave() -> None:
    training = trained("width=5")
    model, inputs = load_model(kept(training)), training.split.test.inputs
    assert torch.equal(model.outputs(inputs), training.outputs(inputs))
    assert model.kept.metrics["test.accuracy"] == training.model().metrics["test.accuracy"]
    assert model.kept.pipeline == training.split.pipeline
    assert model.program.description == training.program.description
    assert model.program.overrides == ("width=5",)


def test_equal_runs_leave_equal_bytes_wherever_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    first = trained().model().to_bytes()
    Path("elsewhere").mkdir()
    for name in ("lib", "m.net", "t.csv"):
        Path(name).rename(Path("elsewhere", name))
    monkeypatch.chdir("elsewhere")
    assert trained().model().to_bytes() == first
    assert trained("seed=1").model().to_bytes() != first


def test_the_folder_of_a_run_is_its_model() -> None:
    Path("run").mkdir()
    Path(kept(trained())).rename(Path("run", MODEL_FILE))
    assert load_model("run").program.graph.weights


def test_no_file_is_opened_that_the_model_names(monkeypatch: pytest.MonkeyPatch) -> None:
    file = kept(trained())
    opened: list[str] = []

    def noting(name: Any, *rest: Any, **named: Any) -> Any:
        opened.append(str(name))
        return open_before(name, *rest, **named)

    open_before = builtins.open
    monkeypatch.setattr(builtins, "open", noting)
    monkeypatch.setattr(io, "open", noting)
    load_model(file)
    assert file in opened
    assert not any(name.endswith((".net", ".csv", ".json")) for name in opened)


def test_a_model_is_read_where_none_of_its_files_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(kept(trained())).read_bytes()
    monkeypatch.chdir(tmp_path)
    for file in (*Path("lib").iterdir(), Path("m.net"), Path("t.csv")):
        file.unlink()
    Path("only.safetensors").write_bytes(data)
    assert load_model("only.safetensors").program.graph.weights


def said(path: str) -> str:
    with pytest.raises(NetError) as found:
        load_model(path)
    (diagnostic,) = found.value.diagnostics
    message = diagnostic.message()
    return f"{diagnostic.code} {message.title} {message.notes} {message.helps}"


def test_what_is_no_model_is_refused() -> None:
    assert said("nothing.safetensors").startswith("E0505")
    Path("text").write_text("net = Linear(2, 2)\n")
    assert "no safetensors file" in said("text")


def test_every_changed_model_is_refused() -> None:
    file = Path(kept(trained()))
    data, source = file.read_bytes(), random.Random(1)
    for _ in range(100):
        changed = bytearray(data)
        changed[source.randrange(len(data))] ^= 1 << source.randrange(8)
        file.write_bytes(changed)
        assert said(str(file)).startswith("E0506")


def test_another_programs_tensors_are_refused() -> None:
    model = trained().model()
    tensors = {name: tensor for name, tensor in model.tensors.items() if name != "linear1.bias"}
    tensors |= {"linear2.weight": torch.zeros(2, 9), "extra.weight": torch.zeros(1)}
    Path("other").write_bytes(model.replace(tensors=tensors).to_bytes())
    text = said("other")
    assert text.startswith("E0507")
    assert "linear1.bias" in text
    assert "extra.weight" in text
    assert "`linear2.weight` has shape [2, 9], and the program takes [2, 4]" in text


def test_a_tensor_too_few_or_too_many_is_refused() -> None:
    model = trained().model()
    few = {name: tensor for name, tensor in model.tensors.items() if name != "linear1.bias"}
    many = model.tensors | {"extra.weight": torch.zeros(1)}
    for tensors, what in (
        (few, "it lacks `linear1.bias`"),
        (many, "it has besides `extra.weight`"),
    ):
        Path("other").write_bytes(model.replace(tensors=tensors).to_bytes())
        assert what in said("other")


def test_a_text_with_an_error_names_the_netlang_that_trained_it() -> None:
    model = trained().model()
    texts = model.texts | {"m.net": NET.replace("Softmax", "Softmacks")}
    Path("odd").write_bytes(model.replace(texts=texts).to_bytes())
    versions = f"netlang {model.versions['netlang']}"
    assert f"the version of netlang that trained it may read it: {versions}" in said("odd")


def test_a_text_that_asks_for_far_more_than_the_file_holds_takes_no_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = trained().model()
    texts = model.texts | {"m.net": NET.replace("width = 4", "width = 300_000_000")}
    Path("odd").write_bytes(model.replace(texts=texts).to_bytes())
    monkeypatch.delattr("netlang.runs.models.trained.Network")  # which would take it
    assert "has shape [4, 2], and the program takes [300000000, 2]" in said("odd")


@pytest.mark.parametrize("kind", [torch.int64, torch.bool, torch.complex64])
def test_tensors_that_are_no_weights_are_refused(kind: torch.dtype) -> None:
    model = trained().model()
    weight = model.tensors["linear1.weight"].to(kind)
    tensors = {**model.tensors, "linear1.weight": weight}
    Path("odd").write_bytes(model.replace(tensors=tensors).to_bytes())
    assert f"the numbers of `linear1.weight` are of the type {kind}" in said("odd")


_NUMBER = {"kind": "number", "shift": 0.0, "scale": 1.0, "fill": None, "indicated": False}
_GOALS = {
    "values": {"columns": ["kind"], "classes": None, "shift": [0.0], "scale": [1.0]},
    "labels": {"columns": ["kind"], "classes": None, "labels": True},
    "classes": {"columns": ["kind"], "classes": ["y", "x"]},
    "column": {"columns": ["sort"], "classes": ["x", "y"]},
}


@pytest.mark.parametrize("name", _GOALS)
def test_another_goal_than_that_of_the_data_is_refused(name: str) -> None:
    model = trained().model()
    assert model.pipeline
    odd = Pipeline.from_json(model.pipeline.to_json() | {"target": _GOALS[name]})
    Path("odd").write_bytes(model.replace(pipeline=odd).to_bytes())
    assert "its pipeline makes other samples than its data" in said("odd")


@pytest.mark.parametrize("names", ["a", "abc", "ba", "xy"])
def test_other_columns_than_those_of_the_data_are_refused(names: str) -> None:
    model = trained().model()
    assert model.pipeline
    inputs = [{"column": name} | _NUMBER for name in names]
    odd = Pipeline.from_json(model.pipeline.to_json() | {"inputs": inputs})
    Path("odd").write_bytes(model.replace(pipeline=odd).to_bytes())
    assert "its pipeline makes other samples than its data" in said("odd")


@pytest.mark.parametrize(
    "change",
    [
        {"texts": {}},
        {"texts": {"m.net": "net = Linear(2, 2)\n"}},
        {"texts": {"m.net": "net = \n"}},
        {"texts": {"m.net": "net = Linear(2, 2)\n", "b.net": 3}},
        {"overrides": (1,)},
        {"overrides": ("nothing=1",)},
        {"metrics": {"loss": "low"}},
        {"versions": {"netlang": 1}},
        {"name": "other.net"},
    ],
)
def test_a_file_that_says_what_no_run_says_is_refused(change: dict[str, Any]) -> None:
    Path("odd").write_bytes(trained().model().replace(**change).to_bytes())
    assert said("odd").startswith("E0506")


def test_the_bytes_say_all_that_the_model_says() -> None:
    model = trained().model()
    again = ModelFile.from_bytes(model.to_bytes())
    for name in ModelFile.fields:
        if name != "tensors":
            assert getattr(again, name) == getattr(model, name)
