"""These functions find the files, names, models and codes that complete a word in a shell."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from click import Context, Parameter
from click.shell_completion import CompletionItem


def net_paths(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """The .net files and folders whose path begins like ``incomplete``."""
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


def item_names(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the catalogue, the library and the settings that begin like ``incomplete``."""
    from netlang.catalogue import library, registry
    from netlang.catalogue.settings import SETTINGS

    kinds = {name: item.kind for name, item in registry.ITEMS.items()}
    kinds |= dict.fromkeys(library.NAMES, "block")
    kinds |= dict.fromkeys(SETTINGS, "setting")
    return [CompletionItem(name, help=kinds[name]) for name in _beginning(incomplete, kinds)]


def models(context: Context, parameter: Parameter, incomplete: str) -> list[str]:
    """The names of what comes with netlang: models, the folder of exercises, the notebook."""
    from netlang.system import shipped

    return _beginning(incomplete, [*shipped.files_in("models", ".net"), "exercises", "notebook"])


def message_codes(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes of messages, with what they are about."""
    from netlang.language.diagnostics.pages import codes, page

    return [CompletionItem(code, help=page(code).title) for code in _beginning(incomplete, codes())]


def _beginning(incomplete: str, words: Iterable[str]) -> list[str]:
    """Those of ``words`` that begin like ``incomplete``, in any case."""
    return sorted(word for word in words if word.casefold().startswith(incomplete.casefold()))
