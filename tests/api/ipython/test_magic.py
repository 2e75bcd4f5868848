"""A cell of netlang, as IPython runs it: in a terminal, and where there is a screen for HTML."""

from __future__ import annotations

import os
import re
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netlang import EpochDone, Model, NetError, load
from netlang.api.ipython import magic
from netlang.api.notebook import live
from netlang.api.notebook.markup import Html
from netlang.api.notebook.screen import Screen
from tests.paths import ROOT
from tests.together import together

README = (ROOT / "README.md").read_text(encoding="utf-8")
TRAINS = """\
net = Linear(2, 4) -> ReLU -> Linear(4, 2)
data = Disc(train=20, test=10)
loss = SoftmaxCrossEntropy
optimizer = Adam
epochs = 3
"""


@pytest.fixture(scope="module")
def interactive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A shell of IPython, with the extension loaded."""
    main = sys.modules["__main__"]  # in whose place it puts another
    os.environ["IPYTHONDIR"] = str(tmp_path_factory.mktemp("ipython"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from IPython.core.interactiveshell import InteractiveShell

        shell: Any = InteractiveShell()
        shell.run_cell("%load_ext netlang").raise_error()
        yield shell
        shell.history_manager.end_session()
    sys.modules["__main__"] = main
    del os.environ["IPYTHONDIR"]


@pytest.fixture
def shell(interactive: Any) -> Any:
    interactive.reset(new_session=False)
    return interactive


class Shown(Screen):
    outputs: list[tuple[Html, str]]

    def __init__(self) -> None:
        self.outputs.append((Html(""), ""))
        self.place = len(self.outputs) - 1

    def show(self, html: Html, text: str) -> None:
        self.outputs[self.place] = html, text


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Html, str]]:
    """What is shown in the cells of a notebook."""
    Shown.outputs = []
    for module in (magic, live):
        monkeypatch.setattr(module, "screen", Shown)
    return Shown.outputs


def test_a_cell_trains_its_text_and_leaves_the_model_in_a_name(shell: Any, outputs: Any) -> None:
    shell.run_cell(f"%%net digits --backend tensor\n{TRAINS}").raise_error()
    model = shell.user_ns["digits"]
    assert isinstance(model, Model)
    assert [one["epoch"] for one in model.history] == [1, 2, 3]
    ((shown, text),) = outputs
    assert "<b>digits</b> · 3 epochs, trained in" in shown
    assert text.startswith("digits: 3 of 3 epochs")


def test_its_options_change_the_text_and_name_the_backend(shell: Any) -> None:
    shell.user_ns["width"] = 7
    line = "%%net --set hidden={width} --set epochs={width-5} --backend tensor"
    text = TRAINS.replace("4", "hidden") + "hidden = 4\n"
    shell.run_cell(f"{line}\n{text}").raise_error()
    model = shell.user_ns["model"]
    assert model.parameters == 2 * 7 + 7 + 7 * 2 + 2
    assert len(model.history) == 2


def test_a_file_is_trained_by_its_path(shell: Any, tmp_path: Path) -> None:
    (tmp_path / "a b.net").write_text(TRAINS)
    shell.run_cell(f"%net '{tmp_path}/a b.net' points --backend tensor").raise_error()
    assert len(shell.user_ns["points"].history) == 3


def test_without_data_or_by_wish_a_network_is_only_shown(shell: Any, outputs: Any) -> None:
    shell.run_cell("%%net\nLinear(2, 3) -> ReLU").raise_error()
    shell.run_cell(f"%%net --no-train\n{TRAINS}").raise_error()
    assert all('<img class="graph"' in shown for shown, _ in outputs)
    assert shell.user_ns["model"].history == []


def test_sizes_may_be_open_until_samples_tell_them(shell: Any, outputs: Any) -> None:
    shell.run_cell("%%net\nnet = Linear(_, 4) -> ReLU -> Linear(4, _)").raise_error()
    ((shown, _),) = outputs
    assert "its sizes are open until `fit` is given samples" in shown
    model = shell.user_ns["model"]
    assert model.fit([[0.0], [1.0], [2.0], [3.0]], ["a", "a", "b", "b"]).parameters == 18


def test_a_folder_that_cannot_be_written_is_a_line(
    interactive: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    interactive.run_cell(f"%%net --keep {tmp_path / 'file'}\n{TRAINS}")
    shown = capsys.readouterr()
    assert shown.err.startswith("UsageError: `")
    assert "cannot be written: file exists" in shown.err
    assert "Traceback" not in shown.out + shown.err


@pytest.mark.slow  # as it draws pictures
def test_a_run_is_kept_where_it_is_wanted(shell: Any, tmp_path: Path) -> None:
    shell.run_cell(f"%%net --backend tensor --keep {tmp_path}\n{TRAINS}").raise_error()
    (folder,) = tmp_path.iterdir()
    assert (folder / "model.safetensors").exists()


def test_what_a_training_lacks_is_told(shell: Any, outputs: Any) -> None:
    text = TRAINS.replace("optimizer = Adam\n", "")
    assert isinstance(shell.run_cell(f"%%net\n{text}").error_in_exec, NetError)
    assert "optimizer" in outputs[-1][0]


def test_a_mistake_is_shown_by_the_lines_of_its_cell_and_ends_it(shell: Any, outputs: Any) -> None:
    shell.user_ns["model"] = "as it was"
    result = shell.run_cell(f"%%net\n{TRAINS.replace('Linear(4, 2)', 'Linear(5, 2)')}")
    error = result.error_in_exec
    assert isinstance(error, NetError)
    assert re.sub(r"\x1b\[\d+m", "", "".join(error._render_traceback_())) == "1 error"
    ((shown, text),) = outputs
    assert '<span class="error">error[E0301]</span>' in shown
    assert "--> model:2:31" in text
    assert shell.user_ns["model"] == "as it was"


def test_names_of_python_and_a_model_of_before_are_told_of(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(line: str, text: str) -> str:
        shell.run_cell(f"{line}\n{text}")
        shown = capsys.readouterr()
        return re.sub(r"\x1b\[\d+m", "", shown.out + shown.err)

    shell.run_cell("%%net points\nLinear(2, 3) -> ReLU").raise_error()
    shell.run_cell("import re, numpy\nn, df = 7, numpy.ones((2, 2))").raise_error()
    assert "`re` is a module here" in said("%%net re", "Linear(2, 3)")
    assert "`points` is still the model that it was" in said("%%net points", "Liner(2, 3)")
    assert "`points`" not in said("%%net other", "Liner(2, 3)")
    assert "`n = 7`, and `--set n={n}` sets it" in said("%%net", "Linear(2, n)")
    frame = 'net = Linear(2, 3)\ndata = Table(df, target="y")'
    assert "leave `data` out, and call `points.fit(X, y)`" in said("%%net points", frame)


def test_a_terminal_shows_the_messages_in_place_of_a_traceback(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("%%net\nnet = Liner(2, 3)")
    said = re.sub(r"\x1b\[\d+m", "", capsys.readouterr().out)
    assert said.startswith("error[E0201]: ")
    assert "1 | net" not in said
    assert "2 | net = Liner(2, 3)" in said
    assert "Traceback" not in said


def test_warnings_are_shown_and_the_cell_goes_on(shell: Any, outputs: Any) -> None:
    shell.run_cell(f"%%net --backend tensor\n{TRAINS}los = MSE").raise_error()
    (warning, _), (trained, _) = outputs
    assert "warning[W0601]" in warning
    assert "3 epochs" in trained


def test_a_training_that_diverges_is_an_error_and_shows_how_far_it_came(
    shell: Any, outputs: Any
) -> None:
    text = TRAINS.replace("Adam", "SGD(1e30)").replace("SoftmaxCrossEntropy", "MSE")
    result = shell.run_cell(f"%%net --backend tensor\n{text}")
    assert isinstance(result.error_in_exec, NetError)
    warning, trained, mistake = (shown for shown, _ in outputs)
    assert "warning[W0660]" in warning
    assert "broken off" in trained
    assert '<span class="error">error[' in mistake


def test_an_interrupt_ends_the_training_well(
    shell: Any, outputs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = magic.Interrupts.__call__

    def interrupted(self: Any, event: Any) -> bool:
        if isinstance(event, EpochDone) and event.epoch == 2:
            signal.raise_signal(signal.SIGINT)
        return done(self, event)

    monkeypatch.setattr(magic.Interrupts, "__call__", interrupted)
    before = signal.getsignal(signal.SIGINT)
    shell.run_cell(f"%%net --backend tensor --set epochs=99\n{TRAINS}").raise_error()
    model = shell.user_ns["model"]
    assert len(model.history) == 2
    assert len(model.predict([[0.5, 0.5]])) == 1
    assert "2 of 99 epochs" in outputs[0][0]
    assert signal.getsignal(signal.SIGINT) is before


def test_the_cells_of_the_readme_do_what_it_says(shell: Any, outputs: Any) -> None:
    load, cell = re.findall(r"^```ipython\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    shell.run_cell(load).raise_error()
    shell.run_cell(cell).raise_error()
    assert len(shell.user_ns["moons"].history) == 20
    assert "<b>moons</b> · 20 epochs" in outputs[-1][0]


@together(
    ("call", "said"),
    [
        ("model.fit(epochs=4)", "TypeError: fit takes no `epochs`"),
        ("model.fit(callbacks=3)", "TypeError: a callback is a function"),
        ("model.fit(callbacks=interrupt)", "KeyboardInterrupt: the training was interrupted"),
    ],
)
def test_a_wrong_call_and_an_interrupt_are_a_line_without_what_is_within(
    interactive: Any, capsys: pytest.CaptureFixture[str], call: str, said: str
) -> None:
    def interrupt(event: Any) -> None:
        raise KeyboardInterrupt

    interactive.user_ns.update(model=load(TRAINS), interrupt=interrupt)
    interactive.run_cell(call)
    shown = capsys.readouterr()
    assert (shown.out + shown.err).startswith(said)
    assert (shown.out + shown.err).count("\n") == 1


def test_a_second_interrupt_comes_through() -> None:
    with magic.Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        assert interrupts.came
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@together(
    ("line", "said"),
    [
        ("%%net 3", "`3` is no name that Python can have for a model"),
        ("%%net class", "`class` is no name"),
        ("%%net a.net", "`%net a.net` trains a file"),
        ("%%net a b", "unrecognized arguments: b"),
        ("%%net --bakend tensor", "unrecognized arguments: --bakend"),
        ("%%net --backend gpu", "invalid choice: 'gpu'"),
        ("%%net --set 'a", "a quotation mark is open"),
        ("%%net --set epochs 5", "`--set epochs` lacks a value: write `--set epochs=5`"),
        ("%%net --epochs=5", "`--epochs=5` is no option: write `--set epochs=5`"),
        ("%%net print", "`print` is a name of Python itself"),
    ],
)
def test_a_mistake_in_the_magics_own_line_is_one_line(
    interactive: Any, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    interactive.run_cell(f"{line}\nLinear(2, 3)")
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.err.startswith("UsageError: ")
    assert shown.err.count("\n") == 1
    assert not shown.out


def test_a_file_that_is_not_there_is_told_in_a_message(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_cell("%net nothing.net")
    assert "nothing.net" in capsys.readouterr().out


def test_what_knows_nothing_of_notebooks_is_shown_as_html_all_the_same(interactive: Any) -> None:
    model = load(TRAINS).fit(backend="tensor", verbose=False)
    with pytest.raises(NetError) as caught:
        load("net = Liner(2, 3)")
    for value, part in (
        (model.program, "SoftmaxCrossEntropy"),
        (model.result, "accuracy"),
        (caught.value, "E0201: more about it"),
    ):
        shown, _ = interactive.display_formatter.format(value)
        assert shown["text/html"].startswith('<div class="netlang">')
        assert part in shown["text/html"]


def test_loaded_again_words_are_offered_once_and_unloaded_never(interactive: Any) -> None:
    for command, count in (("%reload_ext", 1), ("%unload_ext", 0), ("%load_ext", 1)):
        interactive.run_cell(f"{command} netlang").raise_error()
        assert len(interactive.Completer.custom_matchers) == count


def test_words_of_a_cell_are_completed_by_netlangs_and_others_by_pythons(interactive: Any) -> None:
    completer = interactive.Completer
    completer.use_jedi = False  # it takes seconds to begin
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cell = "%%net\nnet = Linear(2, 3) -> ReL"
        found = {one.text for one in completer.completions(cell, len(cell))}
        assert found >= {"ReLU", "ReLU6"}
        assert not {one.text for one in completer.completions("ReL", 3)} & {"ReLU"}
