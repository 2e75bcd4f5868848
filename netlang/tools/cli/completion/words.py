"""A shell completes files, names of the catalogue, models and codes with these."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def net_paths(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The .net files and folders whose path begins like ``incomplete``."""
    from click.shell_completion import CompletionItem

    head, slash, begin = incomplete.rpartition("/")
    head += slash
    try:
        entries = sorted(Path(head).expanduser().iterdir())
    except (OSError, RuntimeError):  # a home that nobody has
        return []
    found = []
    for path in entries:
        hidden = path.name.startswith(".") and not begin
        if hidden or not path.name.startswith(begin) or "\n" in path.name:
            continue
        if path.is_dir():
            found.append(f"{head}{path.name}/")
        elif path.suffix == ".net":
            found.append(f"{head}{path.name}")
    return [CompletionItem(path, type="path") for path in found]


def catalogue_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of the catalogue, the library and the settings that begin like ``incomplete``."""
    from click.shell_completion import CompletionItem

    from netlang.catalogue import library, registry
    from netlang.catalogue.settings import SETTINGS

    kinds = {name: item.kind for name, item in registry.ITEMS.items()}
    kinds |= dict.fromkeys(library.NAMES, "block")
    kinds |= dict.fromkeys(SETTINGS, "setting")
    return [
        CompletionItem(name, help=kind)
        for name, kind in sorted(kinds.items())
        if name.lower().startswith(incomplete.lower())
    ]


def models(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The names of the models that come with netlang."""
    from netlang.system import shipped

    return [name for name in shipped.files_in("models", ".net") if name.startswith(incomplete)]


def message_codes(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The codes of messages, with what they are about."""
    from click.shell_completion import CompletionItem

    from netlang.language.diagnostics.explain import codes, page

    found = [code for code in codes() if code.startswith(incomplete.upper())]
    return [CompletionItem(code, help=page(code).title) for code in found]
