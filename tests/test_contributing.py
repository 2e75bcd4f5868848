"""The examples in CONTRIBUTING.md work as they stand; that of a layer is tried in test_own.py."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from click.testing import CliRunner

from netlang.catalogue import data, registry, settings
from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers import ReLU
from netlang.catalogue.randomness import generator
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics.diagnostic import Diagnostic, Message
from netlang.language.diagnostics.rendering.text import render_all
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile, Span
from netlang.lowering.lowerings import Lowerings
from netlang.lowering.trained import TrainedProgram
from netlang.runs.training.events import Finished
from netlang.runs.training.training import Training
from tests.paths import MODELS, examples

NET = "net = Linear(2, 2) -> Softmax\ndata = Disc\nloss = CrossEntropy\noptimizer = SGD\n"


def executed(title: str, **names: Any) -> dict[str, Any]:
    """What the section's one example defines; it is written with ``names`` imported."""
    (text,) = examples(title)
    exec(compile(text, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    return names


def source(text: str) -> SourceFile:
    return SourceFile("a.net", text)


def test_a_data_set(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name: getattr(data, name) for name in data.__all__}
    names |= {"Shape": Shape, "Size": Size, "arg": arg, "generator": generator, "torch": torch}
    found = executed("A data set", **names)
    monkeypatch.setitem(registry.ITEMS, "Corners", found["Corners"])
    monkeypatch.setattr(registry, "NAMES", registry.NAMES | {"Corners"})
    text = NET.replace("Disc", "Corners(copies=20)") + "epochs = 2\n"
    program = compile_source(source(text), to_run=True).require()
    training = Training(program)
    *_, last = training.events()
    assert isinstance(last, Finished)
    assert (len(training.split.train), len(training.split.test)) == (80, 4)
    corners = found["Corners"].declared({"copies": 3})
    first, again, other = (corners.load(seed).train.inputs for seed in (0, 0, 1))
    assert first.equal(again)
    assert not first.equal(other)
    assert {*map(tuple, first.tolist())} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = examples("A setting")
    made = eval(text, vars(settings))
    monkeypatch.setitem(settings.SETTINGS, made.name, made)
    program = compile_source(source(NET), ["patience=3"]).require()
    assert program.settings["patience"] == 3
    assert not compile_source(source(NET), ["patience=0"]).ok


def test_a_message() -> None:
    found = executed("A message", Diagnostic=Diagnostic, Message=Message)
    made = found["TapNotMade"](Span(source(NET), 0, 3))
    assert "error[E0215]: the tap `net` is used before it is made" in render_all([made])


def test_a_command() -> None:
    run = CliRunner().invoke(executed("A command")["command"], [str(MODELS / "model2.net")])
    assert run.stdout == "1,427\n"


def test_a_target_of_export() -> None:
    found = executed(
        "A target of export",
        Lowerings=Lowerings,
        ReLU=ReLU,
        Shape=Shape,
        TrainedProgram=TrainedProgram,
    )
    program = compile_source(source("net = ReLU -> ReLU\ninput = [2]\n")).require()
    line = "    x = jax.nn.relu(x)\n"
    text = f"def network(x):\n{line}{line}    return x\n"
    assert found["to_jax"](TrainedProgram(program, {}), "a") == {"a.py": text.encode()}
