"""A plugin is a file of Python: it is read, and run as a module; an error tells its line in it."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, ModuleType

from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.files import Unreadable
from netlang.language.diagnostics.messages.plugins import PluginFails
from netlang.language.diagnostics.suggest import nearest
from netlang.language.source import SourceFile, Span
from netlang.language.syntax.read import TEXT_LIMIT, decode
from netlang.system.files import (
    Irregular,
    TooLarge,
    files_beside,
    read_regular,
    why_unreadable,
)

_ROOM = "netlang_plugins"  # the module's name begins so, which no other module's does


def read_plugin(path: str) -> SourceFile:
    """The text of a plugin.  Raises NetError for what is no file of Python."""
    file, help = Path(path), "name a file of Python, such as `mylayers.py`"
    try:
        data = read_regular(file, TEXT_LIMIT)
    except (Irregular, TooLarge):
        raise NetError(Unreadable(None, path, "it is no plugin", help)) from None
    except (OSError, ValueError) as error:
        reason, _ = why_unreadable(file, error)
        near = nearest(file.name, [one for one in files_beside(file) if one.endswith(".py")])
        meant = f"did you mean `{file.with_name(near)}`?" if near else help
        raise NetError(Unreadable(None, path, reason, meant)) from None
    if file.suffix != ".py":
        raise NetError(Unreadable(None, path, "a plugin is a file of Python, `.py`", help))
    return decode(data, path, file.resolve())


class _Loader(importlib.machinery.SourceFileLoader):
    """Gives Python the text that was read, and leaves no compiled file beside it."""

    def __init__(self, name: str, source: SourceFile) -> None:
        super().__init__(name, str(source.path))
        self._text = source.text

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self._text.encode(), self.path)


def run_plugin(source: SourceFile) -> ModuleType:
    """The plugin as a module.  Raises NetError where it fails."""
    assert source.path
    sources = {str(source.path): source}
    name = f"{_ROOM}.{source.path.stem}"
    spec = importlib.util.spec_from_loader(name, _Loader(name, source), origin=str(source.path))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(source.path)
    sys.modules[name] = module  # where Python looks names up that annotations have as text
    if (folder := str(source.path.parent)) not in sys.path:
        sys.path.append(folder)  # for what it imports from beside it
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        own = error.filename == str(source.path) and error.lineno
        span = span_of_line(source, error.lineno or 1) if own else span_of_error(error, sources)
        raise NetError(PluginFails(span, source.name, said(error))) from None
    except (Exception, SystemExit) as error:
        span = span_of_error(error, sources)
        raise NetError(PluginFails(span, source.name, said(error))) from None
    return module


def span_of_error(error: BaseException, sources: Mapping[str, SourceFile]) -> Span | None:
    """The innermost line of the ``sources``, which are named by their paths, that an error was
    raised in, or through; None if it came through none.
    """
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if frame.filename in sources and frame.lineno:
            return span_of_line(sources[frame.filename], frame.lineno)
    return None


def span_of_line(source: SourceFile, number: int) -> Span:
    """The text of a line, without the spaces around it."""
    text = source.line(number)
    start = source.offset(number) + len(text) - len(text.lstrip())
    return Span(source, start, start + len(text.strip()))


def said(error: BaseException) -> str:
    """An error as Python says it, in one line."""
    return " ".join(traceback.format_exception_only(error)[-1].split())
