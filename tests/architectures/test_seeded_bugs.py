"""One mistake is told once, with the code it has, where a careful teacher would put the finger.

The mistakes stand in the seeded_bugs.txt of each folder of networks, each with the code and the
place that it should be given.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.source import Span
from netlang.language.syntax import read
from netlang.system.record import Record
from tests.diagnostics import fixed
from tests.together import together

HERE = Path(__file__).parent
FOLDERS = (HERE, HERE / "published", HERE / "further")
EXPECTED = re.compile(r"(\w\d{4}) at (?:(\w+\.net):?)?(\d+)?(?: from (\d+))?")


class Place(NamedTuple):
    file: str
    line: int


class Bug(Record):
    """``file`` of ``folder`` is changed from ``before`` to ``after``, and ``compiled`` is compiled,
    which may import it. The message points ``at`` the change, or has a label ``label`` on it.
    """

    what: str
    folder: Path
    file: str
    compiled: str
    code: str
    at: Place
    label: Place | None
    before: str
    after: str
    fix: bool

    @property
    def changed(self) -> Place:
        """The first line that is another one than before."""
        lines = zip(self.text().split("\n"), self.original().split("\n"), strict=False)
        first = next(number for number, (new, old) in enumerate(lines, 1) if new != old)
        return Place(self.file, first)

    def original(self) -> str:
        return text_of(self.folder / self.file)

    def text(self) -> str:
        return self.original().replace(self.before, self.after, 1)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def bugs(folder: Path) -> Iterator[Bug]:
    file = compiled = ""
    table = re.sub(r"^#.*\n", "", text_of(folder / "seeded_bugs.txt"), flags=re.MULTILINE)
    for entry in table.strip("\n").split("\n\n"):
        what, *lines = entry.strip("\n").split("\n")
        if not lines:
            file, _, compiled = what.partition(" through ")
            compiled = compiled or file
            continue
        expected = EXPECTED.fullmatch(lines[0])
        assert expected, lines[0]
        code, other, line, label = expected.groups()
        yield Bug(
            what,
            folder,
            file,
            compiled,
            code,
            Place(other or file, int(line or 0)),
            Place(file, int(label)) if label else None,
            _after("- ", lines),
            _after("+ ", lines),
            "fix" in lines,
        )


def _after(mark: str, lines: list[str]) -> str:
    return "\n".join(line.removeprefix(mark) for line in lines if line.startswith(mark))


BUGS = [bug for folder in FOLDERS for bug in bugs(folder)]


def diagnosed(bug: Bug, folder: Path, text: str) -> tuple[Diagnostic, ...]:
    """What is wrong where ``text`` stands in the place of the bug's file."""
    copies = folder / bug.folder.name
    if not copies.exists():
        shutil.copytree(bug.folder, copies)
    (copies / bug.file).write_text(text, encoding="utf-8")
    text = text_of(bug.folder / bug.compiled)
    to_run = "\ndata" in text and "\noptimizer" in text
    found = compile_source(read(str(copies / bug.compiled)), to_run=to_run).diagnostics
    (copies / bug.file).write_text(bug.original(), encoding="utf-8")
    return found


def place(span: Span | None) -> Place:
    assert span
    return Place(Path(span.source.name).name, span.first.line)


def named(bug: Bug) -> str:
    return f"{bug.file}: {bug.what}"


@together("bug", BUGS, ids=named)
def test_a_mistake_is_told_once_where_it_was_made(bug: Bug, tmp_path: Path) -> None:
    (found,) = diagnosed(bug, tmp_path, bug.text())
    assert found.code == bug.code
    at = place(found.span)
    assert at == (bug.at if bug.at.line else Place(bug.at.file, at.line))
    if bug.label:
        assert bug.label in [place(label.span) for label in found.labels]
    assert bool(found.fixes) == bug.fix


@together("bug", [bug for bug in BUGS if bug.fix], ids=named)
def test_a_fix_leaves_no_error(bug: Bug, tmp_path: Path) -> None:
    (found,) = diagnosed(bug, tmp_path, bug.text())
    assert {place(fix.span).file for fix in found.fixes} == {bug.file}
    after = diagnosed(bug, tmp_path, fixed(found.fixes).text)
    assert not any(other.is_error for other in after)


def test_each_mistake_stands_where_the_table_says_and_in_one_place_alone() -> None:
    for bug in BUGS:
        assert bug.original().count(bug.before) == 1, bug.what
        assert bug.changed == (bug.label or bug.at), bug.what
