"""A network begins with the weights of another one, as far as they fit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import Tensor

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.compiler.passes.begin import begin
from netlang.engine.network import Network
from netlang.language.diagnostics import NetError, Sink
from netlang.language.model_files import MODEL
from netlang.language.source import SourceFile, Span
from netlang.language.syntax import read
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.twin import Twin
from netlang.runs.models.trained import load_model
from netlang.runs.training.beginning import begin_with
from netlang.runs.training.checkpoint import Unfit
from netlang.runs.training.events import Finished, StepsDone
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.training import Training
from netlang.system.shipped import folder
from netlang.tools.cli.group import cli
from tests.catalogue.modules.test_tensors import shared_twice
from tests.lowering.pytorch.test_file import start

BASE = """\
encoder = Linear(2, 6) -> Tanh -> Linear(6, 5) -> Tanh
net = encoder -> Linear(5, 2)
data = Disc(train=70, test=20)
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 2
batch = 9
"""
TUNED = (
    BASE.replace("Linear(5, 2)", "Linear(5, 4) -> Tanh -> Linear(4, 2)")
    + 'start = "base.safetensors"\n'
)
TAKEN = ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"]


@pytest.fixture
def base() -> dict[str, Tensor]:
    """The tensors in ``base.safetensors``, a model file beside ``base.net`` and ``tuned.net``."""
    Path("base.net").write_text(BASE)
    Path("tuned.net").write_text(TUNED)
    training = trained("base.net")
    Path("base.safetensors").write_bytes(training.model().to_bytes())
    return {name: one.clone() for name, one in training.network.named_tensors().items()}


def compiled(file: str, *overrides: str) -> Program:
    return compile_source(read(file), overrides, to_run=True).require()


def trained(file: str, *overrides: str) -> Training:
    training = Training(compiled(file, *overrides), "tensor")
    for _ in training.events():
        pass
    return training


def test_it_begins_with_what_fits_by_name_and_shape(base: dict[str, Tensor]) -> None:
    program = compiled("tuned.net")
    anew = Network(program.graph, program.seed).named_tensors()
    found = Training(program).network.named_tensors()
    for name, tensor in found.items():
        assert torch.equal(tensor, base[name] if name in TAKEN else anew[name])
    assert program.beginning
    assert program.beginning.as_data == {
        "file": "base.safetensors",
        "sha256": program.beginning.file.sha256,
        "taken": TAKEN,
        "other_shape": {
            "linear3.weight": {"file": [2, 5], "network": [4, 5]},
            "linear3.bias": {"file": [2], "network": [4]},
        },
        "missing": ["linear4.weight", "linear4.bias"],
        "left_over": [],
    }


def test_what_the_file_alone_has_is_left_over(base: dict[str, Tensor]) -> None:
    text = "net = Linear(2, 6) -> Tanh -> Linear(6, 5)\nstart = 'base.safetensors'\n"
    source = SourceFile("small.net", text.replace("'", '"'), Path("small.net"))
    beginning = compile_source(source).require().beginning
    assert beginning
    assert beginning.surplus == ("linear3.bias", "linear3.weight")
    assert beginning.missing == beginning.shapes == ()


def test_statistics_begin_as_the_file_has_them() -> None:
    graph = shared_twice()
    known, other = Network(graph, 0), Network(graph, 1)
    known.statistics.uniform_()
    Path("a.safetensors").write_bytes(MODEL.to_bytes(known.named_tensors(), {}))
    sink, span = Sink(), Span(SourceFile("a.net", "x", Path("a.net")), 0, 1)
    beginning = begin(graph, span, "a.safetensors", sink)
    assert beginning
    begin_with(beginning, other)
    assert torch.equal(other.statistics, known.statistics)
    assert torch.equal(other.parameters, known.parameters)


def test_a_run_says_what_was_taken_and_keeps_it(base: dict[str, Tensor]) -> None:
    shown = CliRunner().invoke(cli, ["run", "tuned.net", "--no-plots", "-o", "runs"])
    assert shown.output.splitlines()[1:5] == [
        "begins with the weights in base.safetensors",
        "  taken             linear1.weight, linear1.bias, linear2.weight and linear2.bias",
        "  of another shape  linear3.weight [2, 5], here [4, 5] and linear3.bias [2], here [4]",
        "  not in the file   linear4.weight and linear4.bias",
    ]
    (run,) = Path("runs").iterdir()
    record = json.loads((run / "run.json").read_text())
    assert record["start"] == "base.safetensors"
    assert record["beginning"]["taken"] == TAKEN
    told = CliRunner().invoke(cli, ["run", "tuned.net", "--no-folder", "--json"])
    first = json.loads(told.stdout.splitlines()[0])
    assert first["event"] == "start"
    assert first["beginning"] == record["beginning"]
    # The text that a run keeps reads what the run has read, and its model opens no file.
    again = CliRunner().invoke(cli, ["run", str(run / "tuned.net"), "--no-plots", "-o", "again"])
    (second,) = Path("again").iterdir()
    assert again.exit_code == 0
    tensors = (run / "model.safetensors").read_bytes(), (second / "model.safetensors").read_bytes()
    assert MODEL.from_bytes(tensors[0])[0].keys() == MODEL.from_bytes(tensors[1])[0].keys()
    Path("base.safetensors").unlink()
    model = load_model(str(run))
    assert model.program.beginning is None
    gone = CliRunner().invoke(cli, ["check", str(run / "tuned.net")])
    assert "was `" in gone.stderr
    assert "and is not there any more" in gone.stderr


def test_a_run_says_that_the_file_was_trained_for_other_columns_and_classes() -> None:
    text = "net = Linear(2, 3) -> Tanh -> Linear(3, 2)\nloss = SoftmaxCrossEntropy\n"
    text += 'optimizer = SGD(lr=0.1)\nepochs = 1\nbatch = 4\ndata = Table("DATA", target="y")\n'
    for file, header in {"a": "p,q,y", "b": "q,p,y", "c": "p,q,y"}.items():
        names = ("no", "yes") if file != "c" else ("no", "sure")
        rows = [f"{n},{n * n},{names[n % 2]}" for n in range(20)]
        Path(f"{file}.csv").write_text("\n".join([header, *rows]))
        start = "" if file == "a" else 'start = "a.safetensors"\n'
        Path(f"{file}.net").write_text(text.replace("DATA", f"{file}.csv") + start)
    Path("a.safetensors").write_bytes(trained("a.net").model().to_bytes())
    same = compiled("a.net", 'start="a.safetensors"').beginning
    assert same
    assert same.inputs is same.outputs is None
    for file, said in {
        "b": "  other inputs  p, here q and q, here p: linear1 was trained for the file's",
        "c": "  other outputs  yes, here sure: linear2 was trained for the file's",
    }.items():
        shown = CliRunner().invoke(cli, ["run", f"{file}.net", "--no-folder"])
        lines = [" ".join(line.split()) for line in shown.output.splitlines()]
        assert " ".join(said.split()) in lines
        assert not any(line.startswith("other") for line in lines if line != " ".join(said.split()))
    beginning = compiled("b.net").beginning
    assert beginning
    assert beginning.as_data["other_inputs"] == {
        "layer": "linear1",
        "differ": [{"file": "p", "network": "q"}, {"file": "q", "network": "p"}],
    }


def test_it_is_told_where_frozen_weights_are_not_in_the_file(base: dict[str, Tensor]) -> None:
    text = TUNED.replace(
        "net = encoder ->", "head = Linear(5, 4)\nnet = encoder -> Tanh -> head ->"
    )
    text = text.replace("-> Linear(5, 4) -> Tanh -> Linear(4, 2)", "-> Tanh -> Linear(4, 2)")
    Path("tuned.net").write_text(text)
    for parts, codes in {"encoder": [], "[encoder, head]": ["W0621"]}.items():
        found = compile_source(read("tuned.net"), [f"freeze={parts}"], to_run=True)
        assert [one.code for one in found.diagnostics] == codes


def test_a_frozen_part_keeps_the_weights_of_the_file(base: dict[str, Tensor]) -> None:
    found = trained("tuned.net", "freeze=encoder").network.named_tensors()
    assert all(torch.equal(found[name], base[name]) for name in TAKEN)
    thawed = trained("tuned.net").network.named_tensors()
    assert not any(torch.equal(thawed[name], base[name]) for name in TAKEN)


def test_iris_is_learned_sooner_from_a_network_that_knows_it(tmp_path: Path) -> None:
    models = folder("models")
    (tmp_path / "iris.csv").write_bytes((models / "iris.csv").read_bytes())
    text = (models / "iris.net").read_text()
    (tmp_path / "iris.net").write_text(text)
    known = trained("iris.net", "epochs=40")
    Path("iris.safetensors").write_bytes(known.model().to_bytes())
    tuned = text.replace("Linear(4, 16) -> Tanh", "encoder").replace("epochs = 100", "epochs = 3")
    tuned += "encoder = Linear(4, 16) -> Tanh\n"
    (tmp_path / "tuned.net").write_text(tuned)
    reached = []
    for more in ([], ['start="iris.safetensors"', "freeze=encoder"]):
        *_, last = Training(compiled("tuned.net", *more), "tensor").events()
        assert isinstance(last, Finished)
        reached.append(last.metrics["test.accuracy"])
    assert reached[0] < 0.9 < reached[1]


def test_numbers_that_are_no_weights_are_refused(base: dict[str, Tensor]) -> None:
    file, whole = Path("base.safetensors"), {name: one.long() for name, one in base.items()}
    file.write_bytes(ModelFile.from_bytes(file.read_bytes()).replace(tensors=whole).to_bytes())
    with pytest.raises(NetError, match=r"are of the type torch\.int64, and no weights"):
        Training(compiled("tuned.net"))


def test_a_training_goes_on_to_the_same_bits_without_reading_the_file_again(
    base: dict[str, Tensor],
) -> None:
    whole, kept = Training(compiled("tuned.net"), "tensor"), None
    for event in whole.events():
        if isinstance(event, StepsDone) and event.epoch == 2 and kept is None:
            kept = whole.checkpoint()
    resumed = Training(compiled("tuned.net"), start=kept)
    for _ in resumed.events():
        pass
    assert torch.equal(resumed.network.parameters, whole.network.parameters)
    with pytest.raises(Unfit, match="these differ: start"):
        Training(compiled("tuned.net", "start=none"), start=kept)


@pytest.mark.parametrize(
    ("named", "code", "said"),
    [
        ("bas.safetensors", "E0505", "did you mean `base.safetensors`?"),
        ("base.net", "E0506", "it is no safetensors file"),
        ("cut.safetensors", "E0506", "it is cut off"),
        (".", "E0505", "is a folder"),
        ("../base.safetensors", "E0410", "leaves the folder"),
        ("https://example.org/a.safetensors", "E0410", "netlang uses no network"),
        ("other.safetensors", "E0509", "the network can begin with nothing of"),
    ],
)
def test_check_refuses_what_is_no_model_to_begin_with(
    base: dict[str, Tensor], named: str, code: str, said: str
) -> None:
    data = Path("base.safetensors").read_bytes()
    Path("cut.safetensors").write_bytes(data[:100])
    Path("other.safetensors").write_bytes(MODEL.to_bytes({"a.b": torch.zeros(1)}, {}))
    shown = CliRunner().invoke(cli, ["check", "tuned.net", "--set", f'start="{named}"'])
    assert shown.exit_code == 1
    assert code in shown.stderr
    assert said in shown.stderr


def test_a_file_that_is_damaged_or_changes_before_training_is_refused(
    base: dict[str, Tensor],
) -> None:
    data = Path("base.safetensors").read_bytes()
    program = compiled("tuned.net")
    Path("base.safetensors").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(NetError, match="it has changed since the program was read"):
        Training(program)
    with pytest.raises(NetError, match="it has changed since it was written"):
        Training(compiled("tuned.net"))
    Path("base.safetensors").unlink()
    with pytest.raises(NetError, match="no such file"):
        Training(program)


@pytest.mark.parametrize("head", ["Linear(5, 2)", "[Tanh, Identity] -> Add -> Linear(5, 2)"])
def test_an_exported_program_begins_with_the_same_weights(
    head: str, base: dict[str, Tensor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = compiled("tuned.net", f"net=encoder -> {head}")
    twin = Twin(program, tmp_path / "tuned.py")
    model = twin.training(0).model
    for number, path in twin.modules.items():
        for name in program.graph.nodes[number].layer.declared_weights():
            tensor = getattr(model.get_submodule(path), name)
            assert torch.equal(tensor, base[f"{program.graph.nodes[number].name}.{name}"])
    start(tmp_path / "tuned.py")
    assert "test.accuracy" in capsys.readouterr().out
    Path("base.safetensors").write_bytes(b"")
    with pytest.raises(SystemExit, match=r"cannot begin with the weights in .*base.safetensors: "):
        start(tmp_path / "tuned.py")


def test_pytorch_trains_the_same_from_the_same_beginning(
    base: dict[str, Tensor], tmp_path: Path
) -> None:
    program = compiled("tuned.net", "freeze=encoder")
    found = [*Lockstep(Twin(program, tmp_path / "twin.py"), "tensor").epochs()]
    assert max(one.float64 for one in found) < 1e-9
    assert "START" not in to_pytorch(compiled("tuned.net", "start=none"), tmp_path).source


def test_check_imports_no_torch_to_look_into_the_file(base: dict[str, Tensor]) -> None:
    code = "import sys; from netlang.compiler.passes import compile_source as c\n"
    code += "from netlang.language.syntax import read\n"
    code += "assert c(read('tuned.net')).require().beginning\n"
    code += "sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
