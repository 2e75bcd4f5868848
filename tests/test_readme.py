"""What the README shows is so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netlang
from netlang.catalogue import registry
from netlang.compiler.passes import compile_source
from netlang.engine.native.cc import Compiler
from netlang.language.diagnostics.rendering.text import render_all
from netlang.language.source import SourceFile
from netlang.language.syntax import format_source
from netlang.lowering.c.inference import to_c
from netlang.runs.training.events import Finished
from netlang.runs.training.training import Training
from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def python_below(heading: str) -> list[str]:
    """The examples in Python of a section, up to the next heading."""
    section = re.split(r"^##+ ", README.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.M)[0]
    return re.findall(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def test_the_examples_of_a_model_in_python_do_what_they_say(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "models").symlink_to(ROOT / "models")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for example in python_below("From Python"):
        exec(example, names)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("node")
    assert lines.count("['setosa' 'virginica']") == 2
    assert float(lines[-1]) > 0.95
    assert names["model"].constants["hidden"] == 32


def test_the_example_layer_by_layer_trains(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = python_below("Layer by layer")
    state = torch.get_rng_state()
    exec(example, {})
    torch.set_rng_state(state)
    assert float(capsys.readouterr().out.split()[1]) > 0.9


def test_the_python_examples_take_up_a_training_that_was_stopped_and_keep_its_checkpoint(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    resumed, kept = python_below("A training, step by step")
    names: dict[str, Any] = {}
    monkeypatch.chdir(ROOT)
    exec(f"from netlang import *\n{resumed}", names)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"epoch {n}" for n in range(3, 31)]
    assert float(lines[-1].split()[-1]) > 0.95
    monkeypatch.chdir(tmp_path)
    exec(kept, names)
    outputs = names["training"].outputs(names["inputs"])
    assert outputs.argmax(1).tolist() == [1, 0]
    assert torch.equal(names["model"].outputs(names["inputs"]), outputs)
    again = Training(names["changed"], start=names["checkpoint"])
    assert torch.equal(again.outputs(names["inputs"]), outputs)


def test_the_file_it_shows_can_be_run() -> None:
    text = next(block for block in blocks("") if block.startswith("# Which points"))
    compilation = compile_source(SourceFile("readme.net", text), to_run=True)
    assert compilation.ok
    assert not compilation.diagnostics


def test_its_files_for_a_table_can_be_run_and_are_in_the_languages_style() -> None:
    texts = [block for block in blocks("") if re.search(r'^data = Table\("iris', block, re.M)]
    assert len(texts) == 2
    for text in texts:
        source = SourceFile("a.net", text, ROOT / "models" / "a.net")
        program = compile_source(source, to_run=True)
        assert not program.diagnostics
        assert format_source(source) == text
        *_, finished = Training(program.require()).events()
        assert isinstance(finished, Finished)
        assert finished.metrics["test.accuracy" if "species" in text else "test.r2"] > 0.9


def test_its_file_for_texts_learns_from_the_table_that_it_shows(tmp_path: Path) -> None:
    (text,) = (block for block in blocks("") if 'Table("reviews' in block)
    (table,) = (block for block in blocks("") if block.startswith("review,mood"))
    (tmp_path / "reviews.csv").write_text(table)
    source = SourceFile("a.net", text, tmp_path / "a.net")
    program = compile_source(source, to_run=True)
    assert not program.diagnostics
    assert format_source(source) == text
    *_, finished = Training(program.require()).events()
    assert isinstance(finished, Finished)
    assert finished.metrics["train.accuracy"] == 1


def test_its_file_for_an_encoder_and_a_decoder_can_be_run(tmp_path: Path) -> None:
    (text,) = (block for block in blocks("") if '"pairs.npz"' in block)
    tokens, lengths = np.arange(120).reshape(20, 6) % 10, 1 + np.arange(20) % 6
    arrays = {"source": tokens, "given": tokens + 1, "n": lengths, "m": lengths}
    np.savez(tmp_path / "pairs.npz", **arrays, next=tokens)
    source = SourceFile("a.net", text, tmp_path / "a.net")
    program = compile_source(source, to_run=True)
    assert not program.diagnostics
    assert format_source(source) == text
    *_, finished = Training(program.require()).events()
    assert isinstance(finished, Finished)


def test_the_message_it_shows_is_the_one_that_netlang_gives() -> None:
    shown = next(block for block in blocks("") if block.startswith("$ netlang check bad.net"))
    lines = re.findall(r"^\d \| (.*)$", shown, re.MULTILINE)
    source = SourceFile("bad.net", "\n".join(lines) + "\n")
    message = render_all(compile_source(source).diagnostics)
    more = "netlang explain E0301 tells more about it"
    assert shown == f"$ netlang check bad.net\n{message}\n\n{more}\nbad.net: 1 error\n"


def test_the_networks_it_shows_fit_the_language_and_its_style() -> None:
    text = next(block for block in blocks("") if block.startswith("block res"))
    source = SourceFile("a.net", text)
    compilation = compile_source(source)
    assert not compilation.diagnostics
    assert format_source(source) == text


def test_its_first_two_commands_are_those_that_install_train_and_test() -> None:
    first, second = blocks("sh")
    assert first.endswith("netlang run models/model2.net\n")
    assert second.endswith("python -m pytest -n auto\n")


def test_the_layers_of_the_table_are_those_of_the_catalogue() -> None:
    table = README.split("\n### Layers\n")[1].split("\n| for | layers |\n")[1].split("\n\n")[0]
    named = re.findall(r"`(\w+)`", table)
    assert len(named) == len({*named})
    assert {registry.kind_of(name) for name in named} == {"layer"}


def test_its_search_over_the_constants_of_a_file_finds_what_tells_who_survives(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = python_below("In scikit-learn")
    assert len([*filter(None, example.splitlines())]) == 15
    monkeypatch.chdir(ROOT)
    exec(example, {})
    printed = capsys.readouterr().out
    assert "net__hidden" in printed
    assert float(printed.split()[-1]) > 0.75


def test_its_program_in_c_tells_a_flower(tmp_path: Path, compiler: Compiler) -> None:
    """As the shell says it, of a network that is trained on iris.csv."""
    (main,), shell = blocks("c"), re.search(r"`cc (.+main\.c.+?)`", README)
    assert shell
    model = netlang.load(ROOT / "models" / "iris.net").fit()
    assert model._trained
    for name, file in to_c(model._trained.trained_program, "iris").items():
        (tmp_path / name).write_bytes(file)
    (tmp_path / "main.c").write_text(main)
    command = [*compiler.command, *shell[1].split()]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "a.out"], capture_output=True, text=True, check=True)
    assert f"// {done.stdout.strip()}" in main
