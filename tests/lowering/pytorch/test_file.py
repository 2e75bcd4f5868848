"""The exported file is a program by itself: it runs without netlang, and is fit to be read."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from click.testing import CliRunner

from netlang.catalogue.data import Disc
from netlang.catalogue.items import Item
from netlang.catalogue.layers import ReLU
from netlang.catalogue.losses import CrossEntropy
from netlang.catalogue.metrics import Accuracy
from netlang.catalogue.optimizers import Adam
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.language.syntax import read
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch import lowers, to_pytorch
from netlang.runs.models.trained import load_model
from netlang.runs.training.matrices import matrices
from netlang.system.shipped import folder
from netlang.tools.cli.group import cli
from tests.lowering.pytorch.test_model import FILES
from tests.lowering.pytorch.written import compiled, executed
from tests.models import LABELS, NUMBERS, SPECIES, kept, trained

MODEL = """\
net = Linear(2, 8) -> Dropout(0.5) -> ReLU
   -> Linear(8, 2) -> Softmax
data = Disc(train=100, test=100)
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 3
"""
# Where netlang is, but cannot be imported.
ALONE = "import sys; sys.modules['netlang'] = None; import runpy; sys.argv = sys.argv[1:]; "
ALONE += "runpy.run_path(sys.argv[0], run_name='__main__')"


def output_without_netlang(file: Path) -> str:
    asked = [sys.executable, "-I", "-W", "error", "-c", ALONE, str(file)]
    done = subprocess.run(asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def start(file: Path, *arguments: str) -> None:
    """As a program, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [str(file), *arguments])
        runpy.run_path(str(file), run_name="__main__")


def export(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli, ["export", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_all_that_is_written_passes_the_formatter_and_the_linter(tmp_path: Path) -> None:
    for number, path in enumerate(FILES):
        compilation = compile_source(read(str(path)))
        if compilation.ok:
            source = to_pytorch(compilation.require(), tmp_path).source
            (tmp_path / f"{path.stem}{number}.py").write_text(source)
    stopped = compiled(f"{MODEL}stop = Early(train.loss)\n")
    (tmp_path / "stopped.py").write_text(to_pytorch(stopped, tmp_path).source)
    for command in (["format", "--diff"], ["check"]):
        asked = ["ruff", *command, "--isolated", "."]
        done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_it_trains_without_netlang_and_the_seed_decides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.net").write_text(MODEL)
    export(tmp_path / "a.net", "-o", tmp_path / "a.py")
    first = output_without_netlang(tmp_path / "a.py")
    start(tmp_path / "a.py", "0")
    assert capsys.readouterr().out == first
    start(tmp_path / "a.py", "1")
    assert capsys.readouterr().out != first
    lines = first.splitlines()
    assert [line.split()[:2] for line in lines] == [["epoch", f"{n}/3"] for n in (1, 2, 3)]
    named = [word for word in lines[-1].split() if "." in word and word[0].isalpha()]
    assert named == ["train.loss", "train.accuracy", "test.loss", "test.accuracy"]


def test_a_table_is_read_from_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(folder("models") / "iris.net", "--set", "epochs=40", "-o", tmp_path / "iris.py")
    start(tmp_path / "iris.py")
    last = capsys.readouterr().out.splitlines()[-1]
    found = re.search(r"test\.accuracy ([\d.]+)", last)
    assert found
    assert float(found[1]) > 0.85


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A program whose table is not where it was."""
    source, target = tmp_path / "here" / "iris.py", tmp_path / "deep" / "down" / "iris.py"
    for file in (source, target):
        file.parent.mkdir(parents=True)
    export(folder("models") / "iris.net", "--set", "epochs=1", "-o", source)
    return source.rename(target)


def test_a_table_that_has_moved_is_told_with_where_it_was_and_what_to_do(moved: Path) -> None:
    table = executed(moved.read_text(), moved).TABLE
    said = f"cannot read the table {table}: No such file or directory; --table names another"
    with pytest.raises(SystemExit, match=f"^{re.escape(said)}$"):
        start(moved)


def test_a_table_that_has_moved_is_named_on_the_command_line(
    moved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(moved.parent)
    Path("new.csv").write_bytes((folder("models") / "iris.csv").read_bytes())
    export(folder("models") / "iris.net", "--set", "epochs=1", "-o", "unmoved.py")
    start(Path("unmoved.py"), "3")
    before = capsys.readouterr().out
    start(moved, "3", "--table", "new.csv")
    assert capsys.readouterr().out == before


def test_a_table_of_other_columns_is_a_sentence(moved: Path) -> None:
    Path("other.csv").write_text("x,y\n1,2\n")
    said = "^the table other.csv has no column 'species'; --table names another$"
    with pytest.raises(SystemExit, match=said):
        start(moved, "--table", "other.csv")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (Path.mkdir, "Is a directory"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
        (lambda path: path.write_bytes(b"\xff"), "'utf-8' codec can't decode byte 0xff"),
        (lambda path: path.write_text(""), "not enough values to unpack"),
        (lambda path: path.write_text("x" * 200_000), "field larger than field limit"),
    ],
    ids=["folder", "loop", "no text", "empty", "too long a cell"],
)
def test_a_table_that_cannot_be_read_is_a_sentence(
    make: Callable[[Path], object], reason: str, moved: Path
) -> None:
    table = moved.parent / "a.csv"
    make(table)
    with pytest.raises(
        SystemExit, match=f"^cannot read the table {re.escape(str(table))}: {reason}"
    ):
        executed(moved.read_text(), moved).main(0, table)


def test_a_program_without_a_table_takes_none(tmp_path: Path) -> None:
    source = to_pytorch(compiled(MODEL), tmp_path).source
    assert "TABLE" not in source
    assert "--table" not in source


HOSTILE = [
    "a\n.net",
    'a"""b.net',
    "a\rimport os.net",
    "a\x85b\u2028c.net",
    "\N{RIGHT-TO-LEFT OVERRIDE}a.net",
    "a\\u000ab.net",
    "\x00.net",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_what_a_file_is_called_stays_in_its_comment(name: str, tmp_path: Path) -> None:
    source = to_pytorch(compiled(MODEL, name), tmp_path).source
    first, second, third = source.splitlines()[:3]
    assert first.startswith("# ")
    assert (second, third) == ("", "import argparse")
    assert first.isprintable()
    assert executed(source).EPOCHS == 3


@pytest.mark.parametrize("text", ['"""', "'''", "\\", "\\N{x}", "{seed}", "%s", "\u202e", "\x0c"])
def test_what_stands_in_the_files_comments_does_no_harm(text: str, tmp_path: Path) -> None:
    made = compile_source(SourceFile("a.net", MODEL.replace("ReLU", f"ReLU  # {text}", 1)))
    if made.ok:
        assert executed(to_pytorch(made.require(), tmp_path).source).EPOCHS == 3


def test_a_network_alone_is_a_model_alone(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text("net = Linear(2, 3) -> ReLU -> Linear(3, 1)\n")
    source = export(tmp_path / "a.net")
    assert set(vars(executed(source))) & {"Model", "loss", "load_data", "main"} == {"Model"}
    assert source == export(tmp_path / "a.net", "-o", "-")


@pytest.mark.parametrize(
    ("item", "named"),
    [
        (ReLU, "ReLU in line 1"),
        (CrossEntropy, "CrossEntropy"),
        (Adam, "Adam"),
        (Accuracy, "accuracy"),
        (Disc, "Disc"),
    ],
)
def test_what_pytorch_has_not_is_named(
    item: type[Item], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(lowers.functions, item)
    (tmp_path / "a.net").write_text(MODEL)
    with pytest.raises(Unsupported):
        to_pytorch(compiled(MODEL), tmp_path)
    result = CliRunner().invoke(cli, ["export", str(tmp_path / "a.net")])
    assert result.exit_code == 1
    assert result.output == f"Error: {named} has no counterpart in PyTorch yet\n"


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text(MODEL)
    for arguments, status, said in (
        (["-o", str(tmp_path / "none" / "a.py")], 1, "cannot write"),
        (["-o", str(tmp_path)], 2, "is a directory"),
        (["-o", str(tmp_path / "a.net")], 2, "which would be lost"),
        (["-o", str(tmp_path / "torch.py")], 2, "torch.py would be taken for a module"),
        (["--to", "jax"], 2, "'jax' is not one of"),
    ):
        result = CliRunner().invoke(cli, ["export", str(tmp_path / "a.net"), *arguments])
        assert result.exit_code == status
        assert said in result.output
    assert (tmp_path / "a.net").read_text() == MODEL


def test_no_file_that_the_program_reads_is_lost(tmp_path: Path) -> None:
    files = {
        "parts.net": "block part(n) = Linear(3, n) -> ReLU\n",
        "a.csv": "x,y,label\n" + "0,1,a\n1,0,b\n" * 10,
        "a.net": 'import "parts.net"\nnet = Linear(2, 3) -> part(2) -> Softmax\n'
        'data = CSV("a.csv", target="label")\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    for name in files:
        output = str(tmp_path / name)
        result = CliRunner().invoke(cli, ["export", str(tmp_path / "a.net"), "-o", output])
        assert (result.exit_code, "which would be lost" in result.output) == (2, True)
    assert {name: (tmp_path / name).read_text() for name in files} == files


def test_a_file_with_mistakes_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / "a.net").write_text(MODEL.replace("Linear(8", "Linear(9"))
    asked = ["export", str(tmp_path / "a.net"), "-o", str(tmp_path / "a.py")]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 1
    assert "E0301" in result.output
    assert not (tmp_path / "a.py").exists()


WIRED = """\
shared s = Linear(2, 4) -> Tanh
net = [s, s -> Linear(4, 4)] -> Add -> Linear(4, 2) -> Softmax
data = Disc(train=60, test=40)
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 2
"""


BOTH = """\
net = Linear(_, 4) -> [Linear(4, _) as kind, Linear(4, _) as height, Linear(4, _) as town]
data = CSV("both.csv", target=["kind", "height", "town"])
loss = [SoftmaxCrossEntropy, MSE, SoftmaxCrossEntropy]
metrics = [confusion, mae]
optimizer = Adam(lr=1e-2)
epochs = 2
"""


@pytest.mark.parametrize(
    "text",
    [MODEL, WIRED, NUMBERS, SPECIES, LABELS],
    ids=["chain", "wired", "numbers", "categories with gaps", "labels"],
)
def test_it_takes_the_weights_that_a_run_has_kept(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    training = trained(text)
    file = Path("export.py")
    file.write_text(to_pytorch(training.program, Path().absolute()).source)
    start(file, "--weights", kept(training))
    head, *shown = capsys.readouterr().out.split("  ")
    assert head == "m.safetensors"
    metrics = load_model("m.safetensors").kept.metrics
    measured = dict(one.split() for one in shown)
    for name in ("loss", *(metric.name for metric in training.program.metrics)):
        assert float(measured[f"test.{name}"]) == pytest.approx(metrics[f"test.{name}"], rel=2e-5)

    code = SimpleNamespace(**runpy.run_path(str(file)))
    model = code.Model()
    code.load_weights(model, "m.safetensors")
    Path("run").mkdir()
    Path("m.safetensors").rename("run/model.safetensors")
    code.load_weights(model, "run")
    inputs = training.split.test.inputs
    assert torch.allclose(code.evaluate(model, inputs), training.outputs(inputs), atol=1e-6)


def test_it_shows_which_class_is_taken_for_which(capsys: pytest.CaptureFixture[str]) -> None:
    for text in (
        f"{SPECIES}metrics = [accuracy, confusion]\n",
        f"{SPECIES}metrics = [confusion]\nstop = Early(train.loss)\naverage = EMA(0.9)\n",
        BOTH,
    ):
        Path("both.csv").write_text(
            "x,kind,height,town\n" + '1,no,1.5,A\n2,"a, b",2.5,B\n3,no,2,C\n' * 10
        )
        training = trained(text)
        file = Path("export.py")
        file.write_text(to_pytorch(training.program, Path().absolute()).source)
        start(file, "--weights", kept(training))
        lines = capsys.readouterr().out.splitlines()
        wanted = list[list[str]]()
        for table in matrices(training):
            wanted += [[f"{table.output}:"]] if table.output else []
            wanted.append(["true \\ predicted", *table.classes])
            rows = zip(table.classes, table.counts, strict=True)
            wanted += [[name, *map(str, row)] for name, row in rows]
        assert [line.split("\t") for line in lines[1:]] == wanted
        start(file)
        assert len(capsys.readouterr().out.splitlines()) >= 1 + len(wanted)


@pytest.mark.slow
def test_a_reader_who_has_seen_enough_ends_it_without_a_word() -> None:
    file = Path("export.py")
    file.write_text(to_pytorch(compiled(MODEL), Path().absolute()).source)
    reading, writing = os.pipe()
    os.close(reading)
    program = [sys.executable, str(file)]
    done = subprocess.run(program, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("problem", ["gone", "no weights", "other weights"])
def test_weights_that_it_cannot_take_are_told(problem: str) -> None:
    training = trained(MODEL)
    Path("export.py").write_text(to_pytorch(training.program, Path().absolute()).source)
    if problem == "no weights":
        Path("w").write_text("text")
    elif problem == "other weights":
        kept(trained(WIRED), "w")
    with pytest.raises(SystemExit, match="cannot use the weights in w: "):
        start(Path("export.py"), "--weights", "w")
