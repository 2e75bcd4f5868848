"""E05xx: files that cannot be read."""

from __future__ import annotations

from typing import ClassVar

from netlang.language.diagnostics.diagnostic import Diagnostic


class Unreadable(Diagnostic):
    code: ClassVar = "E0501"
    path: str
    reason: str
    help: str | None = None

    @property
    def file(self) -> str:
        return self.span.source.name if self.span else self.path

    @property
    def title(self) -> str:
        return f"cannot read `{self.path}`: {self.reason}"

    @property
    def helps(self) -> tuple[str, ...]:
        if self.span and not self.help:
            return ("an import's path is relative to the folder of the file that names it",)
        return (self.help or "name a `.net` file, or `-` for standard input",)


class FileTooLarge(Diagnostic):
    code: ClassVar = "E0502"
    path: str
    limit: str

    @property
    def file(self) -> str:
        return self.span.source.name if self.span else self.path

    @property
    def title(self) -> str:
        return f"`{self.path}` is larger than {self.limit}"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("a model file is text, a few lines long; is this one?",)


class ImportCycle(Diagnostic):
    """``path`` is a file that imports, itself or through others, the one it is imported by."""

    code: ClassVar = "E0503"
    path: str
    through: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"`{self.path}` is imported by itself"

    @property
    def label(self) -> str:
        return "closes the circle"

    @property
    def notes(self) -> tuple[str, ...]:
        if len(self.through) < 2:
            return ()
        return ("the circle is " + " -> ".join((*self.through[:8], self.through[0])),)

    @property
    def helps(self) -> tuple[str, ...]:
        return ("put what both files need into a third, and import that",)


class TooManyImports(Diagnostic):
    code: ClassVar = "E0504"
    limit: int

    @property
    def title(self) -> str:
        return f"a file imports more than {self.limit} others"

    @property
    def label(self) -> str:
        return "one too many"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("put blocks that belong together into one file",)
