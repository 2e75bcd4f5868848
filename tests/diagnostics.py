"""All kinds of messages, and a text after the fixes of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules

from netlang.language.diagnostics import Diagnostic, Fix, messages
from netlang.language.source import SourceFile

for _module in iter_modules(messages.__path__):
    import_module(f"{messages.__name__}.{_module.name}")


def kinds(above: type[Diagnostic] = Diagnostic) -> Iterator[type[Diagnostic]]:
    """The subclasses with a code, apart from those of tests."""
    for kind in above.__subclasses__():
        if kind.code and kind.__module__.startswith("netlang."):
            yield kind
        yield from kinds(kind)


def fixed(fixes: Sequence[Fix]) -> SourceFile:
    """The file that the ``fixes`` are for, after all of them."""
    source = fixes[0].span.source
    text = source.text
    for fix in sorted(fixes, key=lambda fix: fix.span.start, reverse=True):
        text = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    return source.with_text(text)
