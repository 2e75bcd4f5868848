"""Arrays go into a model of ONNX with their own numbers, and its answers are netlang's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netlang
from tests.lowering.onnx.answered import assert_answers_of_test, run, session_of
from tests.together import together

COUNT = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw, folder = np.random.default_rng(0), tmp_path_factory.mktemp("arrays")
    np.savez(
        folder / "a.npz",
        pictures=draw.integers(0, 255, (COUNT, 2, 4, 4)).astype("uint8"),
        rows=draw.normal(50, 9, (COUNT, 3)),
        series=draw.normal(5, 2, (COUNT, 6, 3)),
        words=draw.integers(0, 7, (COUNT, 6)),
        long=draw.integers(1, 7, COUNT),
        kind=np.array(["low", "high"])[draw.integers(0, 2, COUNT)],
        size=draw.normal(1e4, 2e3, COUNT),
    )
    return folder


CASES = [
    (
        'inputs="pictures", target="kind"',
        "Conv2d(_, 2, 3) -> BatchNorm(_) -> Flatten -> Linear(_, _)",
    ),
    ('inputs="pictures", target="input"', "Conv2d(_, 3, 3, padding=1) -> ReLU -> Conv2d(_, 2, 1)"),
    ('inputs="rows", target="size"', "Linear(_, 3) -> Tanh -> Linear(_, _)"),
    ('inputs="series", target="size"', "GRU(_, 3) -> Mean -> Linear(_, _)"),
    (
        'inputs="series", target="size", lengths="long"',
        "[GRU(_, 3), Attention(3, 1)] -> Add -> Mean -> Linear(_, _)",
    ),
    ('inputs="words", target="kind", tokens=7', "Embedding(_, 3) -> Max -> Linear(_, _)"),
    (
        'inputs="words", target="kind", tokens=7, lengths="long"',
        'Embedding(_, 4) -> LSTM(_, 3, bidirectional=true, output="last") -> Linear(_, _)',
    ),
    (
        'inputs=["words", "rows"], target="kind", tokens=[7, 0]',
        '[Input("words") -> Embedding(_, 2) -> Flatten, Input("rows")] -> Concat -> Linear(_, _)',
    ),
]


@together(("data", "net"), CASES)
def test_arrays_are_taken_as_they_are(data: str, net: str, folder: Path) -> None:
    loss = "SoftmaxCrossEntropy" if "kind" in data else "MSE + 0.1 * MAE"
    (folder / "a.net").write_text(
        f'net = {net}\ndata = Arrays("a.npz", {data}, test=0.5)\n'
        f"loss = {loss}\noptimizer = Adam\nepochs = 1\nbatch = 8\n"
    )
    assert_answers_of_test(netlang.load(folder / "a.net").fit())


def test_a_padded_sequence_may_have_any_number_of_steps(folder: Path) -> None:
    (folder / "a.net").write_text(
        'net = GRU(_, 3) -> Last -> Linear(_, _)\ndata = Arrays("a.npz", inputs="series", '
        'target="kind", lengths="long")\nloss = SoftmaxCrossEntropy\noptimizer = Adam\n'
    )
    session = session_of(netlang.load(folder / "a.net", epochs=1).fit())
    (given,) = session.get_inputs()
    assert given.shape == ["N", "T", 3]
    x = np.random.default_rng(0).normal(5, 2, (1, 4, 3)).astype("float32")
    longer = np.concatenate([x, np.full((1, 5, 3), np.nan, "float32")], 1)
    short, long = (run(session, {"series": one})["probabilities"] for one in (x, longer))
    assert np.abs(short - long).max() < 1e-6


SERIES = np.ones((5, 6, 3), "float32")
SERIES[0, 4:] = np.nan
SERIES[1] = np.nan
SERIES[2, 1] = np.nan
SERIES[3, 5, 0] = np.nan
SERIES[4, 0, 0] = np.inf
WORDS = np.array([[1, 6, -1, -1, -1, -1], [-1] * 6, [1, -1, 1, 1, 1, 1], [7] * 6, [6] * 6])


@together(
    ("data", "net", "samples", "wrong"),
    [
        ('inputs="series", lengths="long"', "GRU(_, 3) -> Last", SERIES, [0, 1, 1, 1, 1]),
        ('inputs="series"', "LSTM(_, 3) -> Last", SERIES, [1] * 5),
        ('inputs="words", tokens=7', "Embedding(_, 3) -> Max", WORDS, [1, 1, 1, 1, 0]),
        (
            'inputs="words", tokens=7, lengths="long"',
            "Embedding(_, 3) -> GRU(_, 3) -> Mean",
            WORDS,
            [0, 1, 1, 1, 0],
        ),
    ],
)
def test_samples_that_cannot_be_used_have_no_answer_and_none_have_none(
    data: str, net: str, samples: Any, wrong: list[int], folder: Path
) -> None:
    (folder / "a.net").write_text(
        f'net = {net} -> Linear(_, _)\ndata = Arrays("a.npz", {data}, target="kind")\n'
        "loss = SoftmaxCrossEntropy\noptimizer = Adam\nepochs = 1\n"
    )
    session = session_of(netlang.load(folder / "a.net").fit())
    (given,) = session.get_inputs()
    found = run(session, {given.name: samples})
    assert np.isnan(found["probabilities"]).any(1).tolist() == [*map(bool, wrong)]
    assert [label == "" for label in found["label"]] == [*map(bool, wrong)]
    assert run(session, {given.name: samples[:0]})["probabilities"].shape == (0, 2)
