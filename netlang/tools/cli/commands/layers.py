"""``netlang layers`` lists the catalogue and the library."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import click

from netlang.catalogue import library, registry
from netlang.catalogue.arguments import as_source
from netlang.catalogue.foreign import help_for
from netlang.catalogue.items import Item
from netlang.catalogue.library import LibraryBlock
from netlang.catalogue.settings import SETTINGS, Setting
from netlang.language.diagnostics.wording import listed
from netlang.system.record import Record
from netlang.system.terminal import aligned
from netlang.tools.cli.completion.words import item_names
from netlang.tools.cli.output.json_answers import json_option, print_json

_FOR_A_PARAMETER = "a number, a string, a list or a network"
_TITLES = {
    "layer": "layers",
    "block": "library blocks",
    "loss": "losses",
    "optimizer": "optimizers",
    "schedule": "schedules",
    "penalty": "penalties",
    "clipping": "clippings",
    "average": "averages",
    "data set": "data sets",
    "augmentation": "augmentations",
    "metric": "metrics",
    "stopping rule": "stopping rules",
    "setting": "settings",
}
_WIDEST = 44  # columns of a signature in the list
_MORE = ", ...)"  # of the arguments


@click.command("layers")
@click.argument("name", required=False, shell_complete=item_names)
@json_option
@click.option("--targets", is_flag=True, help="List what C and PyTorch can say, and what not.")
def command(name: str | None, as_data: bool, targets: bool) -> None:
    """List what a file can name, or show one NAME of it.

    That is layers, blocks, losses, optimizers, data sets, metrics, stopping rules and settings. A
    NAME, in any case, is shown with all its arguments, and a block with its text.

    \b
    Example:
        netlang layers Linear
    """
    if targets:
        if name is not None:
            raise click.UsageError("--targets lists everything, and takes no NAME.")
        _show_targets(as_data)
        return
    entries = {entry.name: entry for entry in _entries()}
    if name is None:
        if as_data:
            print_json([entry.as_data for entry in entries.values()])
        else:
            click.echo(_list(entries.values()))
        return
    entry, *others = (entries[one] for one in _named(name, entries))
    if as_data:
        print_json(entry.as_data)
        return
    click.echo(entry.page)
    if others:
        also = [f"the {other.kind} `{other.name}`" for other in others]
        click.echo(f"\nThere is also {listed(also)}.")


class _Entry(Record):
    """Something that a file can name. ``more`` and ``text`` are what only its kind has."""

    name: str
    kind: str
    signature: str
    doc: str
    more: Mapping[str, object]
    text: str = ""

    @property
    def page(self) -> str:
        kind = "library block" if self.kind == "block" else self.kind
        parts = f"{self.signature}   ({kind})", self.doc, self.text
        return "\n\n".join(filter(None, parts)).replace("``", "`")

    @property
    def call(self) -> str:
        """Its signature, with those of its arguments that have room in the list."""
        if len(self.signature) <= _WIDEST:
            return self.signature
        kept = self.signature.removesuffix(")")
        while len(kept) + len(_MORE) > _WIDEST and ", " in kept:
            kept = kept.rpartition(", ")[0]
        return kept + _MORE

    @property
    def about(self) -> str:
        """The first line of its text, and the others that its last sentence goes on in."""
        line, *others = self.doc.partition("\n\n")[0].split("\n")
        for other in others:
            if line.endswith("."):
                break
            end, stop, _ = other.partition(". ")
            line += f" {end}{stop.strip()}"
        return line.replace("``", "`")

    @property
    def as_data(self) -> dict[str, object]:
        return {"name": self.name, "kind": self.kind, "doc": self.doc, **self.more}


def _entries() -> Iterator[_Entry]:
    for kind in _TITLES:
        if kind == "block":
            yield from map(_block, library.blocks().values())
        elif kind == "setting":
            yield from map(_setting, SETTINGS.values())
        else:
            yield from map(_item, registry.items(kind))


def _item(item: type[Item]) -> _Entry:
    arguments = [
        _argument(one.name, None if one.required else as_source(one.default), one.expects, one.doc)
        for one in item.arguments
    ]
    lines = [f"  {one.name}: {one.expects}\n      {one.doc}" for one in item.arguments]
    text = "\n".join(["arguments:", *lines]) if lines else ""
    more = {"arguments": arguments}
    return _Entry(item.name, item.kind, item.signature(), item.about, more, text)


def _block(block: LibraryBlock) -> _Entry:
    arguments = [
        _argument(one.name.name, one.default.span.text if one.default else None, _FOR_A_PARAMETER)
        for one in block.parameters
    ]
    more = {"arguments": arguments, "text": block.text}
    return _Entry(block.name, "block", block.signature, block.about, more, block.text)


def _argument(name: str, default: str | None, expects: str, doc: str = "") -> dict[str, object]:
    required = default is None
    return {"name": name, "required": required, "default": default, "expects": expects, "doc": doc}


def _setting(setting: Setting) -> _Entry:
    argument = setting.argument
    expects = argument.expects if argument else setting.expects
    default = as_source(argument.default) if argument else None
    text = f"takes {expects}; by default {default}" if argument else ""
    more = {"default": default, "expects": expects}
    return _Entry(setting.name, "setting", setting.name, setting.doc, more, text)


def _named(written: str, known: Iterable[str]) -> list[str]:
    """The names that ``written`` stands for, in any case. One that is spelt so comes first.

    Raises click.UsageError where it is nothing, or one of several.
    """
    alike = [name for name in known if _plain(name) == _plain(written)]
    if written in alike:
        return sorted(alike, key=lambda name: name != written)
    if len(alike) == 1:
        return alike
    problem = f"There is nothing called {written!r}"
    if not alike and (help := help_for(_without_call(written), re.IGNORECASE)):
        raise click.UsageError(f"{problem}: {help}.")
    meant = " or ".join(alike) or registry.suggest(written, SETTINGS)
    hint = f"Did you mean {meant}?" if meant else "Run `netlang layers` for the list."
    raise click.UsageError(f"{problem}. {hint}")


def _plain(name: str) -> str:
    """A name without case, ``_``, ``-`` and the brackets of a call, which people get wrong."""
    return _without_call(name).replace("_", "").replace("-", "").casefold()


def _without_call(name: str) -> str:
    return name.partition("(")[0].strip()


def _list(entries: Iterable[_Entry]) -> str:
    sections = []
    for kind, some in groupby(entries, lambda entry: entry.kind):
        rows = aligned((f"  {entry.call}", entry.about) for entry in some)
        sections.append("\n".join([f"{_TITLES[kind]}:", *rows]))
    return "\n\n".join(sections)


def _show_targets(as_data: bool) -> None:
    """Print which target says which item. A target is left out that cannot say the item's kind."""
    from netlang.lowering.languages import LOWERINGS  # takes time

    words = {True: "yes", False: "-", None: ""}
    heads = [lowers.target for lowers in LOWERINGS]
    data: list[dict[str, object]] = []
    rows = [["", *heads]]
    for item in (item for kind in _TITLES for item in registry.items(kind)):
        said = [lowers for lowers in LOWERINGS if item.kind in lowers.returns]
        says = {lowers.target: lowers.says(item) for lowers in said}
        data.append({"name": item.name, "kind": item.kind, "targets": says})
        rows.append([item.name, *(words[says.get(head)] for head in heads)])
    if as_data:
        print_json(data)
    else:
        click.echo("\n".join(aligned(rows)))
