"""A file is tried on a few samples: can its network learn them, and does all of it work?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from netlang.catalogue.layers import Dropout
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.folders.run_folder import TrialFolder, new_run_folder
from netlang.runs.lines.about_data import about_data
from netlang.runs.lines.display import PlainLines
from netlang.runs.training import few_samples
from netlang.runs.training.events import EpochDone, Started
from netlang.runs.training.few_samples import FewSamples, Learned, fast_program, overfit
from tests.program import netlang

TEXT = """
net = Linear(2, 16) -> Tanh -> Dropout(0.9) -> Linear(16, 2)
data = Disc(train=500, test=300, validation=200)
loss = SoftmaxCrossEntropy
optimizer = Adam(lr=3e-2)
batch = 8
epochs = 9
stop = Early(validation.loss)
expect test.accuracy > 0.999
"""
TABLE = (
    "net = Linear(1, {wide}) -> Tanh -> Linear({wide}, 1)\nloss = MSE\noptimizer = Adam(lr=0.02)\n"
)


def program(text: str = TEXT) -> Program:
    return compile_source(SourceFile("a.net", text, Path("a.net")), to_run=True).require()


def learned(one: Program, samples: int) -> tuple[Learned, list[EpochDone]]:
    *events, end = overfit(one, "tensor", samples)
    assert isinstance(end, Learned)
    assert isinstance(events[0], Started)
    assert dict(events[0].samples) == {"train": end.samples}
    return end, [event for event in events if isinstance(event, EpochDone)]


def test_a_network_that_can_learn_samples_does_so_without_dropout() -> None:
    found, epochs = learned(program(), 16)
    assert found.ok
    assert (found.samples, found.metric, found.value, found.contradicting) == (16, "accuracy", 1, 0)
    assert found.steps == 2 * len(epochs) < 2000
    assert epochs[-1].metrics["train.accuracy"] == 1 > epochs[-2].metrics["train.accuracy"]
    assert found.before == epochs[0].metrics["train.accuracy"]


def test_a_network_that_cannot_learn_them_gets_2000_steps() -> None:
    found, epochs = learned(program(TEXT.replace("lr=3e-2", "lr=1e-9")), 400)
    assert not found.ok
    assert found.value == epochs[-1].metrics["train.accuracy"] < 0.9
    assert found.steps == 2000


def test_a_network_that_learns_in_the_epochs_of_its_file_gets_their_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(few_samples, "_LEAST_STEPS", 10)
    slowly = TEXT.replace("lr=3e-2", "lr=1e-9")  # 9 epochs of 63 steps each
    found, epochs = learned(program(slowly), 16)
    assert (found.steps, len(epochs)) == (568, 284)  # the last epoch is whole


def test_a_network_gets_no_dropout_there_and_keeps_all_other_layers() -> None:
    whole, alone = program().graph, few_samples._to_overfit(program(), 16).graph
    layers = [
        [(type(node.layer), node.layer.values) for node in one.nodes] for one in (whole, alone)
    ]
    changed = [(before, after) for before, after in zip(*layers, strict=True) if before != after]
    assert changed == [((Dropout, {"p": 0.9}), (Dropout, {"p": 0.0}))]


def test_layers_that_drop_inside_drop_nothing_there_either() -> None:
    inside = (
        "Unflatten([4, 4]) -> Attention(4, 2, dropout=0.5) -> GRU(4, 4, 2, dropout=0.9) -> Last"
    )
    text = TEXT.replace("Dropout(0.9)", inside).replace("Linear(16, 2)", "Linear(4, 2)")
    assert sum(node.layer.draws for node in program(text).graph.nodes) == 2
    assert not any(
        node.layer.draws for node in few_samples._to_overfit(program(text), 16).graph.nodes
    )


def test_few_samples_keep_the_weights_that_theirs_have() -> None:
    rows = "".join(f"{x},{'ab'[x % 2]},{x + 1}\n" for x in range(20))
    Path("a.csv").write_text(f"x,y,w\n{rows}")
    data = 'data = CSV("a.csv", target="y", weights="w", standardize=false)\n'
    text = TABLE.format(wide=4).replace(", 1)\nloss = MSE", ", 2)\nloss = SoftmaxCrossEntropy")
    one = program(text + data)
    assert one.data
    whole, few = one.data.load(0).train, FewSamples.of(one, 6).load(0).train
    assert few.weights is not None
    assert whole.weights is not None
    at = [whole.inputs[:, 0].tolist().index(x) for x in few.inputs[:, 0].tolist()]
    assert torch.equal(few.weights, whole.weights[at])


def test_numbers_are_learned_where_r2_is_near_1(tmp_path: Path) -> None:
    rows = "".join(f"{x},{x * x}\n" for x in range(-10, 10))
    (tmp_path / "a.csv").write_text(f"x,y\n{rows}")
    data = 'data = CSV("a.csv", target="y", task="regression")\n'
    source = SourceFile("a.net", TABLE.format(wide=16) + data, tmp_path / "a.net")
    found, _ = learned(compile_source(source, to_run=True).require(), 8)
    assert found.metric == "r2"
    assert 0.99 <= found.value <= 1


def test_samples_that_contradict_each_other_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_samples, "_LEAST_STEPS", 50)
    (tmp_path / "a.csv").write_text("x,y\n" + "1,a\n1,b\n1,b\n2,a\n3,b\n" * 8)
    data = 'data = CSV("a.csv", target="y")\n'
    text = TABLE.format(wide=4).replace(", 1)\nloss = MSE", ", 2)\nloss = SoftmaxCrossEntropy")
    source = SourceFile("a.net", text + data, tmp_path / "a.net")
    one = compile_source(source, to_run=True).require()
    found, _ = learned(one, 10)
    train = FewSamples.of(one, 10).load(0).train
    ones = train.targets[train.inputs[:, 0] == train.inputs.min()]
    assert found.contradicting == int((ones != ones[0]).sum()) > 0
    assert not found.ok


def test_a_few_samples_are_drawn_by_the_seed_of_all_classes_of_each_part() -> None:
    one = program()
    assert one.data
    whole, few = one.data.load(3), FewSamples.of(one, 10, 5)
    split, found = few.load(3), few.describe()
    assert (found.train, found.validation, found.test) == (10, 5, 5)
    for part, count in (("train", 10), ("validation", 5), ("test", 5)):
        mine, theirs = getattr(split, part), getattr(whole, part)
        same = (mine.inputs[:, None] == theirs.inputs).all(2).float()
        rows = same.argmax(1)
        assert same.sum(1).tolist() == [1] * count
        assert len({*rows.tolist()}) == count
        assert rows.tolist() != [*range(count)]
        assert torch.equal(mine.targets, theirs.targets[rows])
        assert abs(int(mine.targets.sum()) - count / 2) <= 0.5
    assert torch.equal(few.load(3).train.inputs, split.train.inputs)
    assert not torch.equal(few.load(4).train.inputs, split.train.inputs)
    assert FewSamples.of(one, 9999).load(0).test is None
    assert len(FewSamples.of(one, 9999).load(0).train) == 500
    assert fast_program(one).epochs == 1
    assert not fast_program(one).expectations


def test_samples_of_no_class_are_drawn_last() -> None:
    classes = np.full((40, 3), -1)
    classes[::3, 0] = np.arange(14) % 2
    np.savez("a.npz", x=np.zeros((40, 3, 1)), y=classes)
    text = "net = Linear(1, 2)\nloss = SoftmaxCrossEntropy\noptimizer = SGD(0.1)\n"
    one = program(text + 'data = Arrays("a.npz", task="classification")\n')
    for seed in range(5):
        split = FewSamples.of(one, 3, 1).load(seed)
        assert split.test
        targets = torch.cat([split.train.targets, split.test.targets])
        assert (targets[:, 0] >= 0).all()


def test_the_command_says_whether_samples_are_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_samples, "_LEAST_STEPS", 600)
    Path("a.net").write_text(TEXT)
    done = netlang("run", "a.net", "--overfit", "16")
    assert done.exit_code == 0
    assert "16 training samples, seed 0" in done.output
    last = done.output.splitlines()[-1]
    assert last.startswith("it can learn 16 samples, without dropout: accuracy 1.0000 after ")
    done = netlang("run", "a.net", "--overfit", "32", "--json", "--set", "optimizer.lr=1e-6")
    assert done.exit_code == 1
    answer = json.loads(done.output.splitlines()[-1])
    assert (answer["event"], answer["learned"], answer["steps"]) == ("overfit", False, 600)
    done = netlang("run", "a.net", "--overfit", "32", "--quiet", "--set", "optimizer.lr=1e-6")
    assert done.exit_code == 1
    first, *hints = done.output.splitlines()
    assert first.startswith("it does not learn 32 samples, even without dropout: accuracy 0.")
    assert all(hint.startswith("- ") for hint in hints)
    assert not Path("runs").exists()


def test_a_fast_run_tries_everything_and_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.net").write_text(TEXT)
    kept: list[str] = []
    with monkeypatch.context() as patched:
        drawn = "netlang.tools.cli.training.keeping.draw"  # it takes seconds
        patched.setattr(drawn, lambda pictures, *_: kept.extend(pictures))
        removed = "netlang.runs.folders.run_folder.shutil.rmtree"
        patched.setattr(removed, lambda path: kept.extend(one.name for one in path.iterdir()))
        done = netlang("run", "a.net", "--fast")
    assert done.exit_code == 0
    assert "nothing is kept: what it measures means nothing" in done.output.splitlines()[0]
    assert "on 24 of 500 training samples" in done.output.splitlines()[0]
    assert "24 training, 24 validation and 24 test samples" in done.output
    assert "kept in" not in done.output
    assert {"curves.png", "decision.png", "model.safetensors", "run.json"} <= {*kept}
    assert netlang("run", "a.net", "--fast", "-o", "other", "--no-plots").exit_code == 0
    assert not [*Path("other").iterdir()]


def test_a_few_rows_of_a_table_that_is_sorted_by_its_classes_are_of_all_of_them(
    tmp_path: Path,
) -> None:
    rows = [f"{x},{'aaaaaaabbc'[x // 10]}\n" for x in range(100)]
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(rows))
    text = 'net = Linear(1, 3)\ndata = CSV("a.csv", target="y")\nloss = SoftmaxCrossEntropy\n'
    source = SourceFile("a.net", f"{text}optimizer = Adam", tmp_path / "a.net")
    one = compile_source(source, to_run=True).require()
    for count, each in ((9, [3, 3, 3]), (30, [11, 11, 8])):
        few = FewSamples.of(one, count)
        assert few.load(0).train.targets.bincount().tolist() == each
    assert "3 classes (a, b and c)" in "\n".join(about_data(few.describe(), {}))


def test_a_fast_run_that_is_broken_off_leaves_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.net").write_text(TEXT)
    for error in (KeyboardInterrupt, BrokenPipeError):

        def broken(*_: object, error: type[BaseException] = error) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(PlainLines, "show", broken)
            assert "nothing is kept" in netlang("run", "a.net", "--fast").output
        assert not [*Path("runs").iterdir()]


def test_a_fast_run_that_was_killed_does_not_go_on_as_a_whole_one() -> None:
    folder = new_run_folder(Path("runs"), fast_program(program()), "tensor", TrialFolder)
    told = folder._interrupted()
    assert (told, folder.path.exists()) == ("nothing is kept", False)
    folder = new_run_folder(Path("runs"), fast_program(program()), "tensor", TrialFolder)
    assert folder._lock
    folder._lock.release()  # as the end of its process does
    done = netlang("resume", folder.path)
    assert done.exit_code == 1
    assert "it only tried three steps of everything" in done.stderr


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--overfit", "3", "--fast"], "two ways to try"),
        (["--overfit", "3", "-o", "x"], "keeps nothing"),
        (["--overfit", "1"], "not in the range"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: list[str], why: str) -> None:
    Path("a.net").write_text(TEXT)
    done = netlang("run", "a.net", *options)
    assert done.exit_code == 2
    assert why in done.output


def test_a_quiet_run_shows_its_result_alone() -> None:
    Path("a.net").write_text(TEXT)
    done = netlang("run", "a.net", "--quiet", "--no-folder")
    assert done.exit_code == 1
    first, second = done.output.splitlines()
    assert first.startswith("test.loss ")
    assert second.startswith("expect test.accuracy > 0.999")
    (only,) = netlang("run", "a.net", "-q", "--no-folder", "--json").output.splitlines()
    assert json.loads(only)["event"] == "result"
