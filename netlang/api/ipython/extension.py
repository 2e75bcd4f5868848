"""``%load_ext netlang`` gives a shell of IPython the magics, and completion in their cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from netlang.api.ipython.completion import completions
from netlang.api.ipython.magic import NetMagic
from netlang.api.notebook.objects import error_html, program_html, result_html
from netlang.compiler.ir import Program
from netlang.language.diagnostics import NetError
from netlang.runs.training.events import Finished

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

_MAGIC = "net"
# What stands in rooms below, and cannot know of notebooks itself.
_SHOWS: Mapping[type, Callable[[Any], str]] = {
    Finished: result_html,
    NetError: error_html,
    Program: program_html,
}


def load(shell: InteractiveShell) -> None:
    magic = NetMagic(shell)
    register: Any = shell.register_magic_function  # it has no types
    register(magic.cell, "cell", _MAGIC)
    register(magic.line, "line", _MAGIC)
    unload(shell)
    shell.Completer.custom_matchers.append(_matcher())
    shown: Any = shell.display_formatter
    html = shown.formatters["text/html"]
    for kind, shows in _SHOWS.items():
        html.for_type(kind, shows)


def unload(shell: InteractiveShell) -> None:
    """Complete no more; magics that nobody writes disturb nobody."""
    others = [one for one in shell.Completer.custom_matchers if not _is_own(one)]
    shell.Completer.custom_matchers[:] = others


def _matcher() -> Any:
    from IPython.core.completer import context_matcher

    return context_matcher(identifier=f"netlang.%%{_MAGIC}")(complete)


def _is_own(matcher: Any) -> bool:
    return getattr(matcher, "matcher_identifier", "").startswith("netlang.")


def complete(context: CompletionContext) -> SimpleMatcherResult:
    """What completes a word of a cell of netlang, in which no word of Python does."""
    from IPython.core.completer import SimpleCompletion

    head, line_break, text = context.full_text.partition("\n")
    is_own = head.split()[:1] == [f"%%{_MAGIC}"] and bool(line_break) and context.cursor_line > 0
    if not is_own:
        return {"completions": []}
    above = text.split("\n")[: context.cursor_line - 1]
    cursor = sum(len(line) + 1 for line in above) + context.cursor_position
    found = completions(text, cursor)
    each = [SimpleCompletion(text=word, type=kind) for word, kind in found.items()]
    return {"completions": each, "suppress": True}
