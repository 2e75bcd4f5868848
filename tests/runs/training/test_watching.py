"""A watched training is the same training, and says how large its layers' gradients are."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from netlang.catalogue.layers import ReLU
from netlang.catalogue.modules import Statistic
from netlang.compiler.passes import compile_source
from netlang.engine.native.cc import Compiler
from netlang.language.source import SourceFile
from netlang.runs.training.events import EpochDone, LayerNorms
from netlang.runs.training.training import Training
from tests.program import SHARED, netlang, only

TEXT = f"{SHARED}loss = MSE\nepochs = 3\n"


def training_of(text: str = TEXT, backend: str = "tensor", *, is_watched: bool = True) -> Training:
    program = compile_source(SourceFile("a.net", text), to_run=True).require()
    return Training(program, backend, is_watched=is_watched)


def norms(training: Training) -> list[Mapping[str, LayerNorms]]:
    return [event.layers for event in training.events() if isinstance(event, EpochDone)]


@pytest.mark.parametrize("backend", ["tensor", "native"])
def test_no_bit_of_a_training_changes_where_it_is_watched(backend: str, compiler: Compiler) -> None:
    alone, seen = (training_of(backend=backend, is_watched=one) for one in (False, True))
    plain = [event for event in alone.events() if isinstance(event, EpochDone)]
    looked_at = [event for event in seen.events() if isinstance(event, EpochDone)]
    assert torch.equal(alone.network.parameters, seen.network.parameters)
    assert [event.metrics for event in plain] == [event.metrics for event in looked_at]
    assert alone.engine.name == backend


def test_statistics_do_not_change_where_a_training_is_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forward = ReLU.forward

    def counting(layer: Any, x: Tensor) -> Tensor:
        layer.steps.add_(int(layer.training))
        return forward(layer, x)

    monkeypatch.setattr(ReLU, "tensors", lambda layer: {"steps": Statistic((1,))})
    monkeypatch.setattr(ReLU, "forward", counting)
    text = TEXT.replace("-> Tanh", "-> ReLU")
    alone, seen = training_of(text, is_watched=False), training_of(text)
    assert [*alone.events()]
    assert norms(seen)
    assert alone.network.statistics.tolist() == seen.network.statistics.tolist() != [0.0]


def test_gradients_are_those_of_the_step_that_comes_next() -> None:
    seen = training_of()
    for event in seen.events():
        if isinstance(event, EpochDone):
            break
    else:
        raise AssertionError
    batch = seen.batches.batch(seen.cursor)
    assert (batch.epoch, seen.cursor) == (2, (2, 0))
    seen.engine.gradients(batch)
    layers = dict(seen.network.named_layers())
    for name, one in event.layers.items():
        assert one.gradient == pytest.approx(float(layers[name].gradients.norm()), rel=1e-6)
        assert one.weight == pytest.approx(float(layers[name].parameters.norm()), rel=1e-6)
    assert [*event.layers] == [name for name, layer in layers.items() if layer.size]


def test_updates_are_the_changes_of_an_epoch() -> None:
    seen = training_of()
    weights = [seen.network.parameters.clone()]
    for event in seen.events():
        if isinstance(event, EpochDone):
            weights.append(seen.network.parameters.clone())
            whole = math.hypot(*(one.update for one in event.layers.values()))
            change = weights[-1].double() - weights[-2].double()
            assert whole == pytest.approx(float(change.norm()), rel=1e-6)


def test_numbers_that_are_not_finite_are_none_in_json() -> None:
    assert LayerNorms(math.inf, 1.0, math.nan).as_data() == {
        "gradient": None, "weight": 1.0, "update": None,
    }  # fmt: skip


def run(*options: str) -> list[dict[str, Any]]:
    """The lines of the history of a run."""
    Path("a.net").write_text(TEXT)
    result = netlang("run", "a.net", "--backend", "tensor", *options)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in (only() / "history.jsonl").read_text().splitlines()]


def test_a_watched_run_keeps_its_norms_and_draws_them() -> None:
    history = run("--watch")
    assert [*history[0]["layers"]] == ["linear1", "linear2", "linear6"]
    assert {*history[0]["layers"]["linear1"]} == {"gradient", "weight", "update"}
    assert (only() / "gradients.png").read_bytes().startswith(b"\x89PNG")
    shown = netlang("runs", "--json").stdout
    assert json.loads(shown)[0]["metrics"] == history[-1]["metrics"]


def test_a_run_that_is_not_watched_says_nothing_of_its_layers() -> None:
    assert not any("layers" in line for line in run())
    assert not (only() / "gradients.png").exists()


def test_watching_needs_a_place_for_its_numbers() -> None:
    Path("a.net").write_text(TEXT)
    assert netlang("run", "a.net", "--watch", "--no-folder").exit_code == 2
    result = netlang("run", "a.net", "--watch", "--no-folder", "--json")
    assert [json.loads(line).get("layers", {}).keys() for line in result.stdout.splitlines()][1]
