"""Settings on the command line, as they are typed into a shell."""

from __future__ import annotations

from netlang.language.source import Span


def typed(override: str) -> str:
    """The option that makes the ``override``, as a message shows it."""
    return f"`--set {shell_word(override)}`"


def shell_word(text: str) -> str:
    """``text`` as one word of a shell: as it is, or in single quotes."""
    import shlex  # which only messages need

    return shlex.quote(text)


def quotes_kept(span: Span, written: str, whole: str | None = None) -> str:
    """What to say of ``span`` in an override if a shell took its double quotes away; ``written``
    has them. If more than the span is wrong, ``whole`` is the override as it seems to be meant.
    """
    text = span.source.text
    meant = whole or f"{text[: span.start]}{written}{text[span.end :]}"
    return f"a shell takes double quotes away: put single ones around all of it, {typed(meant)}"
