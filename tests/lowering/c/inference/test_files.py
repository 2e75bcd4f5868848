"""Exported C takes the cells of a table and answers as netlang predicts."""

from __future__ import annotations

import csv
import ctypes
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars
import pytest
import torch
from torch import Tensor

import netlang
from netlang.api.model import Model
from netlang.api.samples import inputs_of
from netlang.catalogue.data.formats.gathering import Gathering
from netlang.catalogue.data.pipeline import Categories, Encoder, Pipeline, Texts
from netlang.catalogue.data.pipeline.cells import MISSING, UNKNOWN, Names
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    LabelAnswers,
    NumberAnswers,
    SeveralAnswers,
    own_outputs,
)
from netlang.engine.native.cc import find_compiler
from netlang.lowering.c.inference import to_c
from netlang.lowering.trained import TrainedProgram
from netlang.system.shipped import folder as shipped
from tests.lowering.c.inference.compiled import STRICT, Compiled, library
from tests.lowering.onnx.test_arrays import CASES as ARRAYS
from tests.lowering.onnx.test_arrays import folder as arrays
from tests.lowering.onnx.test_tables import CASES as TABLES
from tests.lowering.onnx.test_tables import folder, trained

__all__ = ["arrays", "folder"]  # a file of arrays, and a table with each kind of column


pytestmark = [
    pytest.mark.usefixtures("compiler"),
    pytest.mark.filterwarnings("ignore:X. "),  # of cells that training did not have
]


def trained_program(model: Model) -> TrainedProgram:
    assert model._trained
    return model._trained.trained_program


def texts_of(model: Model, stem: str) -> dict[str, str]:
    return {name: file.decode() for name, file in to_c(trained_program(model), stem).items()}


def numbers_of(answers: Answers, outputs: Tensor) -> Tensor:
    """All numbers of an answer in a row, as C gives them."""
    match answers:
        case SeveralAnswers():
            each = ((one, own_outputs(part, one, outputs)) for part, one in answers.outputs)
            return torch.cat([numbers_of(*one) for one in each], 1)
        case ClassAnswers():
            return answers.by_class(outputs).flatten(1).double()
        case LabelAnswers():
            return answers.loss.prediction(outputs).flatten(1).double()
        case NumberAnswers():
            further = map(answers.to_values, answers.loss.further_of(outputs))
            each_column = (answers.numbers(outputs), *further)
            return torch.cat([one.flatten(1).double() for one in each_column], 1)
    raise AssertionError(answers)


def raw_inputs(model: Model, frame: polars.DataFrame, functions: ctypes.CDLL, stem: str) -> Tensor:
    """The cells of a table as C takes them: categories by their numbers, which C finds."""
    pipeline = trained_program(model).pipeline
    assert isinstance(pipeline, Pipeline)
    columns: list[Tensor] = []
    for encoder in pipeline.encoders:
        at = sum(one.shape[1] for one in columns)
        cells = frame[encoder.name].to_list()
        columns.append(_column(encoder, cells, functions, stem, at))
    return torch.cat(columns, 1)


def _column(
    encoder: Encoder, cells: Sequence[str | None], functions: ctypes.CDLL, stem: str, at: int
) -> Tensor:
    if isinstance(encoder, Texts):
        return encoder.tokens([text or "" for text in cells]).double()
    if isinstance(encoder, Categories):
        find = functions[f"{stem}_category"]
        find.restype = ctypes.c_double
        numbers = (find(at, (cell or "").encode()) for cell in cells)
    else:
        numbers = (float(cell) if cell else torch.nan for cell in cells)
    return torch.tensor([*numbers], dtype=torch.float64)[:, None]


def assert_close(found: Tensor, wanted: Tensor, name: str) -> None:
    """To 1e-5, and numbers in large units to 1e-5 of their deviation."""
    assert (found.isnan() == wanted.isnan()).all(), name
    spread = wanted.nan_to_num(0).std(0).clamp_min(1)
    assert ((found - wanted).nan_to_num(0).abs() <= 1e-5 * spread).all(), name


def test_the_cells_of_a_table_get_the_answers_of_netlang(folder: Path, tmp_path: Path) -> None:
    frame = polars.read_csv(folder / "t.csv", infer_schema_length=0)
    models = {f"t{number}": trained(folder, *case) for number, case in enumerate(TABLES)}
    headers, sources = {}, {}
    for stem, model in models.items():
        files = texts_of(model, stem)
        headers[stem] = files[f"{stem}.h"]
        sources |= files
    functions = library(sources, tmp_path)
    for (stem, model), case in zip(models.items(), TABLES, strict=True):
        kept = model._trained
        assert kept
        outputs = kept.outputs(inputs_of(frame, kept))
        raw = raw_inputs(model, frame, functions, stem)
        found = Compiled(functions, stem, headers[stem])(raw)
        assert_close(found, numbers_of(trained_program(model).answers, outputs), str(case))
        _check_classes(trained_program(model).answers, outputs, found, functions, stem)


def _check_classes(
    answers: Answers, outputs: Tensor, found: Tensor, functions: ctypes.CDLL, stem: str
) -> None:
    """The class that C says is the one that is predicted, and -1 of what are no numbers."""
    if isinstance(answers, ClassAnswers):
        of_class = functions[f"{stem}_class"]
        labels = answers.labels(outputs).masked_fill(outputs.isnan().any(1), -1)
        rows = found.numpy()
        own = [of_class(row.ctypes.data_as(ctypes.c_void_p)) for row in rows]
        assert own == labels.tolist()
        names = (ctypes.c_char_p * len(answers.classes)).in_dll(functions, f"{stem}_classes")
        assert [name.decode() for name in names] == [*answers.classes]


FAST = ["lenet"]
SLOW = [path.stem for path in shipped("models").glob("*.net") if path.stem not in FAST]


@pytest.mark.parametrize("names", [FAST, pytest.param(sorted(SLOW), marks=pytest.mark.slow)])
def test_models_give_in_c_what_they_give_in_netlang(names: list[str], tmp_path: Path) -> None:
    found = {name: shipped("models") / f"{name}.net" for name in names}
    _assert_answers(
        {name: netlang.load(path, epochs=1).fit() for name, path in found.items()}, tmp_path
    )


def test_arrays_get_the_answers_of_netlang(arrays: Path, tmp_path: Path) -> None:
    models = {}
    for number, (data, net) in enumerate(ARRAYS):
        loss = "SoftmaxCrossEntropy" if "kind" in data else "MSE + 0.1 * MAE"
        (arrays / "a.net").write_text(
            f'net = {net}\ndata = Arrays("a.npz", {data}, test=0.5)\n'
            f"loss = {loss}\noptimizer = Adam\nepochs = 1\nbatch = 8\n"
        )
        models[f"a{number}"] = netlang.load(arrays / "a.net").fit()
    _assert_answers(models, tmp_path)


LOSSES = [
    ("XOR(train=20, test=20)", "Linear(2, 1)", "Hinge"),
    ("XOR(train=20, test=20)", "Linear(2, 1) -> Tanh", "MSE"),
    ("XOR(train=20, test=20)", "Linear(2, 1)", "Focal"),
    ("XOR(train=20, test=20)", "Linear(2, 2) -> LogSoftmax", "NLL"),
    ("XOR(train=20, test=20)", "Linear(2, 2)", "SoftmaxCrossEntropy + 0.1 * Hinge"),
    ("Pairs(train=20, test=20)", "Reshape([2, 16]) -> Linear(16, 4)", "CosineEmbedding"),
    ("Pairs(train=20, test=20)", "Linear(32, 12) -> Reshape([3, 4])", "Triplet(p=300)"),
    ("Sine(train=20, test=20)", "Linear(1, 1)", "Huber + 0.1 * MAE"),
]


def test_outputs_are_read_as_their_loss_does(tmp_path: Path) -> None:
    models = {}
    for number, (data, net, loss) in enumerate(LOSSES):
        text = f"net = {net}\ndata = {data}\nloss = {loss}\noptimizer = Adam\nepochs = 1\n"
        models[f"l{number}"] = netlang.load(text).fit()
    _assert_answers(models, tmp_path)


def _assert_answers(models: Mapping[str, Model], folder: Path) -> None:
    """The test samples of all models get the answers of netlang from C."""
    sources = {name: texts_of(model, name) for name, model in models.items()}
    functions = library(
        {name: text for one in sources.values() for name, text in one.items()}, folder
    )
    for name, model in models.items():
        kept, training, program = model._trained, model._training, trained_program(model)
        assert kept
        assert training
        inputs = training.split.judged.inputs[:20]
        raw = program.pipeline.to_numbers(inputs) if program.pipeline else inputs
        if isinstance(program.pipeline, Pipeline) and raw.shape[1] > len(program.pipeline.columns):
            frame = polars.read_csv(shipped("models") / f"{name}.csv", infer_schema_length=0)[:50]
            inputs = inputs_of(frame, kept)
            raw = raw_inputs(model, frame, functions, name)
        found = Compiled(functions, name, sources[name][f"{name}.h"])(raw)
        outputs = kept.outputs(inputs)
        assert_close(found, numbers_of(program.answers, outputs), name)


def test_a_source_is_a_program_that_answers_lines(folder: Path, tmp_path: Path) -> None:
    data = 'target="kind", missing="mean", ignore=["note", "price", "year", "fine", "ok"]'
    model = trained(folder, data, "Linear(_, _)", "SoftmaxCrossEntropy")
    for name, text in texts_of(model, "which-kind").items():
        (tmp_path / name).write_text(text)
    command = [
        *find_compiler().command,
        *STRICT,
        "-DWHICH_KIND_MAIN",
        "which-kind.c",
        "-lm",
        "-o",
        "which",
    ]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = _answered(tmp_path / "which", "1.5,red,2\r\n,,\n3,blue,1")
    found = np.loadtxt(done.stdout.splitlines(), delimiter=",")
    frame = polars.DataFrame(
        {"size": ["1.5", "", "3"], "colour": ["red", "", "blue"], "grade": ["2", "", "1"]}
    )
    kept = model._trained
    assert kept
    wanted = numbers_of(trained_program(model).answers, kept.outputs(inputs_of(frame, kept)))
    assert_close(torch.from_numpy(found), wanted, "lines")
    header = _answered(tmp_path / "which", NAMED)
    first, *rows = csv.reader(header.stdout.splitlines())
    assert first == ["prediction", "p(a)", "p(b)", "p(c)"]
    assert [row[0] in "abc" for row in rows] == [True] * 3
    named = np.array([row[1:] for row in rows], dtype=float)
    assert_close(torch.from_numpy(named), wanted, "named")
    (tmp_path / "named.csv").write_text(NAMED, encoding="utf-8")
    of_file = _answered(tmp_path / "which", "", str(tmp_path / "named.csv"))
    assert of_file.stdout == header.stdout
    gone = _answered(tmp_path / "which", "", "gone.csv")
    assert (gone.returncode, gone.stderr) == (1, "gone.csv: No such file or directory\n")
    a_folder = _answered(tmp_path / "which", "", ".")
    assert (a_folder.returncode, a_folder.stderr) == (1, ".: Is a directory\n")
    for lines, why in (
        ("1,red", "line 1 has 2 cells, not 3"),
        ("1,red,1\n1,red,1,2\n", "line 2 has 4 cells, not 3"),
        ("1,red,1\n\none,red,1\n", "line 3: `one` is no number"),
        ("0x10,red,1\n", "line 1: `0x10` is no number"),
        ("inf,red,1\n", "line 1: `inf` is no number"),
        ("-1e39,red,1\n", "line 1: `-1e39` is too large"),
        ("size,colour\n1,red\n", "line 1 has no column `grade`"),
    ):
        wrong = _answered(tmp_path / "which", lines)
        assert (wrong.returncode, wrong.stderr) == (1, f"{why}\n")


NAMED = """\
\ufeffgrade,"other, ""one""\nof all", size ,colour
2.0,"a\nb", 15e-1 , red\u00a0
NA,,-,None
01,x,3,"blue"
"""


def _answered(program: Path, lines: str, *given: str) -> subprocess.CompletedProcess[str]:
    command = [program, *given]
    return subprocess.run(command, input=lines, capture_output=True, text=True, check=False)


def test_names_and_sequences_are_found_or_refused_as_netlang_does(
    folder: Path, arrays: Path, tmp_path: Path
) -> None:
    data = 'target="kind", missing="mean", categories=["ok"], ignore=["note", "price", "year"]'
    table = trained(folder, data, "Linear(_, _)", "SoftmaxCrossEntropy")
    pipeline = trained_program(table).pipeline
    assert isinstance(pipeline, Pipeline)
    columns = {one.name: one for one in pipeline.encoders}
    (arrays / "s.net").write_text(
        'net = Embedding(_, 3) -> Mean -> Linear(_, _)\ndata = Arrays("a.npz", inputs="words", '
        'tokens=7, lengths="long", target="kind")\nloss = SoftmaxCrossEntropy\noptimizer = Adam\n'
    )
    series = netlang.load(arrays / "s.net", epochs=1).fit()
    sources = texts_of(table, "t") | texts_of(series, "s")
    functions = library(sources, tmp_path)
    find = functions["t_category"]
    find.restype = ctypes.c_double
    for column, names in (
        ("ok", ["true", "FALSE", "1.0", "01", "0e0", "0x1", "2", "na", "NaN", "?", " \u00a01\t"]),
        ("colour", ["red", " red ", "Red", "None", "none", "null", "NA", "-", ""]),
    ):
        encoder = columns[column]
        assert isinstance(encoder, Categories)
        for name in names:
            cells = Gathering(as_text=True)
            cells.add([name])
            (place,) = Names(encoder.names).of_texts(cells)
            wanted = {MISSING: None, UNKNOWN: -1}.get(place, place)
            found = find([*columns].index(column), name.encode())
            assert (None if np.isnan(found) else found) == wanted, (column, name)
    nan = float("nan")
    rows = [[1, 6, nan, nan, nan, nan], [nan] * 6, [1, nan, 1, 1, 1, 1], [7.0] * 6, [1.5] * 6]
    answered = Compiled(functions, "s", sources["s.h"])(torch.tensor(rows))
    assert answered.isnan().any(1).tolist() == [False, True, True, True, True]
