"""Names of files that are strange, or of what is no file: each is used, or told what it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.program import CLASSES, netlang

MODEL = """\
net = Linear(2, 4) -> ReLU -> Linear(4, 2) -> Softmax
data = CSV("t.csv", target="y")
loss = CrossEntropy
optimizer = Adam(lr=1e-2)
epochs = 2
expect test.loss > 0
"""
FOREIGN = os.fsdecode(b"d\xff/m\xfe.net")  # names that are no UTF-8, as old disks have them
COMMANDS = [
    *("check", "summary", "summary --json", "ir", "graph", "export", "emit", "fmt"),
    *("graph --format mermaid", "graph --format dot", "export -o x\udcfa.py"),
    *("graph -o x\udcfa.svg", "run --json --no-plots -o r\udcfb", "test", "test --json"),
    *("run --backend tensor", "compare --runs 1", "compare --lockstep --json"),
]
OTHERS = ["a\nb.net", "x" * 250 + ".net", "t .net"]


def refusal(*arguments: str) -> str:
    """What is said of arguments that are refused, in one message."""
    result = netlang(*arguments)
    assert result.exit_code in (1, 2), result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stderr.count("rror") >= 1
    return result.stderr


def put(name: str) -> None:
    try:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(MODEL)
    except OSError:
        pytest.skip("this disk has no such names")
    (Path(name).parent / "t.csv").write_text(CLASSES)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        *((FOREIGN, command) for command in COMMANDS),
        *((name, command) for name in OTHERS for command in ("check", "export", "run --no-plots")),
        *(pytest.param(name, COMMANDS[-2], marks=pytest.mark.slow) for name in OTHERS),
    ],
    ids=ascii,
)
def test_any_name_will_do(name: str, command: str) -> None:
    put(name)
    word, *options = command.split()
    result = netlang(word, *options, "--", name)
    assert result.exit_code == 0, (result.output, result.exception)
    result.stdout_bytes.decode()
    if "--json" in options:
        assert all(json.loads(line) for line in result.stdout.splitlines())
    for folder in (*Path().glob("runs/*"), *Path().glob("r\udcfb/*")):
        folder.name.encode()  # what is made anew has a name that all can read
        assert folder.name.isprintable()


def test_a_mistake_in_a_file_with_a_foreign_name_is_shown() -> None:
    put(FOREIGN)
    Path(FOREIGN).write_text("net = Zebra\n")
    assert "error[E0201]" in refusal("check", FOREIGN)
    result = netlang("check", "--json", FOREIGN)
    (found,) = json.loads(result.stdout)["diagnostics"]
    assert found["code"] == "E0201"


@pytest.mark.parametrize("word", ["check", "run", "layers", "explain", "init", "completion", ""])
def test_an_argument_that_is_no_utf_8_is_a_message(word: str) -> None:
    assert refusal(*filter(None, [word, os.fsdecode(b"\xff")]))


def test_a_working_folder_with_a_foreign_name_is_one_like_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(FOREIGN)
    monkeypatch.chdir(Path(FOREIGN).parent)
    Path("m.net").write_text(MODEL)
    assert netlang("run", "m.net", "--backend", "tensor").exit_code == 0
    assert netlang("export", "m.net", "-o", "m.py").exit_code == 0


@pytest.mark.parametrize("word", ["check", "check --json", "run", "fmt", "test", "graph", "diff -"])
def test_a_name_too_long_for_any_file_is_told(word: str) -> None:
    result = netlang(*word.split(), "x" * 5000)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception


def test_a_name_that_begins_as_an_option_is_given_behind_two_dashes() -> None:
    Path("t.csv").write_text(CLASSES)
    Path("-d.net").write_text(MODEL)
    assert "No such option" in refusal("check", "-d.net")
    assert netlang("check", "--", "-d.net").exit_code == 0
    assert netlang("check", "./-d.net").exit_code == 0


def test_a_link_says_where_it_leads_and_is_never_what_was_meant() -> None:
    Path("broken.net").symlink_to("gone.net")
    Path("model.net").write_text(MODEL)
    Path("mode.net").symlink_to("mode.net")
    Path("t.csv").symlink_to("u.csv")
    said = refusal("check", "broken.net")
    assert "cannot read `broken.net`: it is a link to `gone.net`, which is not there" in said
    assert "help: mend the link, or name another file" in said
    said = refusal("check", "mode.net")
    assert "a link in its path leads to itself" in said
    assert "did you mean" not in said
    said = refusal("check", "model.net")
    assert "the data file `t.csv`: it is a link to `u.csv`, which is not there" in said
    assert "help: mend the link, or name another file" in said


def test_a_file_that_is_there_is_no_slip_of_another() -> None:
    Path("model.net").mkdir()
    Path("models.net").write_text(MODEL)
    os.mkfifo("mode.net")
    assert "did you mean" not in refusal("run", "model.net")
    assert "did you mean" not in refusal("run", "mode.net")
    assert "did you mean `models.net`?" in refusal("run", "modes.net")
    assert "did you mean" not in refusal("run", "fifo.net")


def test_a_space_that_cannot_be_seen_is_told() -> None:
    Path("a.net ").write_text(MODEL)
    Path("b.net").write_text(MODEL)
    assert "did you mean `a.net `?" in refusal("check", "a.net")
    assert "did you mean `b.net`?" in refusal("check", " b.net")


def test_no_name_is_no_folder() -> None:
    Path("a.net").write_text("net = Linear(2, 2)\n")
    assert "cannot read ``: it is no file's name" in refusal("check", "")


def test_a_folder_called_as_a_file_is_no_file_of_the_folder_around_it() -> None:
    Path("a.net").write_text("net = Linear(2, 2)\n")
    Path("dir.net").mkdir()
    assert netlang("check", ".").exit_code == 0


@pytest.mark.parametrize("output", ["loop", "loop/x.svg"])
def test_output_to_a_link_that_leads_to_itself_is_told(output: str) -> None:
    Path("loop").symlink_to("loop")
    Path("a.net").write_text("net = Linear(2, 2)\n")
    assert f"cannot write {output}" in refusal("graph", "a.net", "--format", "svg", "-o", output)
    assert Path("loop").is_symlink()


@pytest.mark.slow
def test_without_its_metadata_the_program_knows_its_version() -> None:
    """From a source tree, a zip, or one executable."""
    Path("t.csv").write_text(CLASSES)
    Path("a.net").write_text(MODEL)
    code = (
        "import importlib.metadata as metadata\n"
        "def version(name): raise metadata.PackageNotFoundError(name)\n"
        "metadata.version = metadata.distribution = version\n"
        "from netlang.tools.cli import main; main()"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        [*command, "run", "a.net", "--no-plots"], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    (record,) = Path("runs").glob("*/run.json")
    version = json.loads(record.read_text())["versions"]["netlang"]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    assert done.stdout == f"netlang, version {version}\n"


@pytest.mark.slow
def test_the_package_runs_from_a_zip() -> None:
    """As a wheel is one: what travels with it is inside."""
    with zipfile.ZipFile("netlang.zip", "w") as package:
        for folder, above in (("netlang", ""), ("grammars", "netlang/"), ("models", "netlang/")):
            for file in (ROOT / folder).rglob("*"):
                if file.is_file() and "__pycache__" not in file.parts:
                    package.write(file, f"{above}{file.relative_to(ROOT)}")
    code = (
        "import sys; sys.path.insert(0, 'netlang.zip')\n"
        "import netlang.tools.cli as cli; assert 'zip' in cli.__file__; cli.main()"
    )
    for command in ("init iris", "check iris.net", "check iri.net", "explain E0301", "layers"):
        done = subprocess.run(
            [sys.executable, "-c", code, *command.split()],
            capture_output=True,
            text=True,
            check=False,
        )
        assert "of its own" not in done.stderr
        assert done.returncode == (command == "check iri.net"), done.stderr
