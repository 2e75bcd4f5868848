"""What a cell shows of each object of netlang."""

from __future__ import annotations

import html
import re

import pytest

import netlang
from netlang.api.notebook.objects import rows_html

TEXT = """\
net = Linear(2, 4) -> ReLU -> Linear(4, 2)
data = Disc(train=20, test=10)
loss = SoftmaxCrossEntropy
optimizer = Adam
epochs = 12
expect test.loss < 9
los = MSE
"""


@pytest.fixture(scope="module")
def model() -> netlang.Model:
    return netlang.load(TEXT).fit(backend="tensor")


def shown(value: object) -> str:
    """The text of what a cell shows."""
    made = value._repr_html_()  # type: ignore[attr-defined]
    assert type(made) is str
    assert made.startswith('<div class="netlang"><style>')
    text = re.sub("<style>.*?</style>|<(?!/?span)[^>]*>", " ", made, flags=re.DOTALL)
    return html.unescape(re.sub("<[^>]*>", "", text))


def test_a_model_shows_its_text_its_layers_and_its_graph() -> None:
    fresh = netlang.load(TEXT)
    assert re.search(r"22 weights\s+·\s+not trained", shown(fresh))
    assert "loss = SoftmaxCrossEntropy" in shown(fresh)
    assert "Linear(2,\N{NO-BREAK SPACE}4)" in shown(fresh)
    assert fresh._repr_html_().count('<details open="">') == 2


def test_a_trained_model_says_how_good_it_is_and_folds_the_rest(model: netlang.Model) -> None:
    assert re.search(r"·\s+trained\s+·\s+loss 0\.\d+\s+·\s+test accuracy 0\.\d+", shown(model))
    assert "expect test.loss < 9" in shown(model)
    assert model._repr_html_().count("<details>") == 4


def test_a_model_whose_sizes_only_data_tell_shows_its_text() -> None:
    assert "Linear(_, 3)" in shown(netlang.load("net = Linear(_, 3) -> ReLU"))


def test_warnings_are_shown_as_messages(model: netlang.Model) -> None:
    assert "warning[W0601]" in shown(model.check())
    assert "nothing to tell" in shown(netlang.load("Linear(2, 3)").check())


def test_a_history_has_curves_and_its_last_epochs(model: netlang.Model) -> None:
    made = shown(model.history)
    assert "the last 10 epochs:" in made
    assert re.findall(r"\b(?:epoch|train\.loss|seconds)\b", made) == [
        "epoch",
        "train.loss",
        "seconds",
    ]
    assert model.history._repr_html_().count("<img ") == 2


def test_a_summary_has_what_layers_cost(model: netlang.Model) -> None:
    made = shown(model.summary())
    assert "multiply-adds" in made
    assert "memory to train with batches of 20" in made


def test_a_graph_is_drawn(model: netlang.Model) -> None:
    assert '<img class="graph"' in model.graph()._repr_html_()


def test_measures_are_a_dict_and_a_table() -> None:
    model = netlang.load(TEXT).fit(backend="tensor")
    found = model.evaluate()
    assert type(found["accuracy"]) is float
    assert re.search(r"metric\s+value\s+loss\s+0\.\d{4}\s+accuracy", shown(found))


def test_rows_may_have_different_names() -> None:
    made = rows_html([{"a": 1, "b": "<x>"}, {"a": 2.5, "c": None}])
    assert made.count("<th>") + made.count("<th ") == 3
    assert "&lt;x&gt;" in made
    assert "2.5000" in made
