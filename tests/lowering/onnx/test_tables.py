"""The columns of a table go into a model of ONNX as they are, and its answers are netlang's."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars
import pytest

import netlang
from netlang.api.model import Model
from netlang.api.samples import inputs_of
from netlang.catalogue import registry
from netlang.catalogue.data.pipeline import Pipeline
from netlang.catalogue.losses import Loss
from netlang.lowering.onnx import to_onnx
from netlang.lowering.onnx.predictions import reads
from tests.lowering.onnx.answered import assert_same, columns_of, run, session_of, trained_program
from tests.lowering.pytorch.test_tables_alike import drawn
from tests.together import together

pytestmark = pytest.mark.filterwarnings("ignore:X. ")  # of cells that training did not have

ROWS = 60
COLOURS = ["red", "green", "blue"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with each kind of column, some cells of which are missing."""
    draw, folder = random.Random(0), tmp_path_factory.mktemp("tables")
    lines = ["price,year,size,colour,grade,note,kind,ok,fine"]
    for _ in range(ROWS):
        price, year = f"{draw.gauss(2e5, 8e4):.2f}", str(draw.randint(1990, 2020))
        size = "" if draw.random() < 0.2 else f"{draw.expovariate(1):.3f}"
        colour = "" if draw.random() < 0.2 else draw.choice(COLOURS)
        grade, kind = str(draw.randint(1, 3)), draw.choice("abc")
        note = " ".join(draw.choices([*COLOURS, "dark"], k=draw.randint(1, 4)))
        ok, fine = (str(draw.randint(0, 1)) for _ in range(2))
        lines.append(",".join([price, year, size, colour, grade, note, kind, ok, fine]))
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    return folder


def trained(folder: Path, data: str, net: str, loss: str) -> Model:
    text = f'net = {net}\ndata = Table("t.csv", {data}, test=0.2)\nloss = {loss}\n'
    (folder / "a.net").write_text(f"{text}optimizer = Adam\nepochs = 1\nbatch = 8\n")
    return netlang.load(folder / "a.net").fit()


def assert_answers(model: Model, frame: polars.DataFrame) -> dict[str, Any]:
    kept = model._trained
    assert kept
    outputs = kept.outputs(inputs_of(frame, kept))
    found = run(session_of(model), columns_of(model, frame))
    assert_same(trained_program(model).answers, outputs, found)
    return found


ROW = 'ignore=["note"]'
TOKENS = '"note", context=3'
CASES = [
    (f'target="kind", missing="median", {ROW}', "Linear(_, _)", "SoftmaxCrossEntropy"),
    (f'target="kind", missing="indicator", scale="robust", {ROW}', "Linear(_, _)", "Focal"),
    (
        f'target="kind", missing="mean", scale="quantile", {ROW}',
        "Linear(_, _) -> LogSoftmax",
        "NLL",
    ),
    (f'target="kind", missing="drop", {ROW}', "Linear(_, _)", "Hinge"),
    (f'target="price", missing="mean", categories=["grade"], {ROW}', "Linear(_, _)", "MSE"),
    (f'target="year", missing="mean", {ROW}', "Linear(_, _)", "GaussianNLL"),
    (
        f'target=["price", "year"], missing="mean", {ROW}',
        "Linear(_, _)",
        "Quantile([0.1, 0.5, 0.9])",
    ),
    (f'target=["ok", "fine"], missing="mean", {ROW}', "Linear(_, _)", "SigmoidCrossEntropy"),
    (f'target="ok", missing="mean", {ROW}', "Linear(_, 1)", "SigmoidCrossEntropy"),
    (f'target="year", missing="mean", standardize=false, {ROW}', "Linear(_, _)", "PoissonNLL"),
    (
        f'target=["kind", "price"], missing="mean", {ROW}',
        "Linear(_, 4) -> [Linear(4, _) as which, Linear(4, _) as cost]",
        "[SoftmaxCrossEntropy, MSE]",
    ),
    (
        f'target="kind", missing="mean", scale="quantile", {ROW}',
        "PLR(3, k=2) -> Linear(_, 4) -> ReLU -> Linear(_, _)",
        "SoftmaxCrossEntropy\nmembers = 3",
    ),
    (
        'target="kind", missing="mean", text="note", context=3, codes=["colour"]',
        '[Input("note") -> Embedding(_, 4) -> GRU(_, 3, bidirectional=true) -> Mean, '
        'Input("colour") -> Embedding(_, 2) -> Flatten, Input("price")] -> Concat -> Linear(_, _)',
        "SoftmaxCrossEntropy",
    ),
    (
        'target="kind", text="note", context=4, ignore=["size", "colour"]',
        '[Input("note") -> Embedding(_, 4) -> Attention(_, 2) -> Max, '
        'Input("note") -> Embedding(_, 4) -> LSTM(_, 3, num_layers=2) -> Last] '
        "-> Concat -> Linear(_, _)",
        "SoftmaxCrossEntropy",
    ),
]


@together(("data", "net", "loss"), CASES)
def test_the_columns_of_a_table_are_taken_as_they_are(
    data: str, net: str, loss: str, folder: Path
) -> None:
    model = trained(folder, data, net, loss)
    assert_answers(model, polars.read_csv(folder / "t.csv", infer_schema_length=0))


def test_odd_tables_are_answered_alike(tmp_path: Path) -> None:
    """Their names may be marks of missing cells, equal numbers, or truth values."""
    answered = 0
    for seed in range(12):
        data, loss = drawn(random.Random(seed), tmp_path)
        text = f"net = Linear(_, _)\ndata = {data}\nloss = {loss}\noptimizer = SGD\nepochs = 1\n"
        (tmp_path / "a.net").write_text(text)
        with contextlib.suppress(netlang.NetError):  # some cannot be learned from, or answered
            model = netlang.load(tmp_path / "a.net").fit()
            assert_answers(model, polars.read_csv(tmp_path / "a.csv", infer_schema_length=0))
            answered += 1
    assert answered > 4


def test_a_name_is_found_however_it_is_spelt_and_another_one_is_none(folder: Path) -> None:
    data = 'target="ok", categories=["grade"], missing="mean", ignore=["note", "year", "fine"]'
    model = trained(folder, data, "Linear(_, 1)", "SigmoidCrossEntropy")
    cells = {
        "grade": ["1", "1.0", "2", "7", "", "NaN"],
        "colour": ["red", "NA", "crimson", "", "blue", "None"],
        "kind": ["a", "b", "c", "d", "A", "NULL"],
    }
    numbers = {"price": ["1e5", "", "nan", "3", "-2.5", "0"], "size": ["1"] * 6}
    assert_answers(model, polars.DataFrame(cells | numbers))


def test_a_row_that_lacks_what_training_never_lacked_has_no_answer(folder: Path) -> None:
    model = trained(folder, f'target="kind", missing="drop", {ROW}', "Linear(_, _)", "Focal")
    frame = polars.read_csv(folder / "t.csv", infer_schema_length=0)
    found = assert_answers(model, frame)
    lacking = frame.select(polars.col("size", "colour").is_null()).sum_horizontal().to_numpy() > 0
    assert lacking.any()
    assert (np.isnan(found["probabilities"]).all(1) == lacking).all()
    assert ((found["label"] == "") == lacking).all()


def test_a_model_tells_what_it_is(folder: Path) -> None:
    model = trained(folder, f'target="kind", missing="mean", {ROW}', "Linear(_, _)", "Focal")
    found = onnx.load_from_string(*to_onnx(trained_program(model), "kinds").values())
    onnx.checker.check_model(found, full_check=True)
    about = {one.key: one.value for one in found.metadata_props}
    assert about["netlang.source"] == model.source
    assert json.loads(about["netlang.classes"]) == ["a", "b", "c"]
    assert json.loads(about["netlang.answers"])[0] == "prediction"
    pipeline = Pipeline.from_json(json.loads(about["netlang.pipeline"]))
    assert pipeline == trained_program(model).pipeline
    inputs = {one.name: one for one in found.graph.input}
    assert [*inputs] == ["price", "year", "size", "colour", "grade", "ok", "fine"]
    assert "'blue', 'green' and 'red'" in inputs["colour"].doc_string
    assert all(one.type.tensor_type.shape.dim[0].dim_param == "N" for one in found.graph.output)
    (layer,) = (one for one in found.graph.node if one.name == "linear1")
    assert (layer.op_type, layer.doc_string) == ("Gemm", "Linear(9, 3), line 1")
    assert {one.name for one in found.graph.initializer} > {"linear1.weight", "linear1.bias"}


def test_a_column_and_an_answer_may_have_one_name(folder: Path) -> None:
    text = (folder / "t.csv").read_text().replace("colour", "label")
    (folder / "other.csv").write_text(text)
    (folder / "b.net").write_text(
        f'net = Linear(_, _)\ndata = Table("other.csv", target="kind", missing="mean", {ROW})\n'
        "loss = SoftmaxCrossEntropy\noptimizer = Adam\nepochs = 1\n"
    )
    session = session_of(netlang.load(folder / "b.net").fit())
    assert "label" in {port.name for port in session.get_inputs()}
    assert [port.name for port in session.get_outputs()] == ["label_2", "probabilities"]


@together("loss", [*registry.items("loss")])
def test_what_a_loss_predicts_is_said_unless_outputs_are_predictions(loss: type[Loss]) -> None:
    reads_more = loss.further_of is not Loss.further_of
    assert (loss in reads.functions) == (loss.prediction is not Loss.prediction or reads_more)
