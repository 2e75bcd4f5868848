"""What texts for people refer to is there: files, rooms, codes, commands and their options."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from netlang.tools.cli.group import cli
from tests.diagnostics import kinds
from tests.paths import ROOT
from tests.together import together

PAPERS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
PAGES = sorted((ROOT / "netlang" / "language" / "diagnostics" / "pages").glob("*.md"))
MODULES = sorted((ROOT / "netlang").rglob("*.py"))
SCRIPTS = sorted((ROOT / ".ci").glob("*"))
FILES = {
    str(path.relative_to(ROOT))
    for top in ("netlang", "tests", "models", "grammars", ".ci", "*.md", "*.txt", "*.toml")
    for found in ROOT.glob(top)
    for path in [found, *found.rglob("*")]
}
# In capitals, or in a folder of the checkout, a name can be no example.
CITED = re.compile(
    r"\b[A-Z]{3,}\.md\b|(?<![\w/.~-])(?:netlang|tests|models|grammars|\.ci)/[\w./-]*[\w/]"
)
MADE = re.compile(r"models/(m|bad)\.net")  # in examples of messages and of commands
SHELL = re.compile(r"^```(?:sh)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PROMPT = r"(?:\$ |.*&& )?netlang [a-z-]+\b"
COMMAND = re.compile(r"netlang ([a-z]+(?:-[a-z]+)*)((?: [^\s`|&]+)*)")


def prose(path: Path) -> str:
    """The comments and docstrings of a module, or all of another text."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join(
        token.string
        for token in tokens
        if token.type == tokenize.COMMENT or token.string.startswith(('"""', 'r"""'))
    )


def commands(text: str) -> list[tuple[str, str]]:
    """Those in backticks or in blocks of shell, each with what follows it."""
    blocks = [line for block in SHELL.findall(text) for line in block.splitlines()]
    shown = re.findall(r"`(?:eval \"\$\()?(netlang [^`]+)`", SHELL.sub("", text))
    typed = [line[line.index("netlang ") :] for line in blocks if re.match(PROMPT, line)]
    return [found for line in (*shown, *typed) for found in COMMAND.findall(line)]


def cited(text: str) -> set[str]:
    return {name for name in CITED.findall(text) if not MADE.fullmatch(name)}


def is_there(name: str) -> bool:
    """Whether it is a file, a folder, or the beginning of one's name: ``figure2`` of its png."""
    return any(file == name.rstrip("/") or file.startswith(f"{name}.") for file in FILES)


def each(paths: list[Path]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return together("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


@each([*PAPERS, *PAGES, *MODULES, *SCRIPTS])
def test_the_files_that_a_text_names_are_there(path: Path) -> None:
    assert not [name for name in cited(prose(path)) if not is_there(name)]


def test_pages_and_modules_are_among_the_texts() -> None:
    assert len(PAGES) > 50
    assert len(MODULES) > 100


def test_the_search_for_files_finds_what_is_not_there() -> None:
    found = cited("see DESIGN.md, `netlang/no.py` and netlang/tools/cli/commands/run.py")
    assert [name for name in sorted(found) if not is_there(name)] == ["DESIGN.md", "netlang/no.py"]


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", PAPERS[0].read_text(encoding="utf-8"))
    assert links
    for link in links:
        if not link.startswith("http"):
            file, _, heading = link.partition("#")
            path = ROOT / file if file else PAPERS[0]
            assert path.exists(), link
            assert not heading or heading in headings(path), link


def headings(path: Path) -> set[str]:
    """The headings of a text, as links name them."""
    return {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
    }


@each([*PAPERS, *PAGES, *MODULES])
def test_the_codes_that_a_text_names_are_those_of_messages(path: Path) -> None:
    codes = {kind.code for kind in kinds()}
    assert {*re.findall(r"\b[EW]0\d{3}\b", path.read_text(encoding="utf-8"))} <= codes


def test_contributing_lists_every_room_and_no_other() -> None:
    table = PAPERS[1].read_text(encoding="utf-8").partition("| room |")[2].partition("\n\n")[0]
    rows = [re.findall(r"`([\w/.]+(?:/|\.py))`", row) for row in table.splitlines()]
    rooms = {room: inner for room, *inner in filter(None, rows)}
    missing = [
        f"{room}{name}"
        for room, inner in rooms.items()
        for name in ("", *inner)
        if not is_there(f"netlang/{room}{name}")
    ]
    assert not missing
    folders = {
        path.name for path in (ROOT / "netlang").iterdir() if (path / "__init__.py").is_file()
    }
    assert folders == {name.rstrip("/") for name in rooms}


@each([*PAPERS, *PAGES])
def test_the_commands_that_a_text_names_are_commands_with_these_options(path: Path) -> None:
    context = click.Context(cli)
    for name, rest in commands(path.read_text(encoding="utf-8")):
        command = cli.get_command(context, name)
        assert command, name
        options = {one for given in command.params for one in (*given.opts, *given.secondary_opts)}
        used = {word.partition("=")[0] for word in rest.split() if word.startswith("-")}
        assert used - {"-", "--help", "--"} <= options, (name, used)


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_the_commands_that_help_names_are_commands(name: str) -> None:
    known = cli.list_commands(click.Context(cli))
    command = cli.get_command(click.Context(cli), name)
    assert command
    for line in (command.help or "").splitlines():
        shown = re.findall(r"^\s*netlang ([a-z-]+)|`netlang ([a-z-]+)", line)
        assert {first or second for first, second in shown} <= {*known}
