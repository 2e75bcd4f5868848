"""The learning curves of several runs are drawn together."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib.figure
import pytest

from tests.program import DISC, about, netlang, only

Drawn = dict[str, dict[str, list[float]]]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """What was drawn last: for each panel the lines by their names in the legend."""
    found: Drawn = {}
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        (legend,) = figure.legends
        colours = {str(line.get_color()) for line in legend.get_lines()}
        names = [text.get_text() for text in legend.get_texts()]
        found.clear()
        for axes in figure.axes:
            assert {str(line.get_color()) for line in axes.lines} <= colours
            values = [[*map(float, line.get_ydata())] for line in axes.lines]  # type: ignore[arg-type]
            found[axes.get_ylabel()] = dict(zip(names, values, strict=True))
        save(figure, *given, **how)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    return found


def run(root: str, *options: str, text: str = DISC) -> Path:
    Path("a.net").write_text(text)
    result = netlang("run", "a.net", "--no-plots", "--backend", "tensor", "-o", root, *options)
    assert result.exit_code == 0, result.output
    return only(root)


def values(folder: Path, path: str) -> list[float]:
    lines = (folder / "history.jsonl").read_text().splitlines()
    return [json.loads(line)["metrics"][path] for line in lines]


def test_the_legend_has_the_settings_in_which_runs_differ(drawn: Drawn) -> None:
    one = run("one", "--set", "epochs=2", "--set", "optimizer.lr=0.1")
    two = run("two", "--set", "epochs=3")
    result = netlang("plot", str(one), str(two))
    assert (result.exit_code, result.stdout) == (0, "wrote curves.png\n")
    assert Path("curves.png").read_bytes().startswith(b"\x89PNG")
    names = "epochs=2, optimizer.lr=0.1", "epochs=3"
    assert drawn["test loss"] == {
        name: values(folder, "test.loss") for name, folder in zip(names, (one, two), strict=True)
    }
    assert [*drawn] == ["test loss", "test accuracy"]


def test_runs_of_other_texts_alone_are_called_by_their_folders(drawn: Drawn) -> None:
    one = run("one", text=f"{DISC}epochs = 1\n")
    two = run("two", text=f"{DISC}epochs = 1\n".replace("1e-2", "1e-3")).rename("two/_other")
    netlang("plot", "one", "two")
    assert [*drawn["test loss"]] == [one.name, two.name]


def test_losses_and_errors_alone_are_drawn_on_powers_if_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scales: dict[str, tuple[str, list[str]]] = {}

    def saved(made: matplotlib.figure.Figure, *_: Any, **__: Any) -> None:
        for axes in made.axes:
            ticks = [axes.yaxis.get_major_formatter()(value) for value in (0.5, 1000)]
            scales[axes.get_ylabel()] = axes.get_yscale(), ticks

    folder = run("one", "--set", "epochs=2")
    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    assert netlang("plot", folder, "--log").exit_code == 0
    assert scales["loss"] == ("log", ["0.5", "1000"])
    assert scales["accuracy"][0] == "linear"
    netlang("plot", folder)
    assert scales["loss"][0] == "linear"


def test_a_run_in_folds_among_others_is_the_mean_of_its_folds(drawn: Drawn) -> None:
    rows = "".join(f"{n},{n % 3},{'no' if n % 2 else 'yes'}\n" for n in range(30))
    Path("t.csv").write_text(f"a,b,y\n{rows}")
    text = DISC.replace("Disc(train=40, test=40)", 'Table("t.csv", target="y")')
    folds = run("one", "--set", "epochs=2", "--folds", "3", text=text)
    other = run("two", "--set", "epochs=2", text=text).rename(f"one/{'other'}")
    result = netlang("plot", "one", "--metric", "test.loss")
    assert (result.exit_code, result.stderr) == (0, "")
    (mean,) = (line for name, line in drawn["test loss"].items() if "data.folds=3" in name)
    losses = [values(folds / f"fold-{fold}", "test.loss") for fold in (1, 2, 3)]
    assert mean == pytest.approx([sum(epoch) / 3 for epoch in zip(*losses, strict=True)])
    assert values(other, "test.loss") in drawn["test loss"].values()


def test_metrics_that_not_all_runs_have_are_named() -> None:
    one = run("one", "--set", "epochs=2")
    text = "net = Linear(1, 1)\ndata = Sine\nloss = MSE\noptimizer = Adam\nmetrics = [mse]\n"
    two = run("two", "--set", "epochs=2", text=text)
    result = netlang("plot", one, two)
    assert (result.exit_code, result.stdout) == (0, "wrote curves.png\n")
    assert result.stderr == "not all of these runs have test.accuracy and test.mse\n"


def test_one_run_shows_all_that_was_measured(drawn: Drawn) -> None:
    folder = run("one", "--set", "epochs=2")
    netlang("plot", str(folder))
    assert {label: [*lines] for label, lines in drawn.items()} == {
        "loss": ["train", "test"], "accuracy": ["train", "test"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("metrics", "panels"),
    [
        (["test.accuracy"], {"test accuracy": ["epochs=1", "epochs=2"]}),
        (["loss"], {"loss": [f"epochs={n} {part}" for n in (1, 2) for part in ("train", "test")]}),
    ],
)
def test_a_metric_is_drawn_alone(
    metrics: list[str], panels: dict[str, list[str]], drawn: Drawn
) -> None:
    folders = [str(run(f"{n}", "--set", f"epochs={n}")) for n in (1, 2)]
    netlang("plot", *folders, *(f"--metric={metric}" for metric in metrics))
    assert {label: [*lines] for label, lines in drawn.items()} == panels


def test_of_very_many_runs_each_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run("runs", "--set", "epochs=1")
    record = about(folder)
    for number in range(39):
        copy = Path("runs", f"copy{number}")
        copy.mkdir()
        (copy / "run.json").write_text(json.dumps({**record, "seed": number + 1}))
        (copy / "history.jsonl").write_text((folder / "history.jsonl").read_text())
    found: list[tuple[float, float]] = []
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        save(figure, *given, **how)
        (legend,) = figure.legends
        assert len(legend.get_texts()) == 40
        assert len({line.get_color() for line in legend.get_lines()}) == 40
        box = legend.get_window_extent()
        found.extend([(0, box.x0), (box.x1, figure.bbox.x1), (0, box.y0)])
        found.append((box.y1, figure.axes[-1].get_window_extent().y0))

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    assert netlang("plot", "runs").exit_code == 0
    assert all(small <= large for small, large in found)


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_pictures_for_print_have_equal_bytes_each_time(ending: str) -> None:
    folder = str(run("one", "--set", "epochs=2"))
    for name in ("a", "b"):
        assert netlang("plot", folder, "-o", f"{name}.{ending}").exit_code == 0
    first = Path(f"a.{ending}").read_bytes()
    assert first == Path(f"b.{ending}").read_bytes()
    assert first.startswith({"svg": b"<?xml", "pdf": b"%PDF"}[ending])


def test_what_cannot_be_drawn_is_refused_and_leaves_no_picture() -> None:
    folder = str(run("one", "--set", "epochs=2"))
    for arguments, status, said in (
        ([folder, "-o", "a.jpg"], 2, "-o names a file that ends in one of .png, .svg, .pdf"),
        ([folder, "--metric", "f1"], 2, "none of these runs has 'f1'; there are train.loss, "),
        (["nowhere"], 1, "nowhere is no run's folder: there is no such folder"),
        ([folder, "-o", "nowhere/a.png"], 1, "cannot write nowhere/"),
    ):
        result = netlang("plot", *arguments)
        assert (result.exit_code, said in result.stderr) == (status, True), result.stderr
    (Path(folder) / "history.jsonl").write_text("{}\n")
    assert "line 1 of its history.jsonl is not of a run" in netlang("plot", folder).stderr
    (Path(folder) / "history.jsonl").unlink()
    result = netlang("plot", folder)
    assert result.exit_code == 1
    assert "is left out: none of its epochs is done" in result.stderr
    assert not [*Path().glob("*.png")]


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(run("one", "--set", "epochs=1"))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = netlang("plot", folder)
    assert result.exit_code == 1
    assert "matplotlib is not installed: pip install matplotlib" in result.stderr


def test_a_run_that_is_named_twice_is_drawn_once(drawn: Drawn) -> None:
    folder = run("one", "--set", "epochs=1")
    netlang("plot", "one", str(folder))
    assert [*drawn["loss"]] == ["train", "test"]


def test_names_of_folders_are_no_orders_to_those_who_show_the_picture() -> None:
    one = run("one", "--set", "epochs=1")
    two = run("two", "--set", "epochs=1").rename("two/--><script>\x1b[31m")
    assert netlang("plot", str(one), str(two), "-o", "a.svg").exit_code == 0
    text = Path("a.svg").read_text()
    assert "script" in text
    assert "<script>" not in text
    assert "\x1b" not in text
    ElementTree.fromstring(text)


def test_a_run_without_the_metric_is_left_out_and_named(drawn: Drawn) -> None:
    one, two = run("one", "--set", "epochs=1"), run("two", "--set", "epochs=2")
    (two / "history.jsonl").write_text('{"epoch": 1, "metrics": {"test.mae": 1.0}}\n')
    result = netlang("plot", str(one), str(two), "--metric", "test.loss")
    assert result.stderr == f"{two} is left out: it has none of these metrics\n"
    assert drawn == {"loss": {"test": values(one, "test.loss")}}


def test_of_what_a_shell_names_the_folders_of_no_run_are_left_out(drawn: Drawn) -> None:
    one = run("runs", "--set", "epochs=1")
    Path("runs/compare-1").mkdir()
    result = netlang("plot", str(one), "runs/compare-1")
    assert result.stderr == "left out: runs/compare-1 is no run's folder: it has no run.json\n"
    assert [*drawn["loss"]] == ["train", "test"]
    assert netlang("plot", str(one), "runs/compare-2").exit_code == 1
