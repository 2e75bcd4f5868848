"""E0410, E0501 to E0504: paths that may not be read, and files that cannot be."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Message, Texts
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import circle
from netlang.language.paths import Gone, OutOfBounds
from netlang.language.source import Span

_BESIDE = "put the file beside the .net file, or in a folder beside it"


class ForbiddenPath(Diagnostic):
    """With ``outside``, the path leads to another folder, which the command line could allow.

    ``beside`` is a file of the same name that the .net file may read.
    """

    code = "E0410"
    path: str
    reason: str
    outside: bool
    beside: str | None = None

    def message(self) -> Message:
        return Message(
            title=f"the path `{self.path}` {self.reason}",
            label="a file reads only what lies in its own folder",
            helps=self._helps(),
        )

    def _helps(self) -> Texts:
        if self.beside and self.span:
            return f"write `{self.span.text.replace(self.path, self.beside)}`, which is there"
        if not self.path.isprintable():
            return r"in a string, `\n` is a line break and `\t` a tab: write `/` between folders"
        allow = "or allow its folder on the command line: `--allow FOLDER`"
        return (_BESIDE, allow if self.outside else None)


class NotAsInRun(Diagnostic):
    """A text that the folder ``run`` keeps names ``path``, by which the run read ``file_read``."""

    code = "E0410"
    path: str
    file_read: str
    changed: bool
    run: str

    def message(self) -> Message:
        title = (
            f"the path `{self.path}` was `{self.file_read}` in the run, and is not there any more"
        )
        if self.changed:
            title = f"the file `{self.file_read}` has been changed since the run has read it"
        return Message(
            title=title,
            label="the text of a run reads what the run has read",
            helps=("put it back as it was in the run", f"or {_BESIDE}", self._measure()),
        )

    def _measure(self) -> str | None:
        """How the run's model is measured on the file as it is now, if it may be its data."""
        if not self.changed or not self.span or self.file_read.endswith(".net"):
            return None
        eval = f"`netlang eval {shell_word(self.run)} {shell_word(self.file_read)}`"
        return f"or measure the run's model on it as it is: {eval}"


def unreachable(
    problem: OutOfBounds | Gone, span: Span | None, path: str, beside: str | None = None
) -> Diagnostic:
    """The diagnostic for a ``path`` that ``paths.locate`` refuses."""
    if isinstance(problem, Gone):
        run = str(span.source.folder) if span else ""
        return NotAsInRun(span, path, str(problem.file), problem.changed, run)
    return ForbiddenPath(span, path, str(problem), problem.outside, beside)


class AboutAFile(Diagnostic):
    """The file ``path`` cannot be used. An import, at ``span``, names it, or the command line."""

    path: str

    @property
    def file(self) -> str:
        return self.span.source.name if self.span else self.path


class Unreadable(AboutAFile):
    code = "E0501"
    reason: str
    help: str | None = None

    def message(self) -> Message:
        relative = "an import's path is relative to the folder of the file that names it"
        named = "name a `.net` file, or `-` for standard input"
        return Message(
            title=f"cannot read `{self.path}`: {self.reason}",
            helps=self.help or (relative if self.span else named),
        )


class FileTooLarge(AboutAFile):
    code = "E0502"
    limit: str
    help: str = "a model file is text, a few lines long; is this one?"

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` is larger than {self.limit}",
            helps=self.help,
        )


class ImportCycle(Diagnostic):
    """The file ``path`` imports a file that imports it, directly or ``through`` others."""

    code = "E0503"
    path: str
    through: tuple[str, ...]

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` is imported by itself",
            label="closes the circle",
            notes=f"the circle is {circle(self.through)}" if len(self.through) > 1 else None,
            helps="put what both files need into a third, and import that",
        )


class TooManyImports(Diagnostic):
    code = "E0504"
    limit: int

    def message(self) -> Message:
        return Message(
            title=f"a file imports more than {self.limit} others",
            label="one too many",
            helps="put blocks that belong together into one file",
        )
