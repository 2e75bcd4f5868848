"""Networks of texts in a table, from their training to predictions of new texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from netlang.runs.models.trained import load_model
from tests.program import netlang

FILE = """\
net = Embedding(_, 8) -> LSTM(8, 8) -> Last -> Linear(8, _)
data = Table("moods.csv", target="mood", text="line", test=0.25)
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=3e-2)
epochs = 30
batch = 8
"""
GOOD, BAD = ("good", "great", "lovely"), ("bad", "poor", "awful")
THINGS = ("film", "book", "song", "end")


@pytest.fixture
def run() -> str:
    """The folder of a run, in which a network has learned moods."""
    rows = [
        f'"A {word} {thing}{mark} {also}",{mood}'
        for mood, words in (("good", GOOD), ("bad", BAD))
        for word in words
        for thing in THINGS
        for mark, also in ((",", "so it is."), ("!", "It is new."))
    ]
    Path("moods.csv").write_text("\n".join(["line,mood", *rows]))
    Path("a.net").write_text(FILE)
    assert netlang("run", "a.net", "-o", "run", "--no-plots").exit_code == 0
    (found,) = Path("run").iterdir()
    return str(found)


def predicted(*arguments: str) -> list[str]:
    return [json.loads(line)["prediction"] for line in netlang(*arguments).stdout.splitlines()]


def test_new_texts_are_told_and_words_that_training_lacks_are_no_obstacle(run: str) -> None:
    Path("new.csv").write_text('n,line\n1,"A lovely zither!"\n2,"an awful film, awful"\n')
    assert predicted("predict", run, "new.csv", "--json") == ["good", "bad"]
    result = netlang("predict", run, "--values", "A poor book, and a poor end")
    assert result.stdout.startswith("bad")
    assert netlang("predict", run, "--values", "line=A great song").stdout.startswith("good")


def test_a_text_that_is_longer_than_those_of_training_is_cut_with_a_note(run: str) -> None:
    Path("new.csv").write_text("line\ngood\n" + "good " * 30 + "\n")
    result = netlang("predict", run, "new.csv")
    assert "1 text in `line` loses its end: they are longer" in result.stderr


def test_an_empty_text_is_a_mistake_in_its_row(run: str) -> None:
    Path("new.csv").write_text('line,n\ngood,1\n"",2\n')
    result = netlang("predict", run, "new.csv")
    assert result.exit_code == 1
    assert "E0508" in result.stderr
    assert "new.csv:3" in result.stderr


def test_a_row_without_a_text_gets_no_answer_where_training_dropped_such_rows(run: str) -> None:
    dropping = FILE.replace("test=0.25", 'test=0.25, missing="drop"')
    Path("drop.net").write_text(dropping)
    assert netlang("run", "drop.net", "-o", "drop", "--no-plots").exit_code == 0
    (found,) = Path("drop").iterdir()
    Path("new.csv").write_text('line,mood\nA good song,good\n"",bad\nA bad song,bad\n')
    result = netlang("predict", str(found), "new.csv", "--json")
    assert [json.loads(line)["prediction"] for line in result.stdout.splitlines()] == [
        "good",
        None,
        "bad",
    ]
    assert "accuracy 1.0000" in netlang("eval", str(found), "new.csv").stdout


def test_it_is_judged_on_other_texts(run: str) -> None:
    Path("new.csv").write_text("line,mood\nA good song,good\nA bad song,bad\n")
    assert "accuracy 1.0000" in netlang("eval", run, "new.csv").stdout


def test_it_goes_on_to_the_same_bits(run: str) -> None:
    assert netlang("run", "a.net", "-o", "half", "--no-plots", "--set", "epochs=5").exit_code == 0
    (half,) = Path("half").iterdir()
    result = netlang("resume", str(half), "--epochs", "30", "--no-plots")
    assert result.exit_code == 0
    goes_on = max(Path("half").iterdir(), key=lambda one: one.stat().st_mtime)
    whole, again = (load_model(str(one)).network.named_tensors() for one in (run, goes_on))
    assert whole.keys() == again.keys()
    assert all(torch.equal(one, again[name]) for name, one in whole.items())


def test_equal_runs_leave_equal_bytes(run: str) -> None:
    assert netlang("run", "a.net", "-o", "again", "--no-plots").exit_code == 0
    (again,) = Path("again").iterdir()
    models = [Path(one, "model.safetensors").read_bytes() for one in (run, again)]
    assert models[0] == models[1]


def test_a_model_of_texts_that_is_damaged_is_refused(run: str) -> None:
    file = Path(run, "model.safetensors")
    whole = file.read_bytes()
    for place in range(20, len(whole), len(whole) // 40):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        result = netlang("predict", run, "--values", "good")
        assert result.exit_code == 1
        assert "error[E05" in result.stderr
