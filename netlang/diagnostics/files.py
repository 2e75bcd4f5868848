"""E05xx: files that cannot be read."""

from __future__ import annotations

from typing import ClassVar

from netlang.diagnostics.diagnostic import Diagnostic


class Unreadable(Diagnostic):
    code: ClassVar = "E0501"
    path: str
    reason: str
    help: str | None = None

    @property
    def file(self) -> str:
        return self.path

    @property
    def title(self) -> str:
        return f"cannot read `{self.path}`: {self.reason}"

    @property
    def helps(self) -> tuple[str, ...]:
        return (self.help or "name a `.net` file, or `-` for standard input",)


class FileTooLarge(Diagnostic):
    code: ClassVar = "E0502"
    path: str
    limit: str

    @property
    def file(self) -> str:
        return self.path

    @property
    def title(self) -> str:
        return f"`{self.path}` is larger than {self.limit}"

    @property
    def helps(self) -> tuple[str, ...]:
        return ("a model file is text, a few lines long; is this one?",)
