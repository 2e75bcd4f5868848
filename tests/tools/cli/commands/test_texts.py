"""Networks that were trained on a text: ``predict`` lets them write on, ``eval`` judges them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch

from netlang.catalogue.data.pipeline import TextPipeline
from netlang.runs.models.texts import Drawing, continued
from netlang.runs.models.trained import TrainedModel, load_model
from tests.models import CLASSES, TEXT, VERSE, kept, trained
from tests.program import netlang


def written(model: TrainedModel, drawing: Drawing) -> list[int]:
    return [*continued(model, [1], 30, drawing, 0)]


@pytest.fixture
def verse() -> str:
    """The file of a model that knows a verse by heart."""
    return kept(trained(TEXT))


def test_a_network_goes_on_with_a_text_that_it_knows(verse: str) -> None:
    result = netlang("predict", verse, "--prompt", "the ro", "--length", "30", "--temperature", "0")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == VERSE[:36] + "\n"


def test_each_symbol_is_the_most_probable_one_behind_those_that_the_context_holds(
    verse: str,
) -> None:
    model = load_model(verse)
    pipeline = model.kept.pipeline
    assert isinstance(pipeline, TextPipeline)
    tokens = pipeline.tokens("the violet")
    for token in continued(model, tokens[:], 20, Drawing(0.0), 0):
        seen = pipeline.to_inputs(torch.tensor([tokens[-16:]]))
        # The network by itself, without anything behind what it has seen.
        assert token == int(model.network.forward(seen)[0, -1].argmax())
        tokens.append(token)


def test_a_seed_draws_the_same_text_again_and_another_seed_another(verse: str) -> None:
    def written(*options: str) -> str:
        asked = ("--prompt", "r", "--temperature", "2", "--length", "40", "--json")
        return str(json.loads(netlang("predict", verse, *asked, *options).stdout)["continuation"])

    assert written() == written("--seed", "0") != written("--seed", "1")
    assert len(written()) == 40


def test_a_small_temperature_takes_what_none_at_all_would_take(verse: str) -> None:
    model = load_model(verse)
    assert written(model, Drawing(1e-300)) == written(model, Drawing(0.0))


def test_from_one_symbol_the_most_probable_one_is_drawn(verse: str) -> None:
    model = load_model(verse)
    best = written(model, Drawing(0.0))
    assert written(model, Drawing(3.0, top_k=1)) == written(model, Drawing(3.0, top_p=1e-6)) == best
    assert written(model, Drawing(3.0)) != best


def test_only_as_many_symbols_are_drawn_as_are_asked_for() -> None:
    log_p = torch.tensor([0.1, 0.4, 0.2, 0.3]).double().log() + 7

    def drawn(drawing: Drawing) -> list[float]:
        source = torch.Generator().manual_seed(0)
        counts = [0] * 4
        for _ in range(2000):
            counts[drawing.token(log_p, source)] += 1
        return [count / 2000 for count in counts]

    assert drawn(Drawing()) == pytest.approx([0.1, 0.4, 0.2, 0.3], abs=0.05)
    assert drawn(Drawing(top_k=2)) == pytest.approx([0, 4 / 7, 0, 3 / 7], abs=0.05)
    assert drawn(Drawing(top_k=9, top_p=0.75)) == pytest.approx([0, 4 / 9, 2 / 9, 3 / 9], abs=0.05)
    assert drawn(Drawing(top_p=0.35)) == pytest.approx([0, 1, 0, 0], abs=0.05)
    assert drawn(Drawing(temperature=0.5)) == pytest.approx(
        [1 / 30, 16 / 30, 4 / 30, 9 / 30], abs=0.05
    )  # p squared


def test_without_a_prompt_it_begins_a_line(verse: str) -> None:
    result = netlang("predict", verse, "--generate", "8", "--temperature", "0")
    assert (result.exit_code, result.stderr) == (0, "")
    asked = ("--prompt", "\n", "--generate", "8", "--temperature", "0")
    assert "\n" + result.stdout == netlang("predict", verse, *asked).stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--prompt", "the Ω"], "the text that the model was trained on has no 'Ω': leave it out"),
        (["--prompt", ""], "--prompt is empty: begin with a symbol or more, such as 'The '"),
        (["--prompt", "a", "--length", "-3"], "-3 is not in the range x>=1."),
        (["--prompt", "a", "--temperature", "-1"], "-1.0 is not in the range x>=0."),
        (["--prompt", "a", "--temperature", "nan"], "nan is no finite number"),
        (["--prompt", "a", "--top-p", "nan"], "nan is no finite number"),
        (["--prompt", "a", "--values", "1"], "a text is by itself"),
        (["--generate", "3", "--top-k", "0"], "0 is not in the range x>=1."),
        (["--generate", "3", "--top-p", "0"], "0.0 is not in the range 0<x<=1."),
        (["--top-k", "3"], "--top-k goes with --prompt, which begins a text, or with --generate"),
        (["--seed", "3"], "--seed goes with --prompt, which begins a text, or with --generate"),
        (["--values", "a"], "a network of texts goes on with one: --prompt 'Shall I'"),
        (["verse.txt"], "`netlang eval` judges a file"),
    ],
)
def test_what_cannot_be_asked_of_it_is_told_with_a_way_out(
    options: list[str], told: str, verse: str
) -> None:
    result = netlang("predict", verse, *options)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_network_of_a_table_takes_no_prompt() -> None:
    result = netlang("predict", kept(trained(CLASSES)), "--prompt", "a")
    assert result.exit_code == 2
    assert "--prompt is for a network that was trained on a text" in result.stderr


@pytest.mark.parametrize(
    "layer",
    [
        "GRU(8, 16, bidirectional=true)",
        "Attention(8, 2)",
        "LayerNorm([16, 8])",
        "Permute([1, 0]) -> Linear(16, 16) -> Permute([1, 0])",
    ],
)
def test_a_network_that_sees_what_is_yet_to_be_written_is_not_let_write(layer: str) -> None:
    text = TEXT.replace("GRU(_, 16)", layer)
    result = netlang("predict", kept(trained(text, "epochs=1")), "--prompt", "the")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "depends on the symbols behind it" in result.stderr
    assert "attention with `causal=true`" in result.stderr


@pytest.mark.parametrize(
    "layer",
    [
        "LSTM(_, 16, num_layers=2)",
        "Attention(8, 2, causal=true, rotary=true)",
        "TransformerBlock(8, 2, causal=true, dropout=0.5)",
    ],
)
def test_a_network_that_looks_back_alone_is_let_write(layer: str) -> None:
    text = TEXT.replace("GRU(_, 16)", layer)
    result = netlang("predict", kept(trained(text, "epochs=1")), "--prompt", "the", "--length", "3")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(result.stdout) == 7


def test_a_text_is_judged_at_each_place(verse: str) -> None:
    Path("other.txt").write_text("the rose is red, the rose is blue, the violet is red\n")
    found = json.loads(netlang("eval", verse, "other.txt", "--json").stdout)
    assert found["samples"] == 3
    assert sum(map(sum, found["confusion"])) == 3 * 16
    loss, own = found["metrics"]["loss"], found["metrics"]
    assert math.isclose(own["perplexity"], math.exp(loss), rel_tol=1e-6)
    assert math.isclose(own["bits_per_character"], loss / math.log(2), rel_tol=1e-6)
    assert {one["row"] for one in found["mistakes"]} <= {1, 2, 3}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"the rose", "name a text of more than 16"),
        (b"\xff" * 40, "save it in UTF-8"),
        (b"THE ROSE IS RED, THE ROSE", "leave it out, or train on a text with it"),
    ],
)
def test_a_text_that_cannot_be_judged_is_told_with_a_way_out(
    content: bytes, told: str, verse: str
) -> None:
    Path("other.txt").write_bytes(content)
    result = netlang("eval", verse, "other.txt")
    assert result.exit_code == 1
    assert told in result.stderr
