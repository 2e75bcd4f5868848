"""What the user has set for matplotlib, or broken in it, reaches no picture and no screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

from netlang.runs.plots import Curves, canvas, draw_curves
from netlang.runs.plots.canvas import figure
from netlang.runs.plots.style import DPI
from netlang.runs.plots.text import font
from netlang.system.packages import Unusable

pytestmark = pytest.mark.slow  # as programs that draw are started

DRAW = """
import sys
from pathlib import Path
from netlang.runs.plots.canvas import figure
with figure(4, 3, Path(sys.argv[1])) as made:
    axes = made.subplots()
    axes.plot([1, 2, 3], [1000, 2000.5, 4], label="a_$")
    axes.set_title("a_$.net \\N{CJK UNIFIED IDEOGRAPH-96EA}")
    axes.legend()
"""
STRANGE = """\
text.usetex: True
savefig.bbox: tight
savefig.dpi: 31
figure.dpi: 17
font.family: Comic Sans MS
lines.linewidth: 9
axes.facecolor: black
axes.formatter.use_locale: True
"""
BROKEN = "backend: nonsense\nno colon\nlines.linewidth: wide\nunknown.key: 3\n"


def draw(name: str, **environment: str) -> bytes:
    """A picture from a process of its own, which has nothing to say."""
    command = [sys.executable, "-W", "error::UserWarning", "-c", DRAW, name]
    result = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    return Path(name).read_bytes()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("plain")
    return draw(str(folder / "a.png"))


@pytest.mark.parametrize(
    "backend",
    ["module://matplotlib_inline.backend_inline", "nonsense", "svg", "tkagg", ""],
)
def test_the_backend_of_a_notebook_changes_nothing(backend: str, plain: bytes) -> None:
    assert draw("a.png", MPLBACKEND=backend) == plain


NO_TEXT = "\udcff\udcfe"
PLACES = [
    pytest.param(text, place, id=f"{name} {place}")
    for name, text in (("strange", STRANGE), ("broken", BROKEN), ("no text", NO_TEXT))
    for place in ("here", "environment", "folder")
]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_a_file_of_settings_changes_nothing(text: str, place: str, plain: bytes) -> None:
    Path("matplotlib").mkdir()
    file = Path("matplotlibrc" if place == "here" else "matplotlib/matplotlibrc")
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    environment = {
        "here": {},
        "environment": {"MATPLOTLIBRC": str(file)},
        "folder": {"XDG_CONFIG_HOME": str(Path().absolute())},
    }
    assert draw("a.png", **environment[place]) == plain


def test_settings_of_a_program_that_draws_itself_change_nothing_and_stay(
    plain: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas, "DPI", DPI)  # which tests make fewer
    with mpl.rc_context({"lines.linewidth": 9, "text.usetex": True, "savefig.dpi": 31}):
        exec(DRAW.replace("sys.argv[1]", "'a.png'"), {})
        assert (mpl.rcParams["lines.linewidth"], mpl.rcParams["text.usetex"]) == (9, True)
    assert Path("a.png").read_bytes() == plain


def test_where_settings_cannot_be_kept_there_are_pictures_and_no_complaint(plain: bytes) -> None:
    Path("file").write_text("")  # no folder can be made in it, whoever one is
    nowhere = str(Path("file").absolute() / "home")
    environment = {"HOME": nowhere, "XDG_CONFIG_HOME": nowhere, "XDG_CACHE_HOME": nowhere}
    assert draw("a.png", **environment) == plain


def test_the_environment_and_the_working_directory_are_as_before() -> None:
    code = (
        "import os, sys; from netlang.runs.plots.canvas import _matplotlib; "
        "before = dict(os.environ); here = os.getcwd(); _matplotlib(); "
        "assert (dict(os.environ), os.getcwd()) == (before, here); sys.modules['matplotlib']"
    )
    environment = {**os.environ, "MPLBACKEND": "nonsense", "MATPLOTLIBRC": "no such file"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_where_the_working_directory_is_gone_there_are_pictures(plain: bytes) -> None:
    file = Path("a.png").absolute()
    code = "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n" + DRAW
    subprocess.run([sys.executable, "-c", code, str(file)], check=True)
    assert file.read_bytes() == plain


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("print('dreadful', file=__import__('sys').stderr); raise OSError('no disk')", "no disk"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("", "matplotlib does not work here"),
    ],
)
def test_a_matplotlib_that_is_broken_costs_the_pictures_and_not_the_run(
    text: str, reason: str
) -> None:
    Path("broken/matplotlib").mkdir(parents=True)
    Path("broken/matplotlib/__init__.py").write_text(text)
    Path("a.net").write_text(
        "net = Linear(2, 2) -> Softmax\ndata = Disc(train=9, test=9)\nloss = MSE\n"
        "optimizer = SGD(lr=0.1)\nepochs = 1\n"
    )
    command = [sys.executable, "-m", "netlang", "run", "a.net"]
    environment = {**os.environ, "PYTHONPATH": str(Path("broken").absolute())}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("no pictures are drawn, as matplotlib does not work here (")
    assert reason in line
    assert "--no-plots" in line


def test_what_a_broken_matplotlib_says_is_kept_to_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        os.write(2, b"a library in C complains")
        print("and one in Python", file=sys.stderr)
        raise ImportError("libfreetype.so.6: cannot open\nand so on")

    monkeypatch.setattr("netlang.runs.plots.canvas._matplotlib", broken)
    with pytest.raises(Unusable, match=r"\(ImportError: libfreetype.so.6: cannot open\)$"):
        exec(DRAW.replace("sys.argv[1]", "'a.png'"), {})
    assert capfd.readouterr().err == ""


def test_an_interruption_of_a_picture_is_told() -> None:
    code = (
        "import os, signal; from pathlib import Path; from netlang.system import interruption; "
        "from netlang.runs.plots.canvas import figure; interruption.heed()\n"
        "with figure(1, 1, Path('a.png')): os.write(2, b'noise'); signal.raise_signal(2)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (130, b"interrupted\n")


@pytest.mark.parametrize("error", [KeyError("test.loss"), MemoryError(), OSError("gone")], ids=repr)
def test_a_mistake_while_drawing_is_not_blamed_on_matplotlib(error: Exception) -> None:
    before = dict(mpl.rcParams)
    with pytest.raises(type(error)) as raised, figure(1, 1, Path("a.png")):
        raise error
    assert raised.value is error
    assert not Path("a.png").exists()
    assert mpl.rcParams == before


def test_curves_without_a_metric_are_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match=r"test\.loss"):
        draw_curves([("a", [Curves("", [[{"test.loss": 1.0}, {}]])])], tmp_path / "a.png")


@pytest.mark.parametrize(
    "place", ["figure.Figure.savefig", "figure.Figure", "rc_context", "font_manager.findfont"]
)
@pytest.mark.parametrize(
    ("error", "raised"),
    [(RuntimeError("x"), Unusable), (OSError("x"), Unusable), (MemoryError("x"), MemoryError)],
    ids=repr,
)
def test_what_matplotlib_itself_does_is_its_trouble_but_for_memory(
    place: str, error: Exception, raised: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    font.cache_clear()
    monkeypatch.setattr(f"matplotlib.{place}", fail)
    with pytest.raises(raised, match="x"):
        draw_curves([("a", [Curves("", [[{"test.loss": 1.0}]])])], Path("a.png"))


def test_a_place_that_cannot_be_written_is_the_files_trouble(tmp_path: Path) -> None:
    run = [{"train.loss": 1.0}]
    with pytest.raises(OSError, match="nowhere"):
        draw_curves([("a", [Curves("", [run])])], tmp_path / "nowhere" / "a.png")
