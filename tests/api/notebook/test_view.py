"""What a training shows in a cell, while it goes on and when it is over."""

from __future__ import annotations

import html
import re

import pytest

from netlang.api.notebook.layers import graph_html, layers_html
from netlang.api.notebook.live import LiveView
from netlang.api.notebook.markup import Html
from netlang.api.notebook.screen import Screen
from netlang.api.notebook.view import TrainingView, metrics_html
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.runs.training.events import EpochDone, Finished, Started, StepsDone
from netlang.runs.training.training import Training

TEXT = """\
net = Linear(2, 4) -> ReLU -> Linear(4, 2)
data = Disc(train=20, test=10)
loss = SoftmaxCrossEntropy
optimizer = Adam
epochs = 3
expect test.accuracy > 0.99
expect test.loss < 9
"""


def text_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", markup)).split())


def program(text: str) -> Program:
    return compile_source(SourceFile("a.net", text)).require()


class Shown(Screen):
    def __init__(self) -> None:
        self.all: list[tuple[Html, str]] = []

    def show(self, html: Html, text: str) -> None:
        self.all.append((html, text))


def test_a_training_is_shown_in_one_place_from_its_beginning_to_its_result() -> None:
    shown = Shown()
    live = LiveView("<a>.net", shown)
    for event in Training(program(TEXT), "tensor").events():
        live(event)
    first, last = (text_of(shown.all[index][0]) for index in (0, -1))
    assert first == "<a>.net · epoch 1 of 3 ·"
    assert re.match(
        r"<a>\.net · 3 epochs, trained in \S+ s · 22 weights, 20 training and 10 test", last
    )
    assert "train test loss 0." in last
    assert re.search(r"expect test.accuracy > 0.99 · 0\.\d{4} · missed", last)
    assert re.search(r"expect test.loss < 9 · 0\.\d{4} · met", last)
    assert shown.all[-1][0].count("<img ") == 2
    assert "<progress" not in shown.all[-1][0]
    assert shown.all[-1][1].startswith("<a>.net: 3 of 3 epochs  train.loss 0.")


def test_on_the_way_it_says_how_far_it_is_and_how_good_so_far() -> None:
    view = TrainingView("a.net")
    assert text_of(view.html()) == "a.net · loads its data"
    view.look_at(Started(4, {"train": 100, "test": 10}, 22, "tensor", 1, 0))
    view.look_at(EpochDone(1, {"train.loss": 0.5, "test.loss": 0.25}, 0.1))
    view.look_at(StepsDone(2, 50))
    assert '<progress value="150" max="400"' in view.html()
    assert text_of(view.html()).startswith("a.net · epoch 2 of 4")
    assert text_of(view.html()).endswith("train test loss 0.5000 0.2500")
    view.ended = "interrupted"
    assert "<progress" not in view.html()
    assert "seed 0 · interrupted after 1 of 4 epochs" in text_of(view.html())


def test_before_there_is_anything_to_show_it_says_that_data_are_loaded() -> None:
    shown = Shown()
    with LiveView("a.net", shown):
        assert text_of(shown.all[-1][0]) == "a.net · loads its data"


def test_what_fails_before_a_training_leaves_nothing_behind() -> None:
    shown = Shown()
    with pytest.raises(NetError), LiveView("a.net", shown):
        raise NetError
    assert shown.all[-1] == ("", "")


def test_of_very_many_metrics_the_later_ones_are_folded() -> None:
    made = metrics_html({f"test.f1_{n}": 0.5 for n in range(25)})
    assert made.partition("<details>")[0].count("<tr>") == 11
    assert "15 more" in made
    assert made.count("0.5000") == 25


def test_the_best_epoch_is_told_where_it_is_not_the_last() -> None:
    view = TrainingView("a.net")
    view.look_at(Started(9, {"train": 5}, 22, "native", 1, 7))
    view.look_at(Finished({"train.loss": 0.1}, 1.5, (), "native", 7, 3, 6))
    about = "6 of 9 epochs, the best of which is 3, trained in 1.5 s · 22 weights, 5 training"
    assert text_of(view.html()).startswith(f"a.net · {about} samples, seed 7, in C")


def test_metrics_stand_in_a_row_each_with_a_column_for_each_part() -> None:
    made = metrics_html({"train.loss": 1.0, "test.loss": 2.0, "test.kind.f1": 3.0})
    assert text_of(made) == "train test loss 1.0000 2.0000 kind.f1 3.0000"


def test_layers_have_their_outputs_and_weights_and_a_sum() -> None:
    made = layers_html(program("net = Linear(2, 4) -> ReLU -> Linear(4, 2)"))
    assert text_of(made) == (
        "layer output weights input [N, 2] Linear(2, 4) [N, 4] 12 ReLU [N, 4] "
        "Linear(4, 2) [N, 2] 10 total 22"
    )


def test_a_large_network_is_shown_by_its_blocks() -> None:
    deep = program("block res(n) = [Identity, Linear(n, n) -> ReLU] -> Add\nnet = res(8) * 30")
    made = layers_html(deep, costs=True)
    assert made.count("<tr>") < 10
    assert "× 30" in text_of(made)
    assert "memory" in made


def test_a_graph_is_one_picture() -> None:
    made = graph_html(program("net = Linear(2, 4) -> ReLU").graph, "a <b>.net")
    assert made.startswith(
        '<div class="scroll"><img class="graph" alt="the graph of a &lt;b&gt;.net" src="data:'
    )
