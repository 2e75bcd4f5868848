"""``netlang export RUN`` writes a trained network, which answers as ``netlang predict`` does."""

from __future__ import annotations

import contextlib
import csv
import io
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tests.models import CLASSES, LABELS, NUMBERS, POINTS, SPECIES, TEXT, kept, trained
from tests.program import netlang
from tests.together import together


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def exported(model: str, target: str) -> Any:
    """The module that is written for a model; nothing is left of it in this Python."""
    result = netlang("export", model, "--to", target, "-o", "written.py")
    weights = {"numpy": "npz", "torch": "safetensors"}[target]
    assert result.stdout.split() == ["written.py", f"written.{weights}"], result.stderr
    spec = spec_from_file_location("written", "written.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed(module: Any, *arguments: str) -> str:
    """What ``main`` prints."""
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        module.main(*arguments)
    return shown.getvalue()


def assert_same(found: str, wanted: str, width: int) -> None:
    """Two tables, whose answers begin behind so many columns, say the same."""
    ours, others = ([*csv.reader(io.StringIO(text))] for text in (wanted, found))
    assert others[0] == ours[0]
    for one, other in zip(others[1:], ours[1:], strict=True):
        for cell, expected in zip(one[width:], other[width:], strict=True):
            try:
                number = float(expected)
            except ValueError:
                assert cell == expected
            else:
                assert float(cell) == pytest.approx(number, rel=1e-5, abs=1e-5)


SEVERAL = """\
net = Linear(_, 8) -> Tanh -> [Linear(8, _) as kind, Linear(8, _) as size]
data = Table("birds.csv", target=["species", "bill"], missing="drop")
loss = [SoftmaxCrossEntropy, 0.5 * MSE]
optimizer = Adam(lr=0.05)
epochs = 2
"""
PRICES = NUMBERS.replace("Linear(4, 1)", "Linear(4, 3)").replace("MSE", "Quantile([0.1, 0.5, 0.9])")
QUANTILES = PRICES.replace('price")', 'price", scale="quantile")')
CLIPPED = PRICES.replace('price")', 'price", scale="robust")')
DROPPED = SPECIES.replace('"mean"', '"drop"')
INDICATED = SPECIES.replace('"mean"', '"indicator"')
CODES = """\
net = [Input("island") -> Embedding(_, 2) -> Flatten, Input("bill")] -> Concat -> Linear(_, 2)
data = Table("birds.csv", target="species", missing="median", ignore=["sex"], codes=["island"])
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=0.05)
epochs = 2
"""
WORDS = """\
net = Embedding(_, 4) -> Mean -> Linear(_, 1)
data = Table("birds.csv", target="species", missing="mean", ignore=["sex", "bill"], text="island")
loss = SigmoidCrossEntropy
optimizer = Adam(lr=0.05)
epochs = 2
"""
CASES = [
    *((CLASSES, "flowers"), (NUMBERS, "houses"), (LABELS, "weather"), (QUANTILES, "houses")),
    *((CLIPPED, "houses"), (DROPPED, "birds"), (CODES, "birds"), (WORDS, "birds")),
    (CLASSES + "members = 3\n", "flowers"),
]


def assert_answered(net: str, table: str) -> None:
    model = kept(trained(net))
    wanted = netlang("predict", model, f"{table}.csv").stdout
    width = len(Path(f"{table}.csv").read_text().partition("\n")[0].split(","))
    for target in ("numpy", "torch"):
        assert_same(printed(exported(model, target), f"{table}.csv"), wanted, width)


@together("net", [SPECIES, SEVERAL, INDICATED])
def test_a_table_is_answered_as_by_predict(net: str) -> None:
    assert_answered(net, "birds")


@pytest.mark.slow
@together(("net", "table"), CASES)
def test_other_tables_are_answered_as_by_predict(net: str, table: str) -> None:
    assert_answered(net, table)


LIGHTS = "on,size,kind,bright\n" + "".join(
    f"{('true', 'false')[n % 2]},{n % 3},{n % 2},{('yes', 'no')[n % 3 == 0]}\n" for n in range(30)
)
OTHERS = """\
size,bright,kind,on
01,yes,true,True
2.0,no,FALSE,false
7,yes,1.0,maybe
 0 ,no,0,true
"""
BRIGHT = """\
net = Linear(_, 2)
data = Table("lights.csv", target="bright", categories=["size", "kind"])
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=0.05)
epochs = 2
"""


def test_names_are_found_however_they_are_written() -> None:
    Path("lights.csv").write_text(LIGHTS)
    Path("others.csv").write_text(OTHERS)
    model = kept(trained(BRIGHT))
    wanted = netlang("predict", model, "others.csv").stdout
    assert len({line.partition(",")[2] for line in wanted.splitlines()}) == 5
    for target in ("numpy", "torch"):
        assert_same(printed(exported(model, target), "others.csv"), wanted, 4)


TWINS = """\
net = Linear(_, 4) -> [Linear(4, _) as kind, Linear(4, _) as Kind]
data = Table("lights.csv", target=["bright", "on"], categories=["kind"])
loss = [SoftmaxCrossEntropy, SoftmaxCrossEntropy]
optimizer = Adam(lr=0.05)
epochs = 2
"""


def test_outputs_whose_names_differ_in_capitals_have_classes_of_their_own() -> None:
    Path("lights.csv").write_text(LIGHTS)
    assert_answered(TWINS, "lights")


def test_numpy_needs_no_netlang() -> None:
    model = kept(trained(SPECIES))
    exported(model, "numpy")
    asked = [sys.executable, "-I", "written.py"]
    found = subprocess.run([*asked, "birds.csv"], capture_output=True, text=True, check=True)
    assert_same(found.stdout, netlang("predict", model, "birds.csv").stdout, 4)
    for arguments, why in (
        (["none.csv"], "No such file or directory: 'none.csv'"),
        (["flowers.csv"], "there is no column `island`"),
        ([], "written.py new.csv > answers.csv"),
    ):
        found = subprocess.run([*asked, *arguments], capture_output=True, text=True, check=False)
        assert found.returncode == 1
        assert why in found.stderr
        assert "Traceback" not in found.stderr


SEQUENCES = """\
net = GRU(_, 4) -> Last -> Linear(_, 1)
data = Arrays("sequences.npz", lengths="n", test=0.25)
loss = MSE
optimizer = Adam(lr=0.05)
epochs = 1
"""
BACK = """\
net = Flatten -> Linear(_, 3) -> Linear(_, 16) -> Reshape([1, 4, 4])
data = Arrays("pictures.npz", target="input", test=0.25)
loss = MSE
optimizer = Adam(lr=0.05)
epochs = 1
"""
PAIRS = """\
net = [Input("a") -> Flatten, Input("b")] -> Concat -> Linear(_, 1) -> Sigmoid
data = Arrays("pairs.npz", inputs=["a", "b"], test=0.25)
loss = CrossEntropy
optimizer = Adam(lr=0.05)
epochs = 1
"""


def test_samples_of_arrays_are_answered_as_by_predict() -> None:
    source = np.random.default_rng(0)
    x, n = source.normal(2, 3, (24, 5, 2)), source.integers(1, 6, 24)
    y = source.normal(size=24)
    np.savez("sequences.npz", x=x, n=n, y=y)
    np.savez("pairs.npz", a=x, b=x[:, 0], y=(y > 0).astype(int))
    np.savez("points.npz", x=x[:, :2].reshape(24, 4), y=y)
    for net, file in ((SEQUENCES, "sequences"), (PAIRS, "pairs"), (POINTS, "points")):
        model = kept(trained(net))
        wanted = netlang("predict", model, f"{file}.npz").stdout
        for target in ("numpy", "torch"):
            module = exported(model, target)
            assert_same(printed(module, f"{file}.npz"), wanted, 1)
            if net == SEQUENCES:
                assert np.isnan(module.predict(np.full((1, 5, 2), np.nan))).all()
                assert len(module.predict({"x": x, "n": n})) == 24
                with pytest.raises(ValueError, match=r"takes an array \[N, 5, 2\], and this is"):
                    module.predict(x.transpose(0, 2, 1))
                with pytest.raises(ValueError, match="is no file of NumPy's"):
                    module.main("written.py")
            if net == PAIRS:
                assert len(module.predict({"a": x[:0], "b": x[:0, 0]})) == 0


def test_arrays_are_written_to_a_file() -> None:
    np.savez("pictures.npz", x=np.random.default_rng(0).normal(2, 3, (24, 1, 4, 4)))
    model = kept(trained(BACK))
    module = exported(model, "numpy")
    module.main("pictures.npz", "answers.npz")
    assert np.load("answers.npz")["prediction"].shape == (24, 1, 4, 4)
    asked = [sys.executable, "-I", "written.py", "pictures.npz", "again.npz"]
    subprocess.run(asked, check=True)
    assert Path("again.npz").read_bytes() == Path("answers.npz").read_bytes()


def test_a_text_goes_on_as_predict_lets_it() -> None:
    for net, prompt in ((TEXT, "the rose"), (TEXT.replace("=16)", '=16, by="bytes")'), "a é")):
        model = kept(trained(net.replace("epochs = 20", "epochs = 8")))
        options = ("--temperature", "0", "--length", "30")
        wanted = netlang("predict", model, "--prompt", prompt, *options).stdout
        for target in ("numpy", "torch"):
            module = exported(model, target)
            assert module.continued(prompt, 30) == wanted.rstrip("\n")
            with pytest.raises(ValueError, match="begin with one symbol"):
                module.continued("")
    module = exported(kept(trained(TEXT.replace("epochs = 20", "epochs = 1"))), "numpy")
    with pytest.raises(ValueError, match="has learned from has no 'é'"):
        module.continued("é")


def test_probabilities_of_several_outputs_have_their_names() -> None:
    module = exported(kept(trained(SEVERAL)), "numpy")
    row = {"island": ["Dream"], "bill": [1.5], "sex": ["m"]}
    found = module.probabilities(row)
    assert [*found] == ["kind"]
    assert found["kind"].shape == (1, 2)


def test_frames_of_pandas_and_polars_are_columns_by_name() -> None:
    module = exported(kept(trained(SPECIES)), "numpy")
    columns = {"island": ["Dream", None], "bill": [1.5, None], "sex": ["m", "f"]}
    found = module.predict(columns)
    assert module.predict(pd.DataFrame(columns).convert_dtypes()) == found
    assert module.predict(pl.DataFrame(columns)) == found
    assert module.predict(pd.DataFrame(columns).to_numpy()) == found
    assert module.probabilities(columns).shape == (2, 2)
    assert module.predict({name: [] for name in columns}) == []
    with pytest.raises(ValueError, match="an array has 3 columns"):
        module.predict(np.zeros((2, 2)))


def test_a_file_has_no_weights_and_a_run_is_called_after_its_file() -> None:
    model = kept(trained(CLASSES))
    Path("m.net").write_text(CLASSES)
    result = netlang("export", "m.net", "--to", "numpy")
    assert result.exit_code == 1
    assert "`netlang run m.net` trains it" in result.stderr
    assert "`netlang export RUN --to numpy` writes what it kept" in result.stderr
    assert netlang("export", model, "--to", "numpy").stdout.split() == ["m.py", "m.npz"]
    for arguments, why in (
        (("-o", "m.txt"), "-o names a file that ends in .py"),
        (("-o", "-"), "-o names a file"),
        (("-o", "numpy.py"), "numpy.py would be taken for a module that it imports"),
        (("-o", "class.py"), "class.py would be taken for a word of Python"),
        (("--to", "c", "-o", "math.c"), "math.c would be taken for C's own math.h"),
        (("--set", "epochs=3"), "--set and --allow are for a FILE"),
    ):
        result = netlang("export", model, "--to", "numpy", *arguments)
        assert (result.exit_code, why in result.stderr) == (2, True), result.stderr
    result = netlang("export", "runs/nothing", "--to", "numpy")
    assert result.exit_code == 1
    assert "E05" in result.stderr


def test_a_runs_own_model_is_not_written_over() -> None:
    Path("m.net").write_text(CLASSES)
    trained(CLASSES)
    assert netlang("run", "m.net", "--no-plots").exit_code == 0
    (run,) = Path("runs").iterdir()
    before = (run / "model.safetensors").read_bytes()
    result = netlang("export", str(run), "--to", "torch", "-o", str(run / "model.py"))
    assert result.exit_code == 2
    assert "the run's own model would be lost" in result.stderr
    assert (run / "model.safetensors").read_bytes() == before
    assert netlang("export", str(run), "--to", "torch").stdout.split() == ["m.py", "m.safetensors"]
    result = netlang("export", str(run / "m.net"), "--to", "c")
    assert f"`netlang export {run} --to c` writes the one of the run" in result.stderr


def test_what_looks_ahead_in_a_text_cannot_write_on() -> None:
    net = TEXT.replace("GRU(_, 16)", "GRU(_, 8, bidirectional=true)").replace("20", "1")
    model = kept(trained(net))
    for target in ("numpy", "torch"):
        result = netlang("export", model, "--to", target)
        assert result.exit_code == 1
        assert "the network cannot write on a text: GRU in line 1 sees symbols" in result.stderr


def test_a_file_of_ones_own_is_replaced_only_by_force() -> None:
    model = kept(trained(CLASSES))
    for mine in ("m.py", "m.npz"):
        Path(mine).write_text("print('mine')\n")
        for arguments in ((), ("-o", "m.py")):
            result = netlang("export", model, "--to", "numpy", *arguments)
            assert result.exit_code == 1
            assert f"{mine} is there, and netlang has not written it: `--force`" in result.stderr
        assert Path(mine).read_text() == "print('mine')\n"
        Path(mine).unlink()
    Path("m.py").write_text("print('mine')\n")
    assert netlang("export", "m.net", "-o", "m.py").exit_code == 1
    for arguments in (("--force",), ()):
        result = netlang("export", model, "--to", "numpy", *arguments)
        assert result.stdout.split() == ["m.py", "m.npz"]


def test_the_ending_names_the_target_and_pytorch_is_torch() -> None:
    model = kept(trained(CLASSES))
    assert netlang("export", model, "-o", "a.c").stdout.split() == ["a.c", "a.h"]
    assert netlang("export", model, "-o", "a.py").stdout.split() == ["a.py", "a.safetensors"]
    files = netlang("export", model, "--to", "PyTorch", "-o", "b.py").stdout.split()
    assert files == ["b.py", "b.safetensors"]


def test_a_file_in_the_place_of_a_trained_network_is_told_where_that_is() -> None:
    model = kept(trained(CLASSES))
    Path("other.txt").write_text("no network\n")
    Path("begun.net").write_text(f'{CLASSES.splitlines()[0]}\nstart = "{model}"\n')
    Path("untrained.net").write_text("net = Linear(4, 3)\n")
    for name, why in (
        ("other.txt", "error[E01"),
        ("begun.net", f"`netlang export {model} --to c` writes the one that begun.net begins with"),
        ("untrained.net", "has no weights yet: `netlang run untrained.net` trains it"),
    ):
        result = netlang("export", name, "--to", "c")
        assert (result.exit_code, why in result.stderr) == (1, True), result.stderr
