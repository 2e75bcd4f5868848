"""E05xx: files that cannot be read."""

from __future__ import annotations

from netlang.language.diagnostics.diagnostic import Diagnostic, Message
from netlang.language.diagnostics.wording import circle


class _AboutAFile(Diagnostic):
    """The file ``path`` cannot be used. An import, at ``span``, names it, or the command line."""

    path: str

    @property
    def file(self) -> str:
        return self.span.source.name if self.span else self.path


class Unreadable(_AboutAFile):
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


class FileTooLarge(_AboutAFile):
    code = "E0502"
    limit: str

    def message(self) -> Message:
        return Message(
            title=f"`{self.path}` is larger than {self.limit}",
            helps="a model file is text, a few lines long; is this one?",
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
