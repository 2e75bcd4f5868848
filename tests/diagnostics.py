"""All kinds of messages, and a text after the fixes of one."""

from __future__ import annotations

from collections import Counter
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


def mistakes(found: Sequence[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((one.code, one.title) for one in found)


def is_mended(before: Sequence[Diagnostic], after: Sequence[Diagnostic], made: int) -> bool:
    """Whether a text with so many fixes ``made`` has fewer mistakes, and no other: only one that
    has fewer errors may have warnings that nobody could see before.
    """
    errors = [mistakes([one for one in told if one.is_error]) for told in (before, after)]
    if errors[1] < errors[0]:
        return made > 0
    left = mistakes(after)
    return left <= mistakes(before) and left.total() <= mistakes(before).total() - (made > 0)


def fixed(fixes: Sequence[Fix]) -> SourceFile:
    """The file that the ``fixes`` are for, after all of them."""
    source = fixes[0].span.source
    text = source.text
    for fix in sorted(fixes, key=lambda fix: fix.span.start, reverse=True):
        text = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
    return source.with_text(text)
