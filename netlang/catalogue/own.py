"""Items of one's own: classes of a Python file, a plugin, or of the interpreter.

A plugin is named on the command line, or by whoever calls netlang from Python; a .net file cannot
name one, as its text never runs code. From then on its items are in the catalogue.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from netlang.catalogue import library, registry
from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.items import Item
from netlang.catalogue.plugin_files import read_plugin, run_plugin, span_of_error, span_of_line
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.plugins import (
    OwnItemUnfit,
    PluginChanged,
    PluginEmpty,
    PluginNameTaken,
)
from netlang.language.diagnostics.wording import in_code, listed
from netlang.language.source import SourceFile, Span
from netlang.system.record import Record


class Plugin(Record):
    """The Python file ``source`` as it was read and run, and the ``items`` that it has."""

    source: SourceFile
    items: tuple[type[Item], ...]

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return Path(self.source.name).name


_plugins: list[Plugin] = []  # those that are in use


def in_use() -> Sequence[Plugin]:
    """The plugins whose items the catalogue has, in the order in which they were named."""
    return tuple(_plugins)


def use_plugin(path: str | Path) -> Plugin:
    """Run a Python file, and put its items into the catalogue.

    One that was used before is run again, as it is now. Raises NetError for a file that cannot be
    read or fails, for one without items, and where a name is taken.
    """
    source = read_plugin(str(path))
    for before in [one for one in _plugins if one.source.path == source.path]:
        leave_plugin(before)
    plugin = Plugin(source, tuple(_items_of(run_plugin(source), source)))
    for item in plugin.items:
        registry.add(item)
    _plugins.append(plugin)
    return plugin


def leave_plugin(plugin: Plugin) -> None:
    """Take its items out of the catalogue, if it is still in use."""
    if plugin in _plugins:
        _plugins.remove(plugin)
        for item in plugin.items:
            registry.remove(item)


@contextmanager
def plugins_used(paths: Iterable[str | Path]) -> Iterator[None]:
    """Use plugins for a while, as ``use_plugin`` does each."""
    used: list[Plugin] = []
    try:
        used.extend(map(use_plugin, paths))
        yield
    finally:
        for plugin in used:
            leave_plugin(plugin)


def use_interpreter(text: str = "") -> None:
    """Put those classes into the catalogue that were defined in the interpreter, in a notebook or
    in the script that is run; of two with the same name, the later one. A class that is called as
    something of netlang's is left to Python.

    Raises NetError where ``text`` names one that a file cannot make.
    """
    own = {item.name: item for item in _subclasses(Item) if item.__module__ == "__main__"}
    for name, item in own.items():
        is_named = re.search(rf"\b{re.escape(name)}\b", text) is not None
        if owner := _owner(item):
            if is_named:
                ours = (
                    f"`{name}` is {owner[1]}'s own {owner[0]} here, not the class that you defined"
                )
                warnings.warn(f"{ours}: give the class another name", stacklevel=3)
            continue
        if is_named and (unfit := _unfit(item)):
            raise NetError(OwnItemUnfit(None, name, *unfit))
        registry.add(item)


def plugins_of(types: Iterable[type]) -> tuple[Plugin, ...]:
    """Those of the plugins in use that any of the classes ``types`` comes from."""
    found = {*types}
    return tuple(one for one in _plugins if not found.isdisjoint(one.items))


def trained_without(kept: Mapping[str, str]) -> tuple[str, ...]:
    """The names of those plugins that are not in use, of the ``kept`` ones that something was
    trained with, by name, each with its SHA-256.
    """
    names = {plugin.name for plugin in _plugins}
    return tuple(name for name in kept if name not in names)


def changed_since(kept: Mapping[str, str], trained: str) -> tuple[Diagnostic, ...]:
    """Warnings of the plugins in use that are not as they were when ``trained`` was trained."""
    return tuple(
        PluginChanged(None, plugin.source.name, trained)
        for plugin in _plugins
        if plugin.name in kept and kept[plugin.name] not in _hashes(plugin.source)
    )


def hash_of(text: str) -> str:
    """The SHA-256 of a plugin's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _hashes(source: SourceFile) -> tuple[str, ...]:
    file = (source.fingerprint.sha256,) if source.fingerprint else ()
    return (hash_of(source.text), *file)


def is_own(item: type[Item]) -> bool:
    """Whether a class is none of netlang's."""
    return not item.__module__.startswith("netlang.")


def where(item: type[Item]) -> Span | None:
    """The line in which a plugin that is in use defines its class."""
    for plugin in _plugins:
        if item in plugin.items:
            return _definition(item, plugin.source)
    return None


def place_of(error: BaseException) -> Span | None:
    """The innermost line of a plugin in use that an error was raised in, or through; None if it
    came through none.
    """
    sources = {str(one.source.path): one.source for one in _plugins}
    return span_of_error(error, sources)


def _items_of(module: ModuleType, source: SourceFile) -> Iterator[type[Item]]:
    """The items that the module defines, and those that it imports from modules of one's own.

    Raises NetError where it has none, and where a name is taken.
    """
    classes = [one for one in vars(module).values() if inspect.isclass(one)]
    items = [one for one in classes if issubclass(one, Item) and is_own(one) and not one.abstract]
    found = {one.name: one for one in items}
    if not found:
        raise NetError(PluginEmpty(None, source.name))
    for item in found.values():
        if taken := _owner(item):
            span = _definition(item, source)
            raise NetError(PluginNameTaken(span, source.name, item.name, *taken))
        if unfit := _unfit(item):
            raise NetError(OwnItemUnfit(_definition(item, source), item.name, *unfit))
        yield item


def _unfit(item: type[Item]) -> tuple[str, str] | None:
    """Why a file could not make an item, and what to do about it; None if it could."""
    if lacking := sorted(getattr(item, "__abstractmethods__", ())):
        lacks = listed(in_code(lacking))
        return f"has no {lacks}", f"write {lacks}: CONTRIBUTING.md shows a layer of one's own"
    declared = {one.attribute for one in item.arguments}
    for name, annotation in inspect.get_annotations(item).items():
        text = getattr(annotation, "__name__", str(annotation))
        if text in VALUE_TYPES and name not in declared:
            has = f"has `{name}: {text}`, which is no argument without `arg`"
            return has, f'write `{name}: {text} = arg(default=..., doc="...")`'
    if "__init__" in vars(item):
        parameters = [*inspect.signature(vars(item)["__init__"]).parameters][1:]
        if strange := [one for one in parameters if one not in declared]:
            first = strange[0]
            takes = f"takes `{first}` by an `__init__` of its own, which a file does not call"
            return takes, f"write `{first}: float = arg()` in its body; `prepare` sets up the rest"
    return None


def _owner(item: type[Item]) -> tuple[str, str] | None:
    """What has the item's name already, and whose that is; None if it is free, or of the same
    kind of an earlier run of the interpreter's text.
    """
    if item.name in library.NAMES:
        return "block", "netlang"
    other = registry.ITEMS.get(item.name)
    plugin = next((one for one in _plugins if other in one.items), None)
    if other is None or (is_own(other) and plugin is None):
        return None
    return other.kind, f"the plugin `{plugin.name}`" if plugin else "netlang"


def _subclasses(kind: type[Item]) -> Iterator[type[Item]]:
    for item in kind.__subclasses__():
        if not item.abstract:
            yield item
        yield from _subclasses(item)


def _definition(item: type[Item], source: SourceFile) -> Span | None:
    """The line of ``source`` that begins a class; None where it is defined elsewhere."""
    for number, line in enumerate(source.text.splitlines(), 1):
        words = line.strip().split("(", 1)[0].split(":", 1)[0].split()
        if words == ["class", item.__name__]:
            return span_of_line(source, number)
    return None
