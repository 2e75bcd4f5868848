"""``netlang layers``: the catalogue, and the library."""

from __future__ import annotations

import json

import click

from netlang.catalogue import library, registry
from netlang.catalogue.arguments import Item, as_source
from netlang.catalogue.library import LibraryBlock
from netlang.catalogue.settings import SETTINGS, Setting
from netlang.language.diagnostics.diagnostic import listed
from netlang.tools.cli.complete import catalogue_names

_FOR_A_PARAMETER = "a number, a string, a list or a network"
_KINDS = ("layer", "loss", "optimizer", "data set", "metric")


@click.command("layers")
@click.argument("name", required=False, shell_complete=catalogue_names)
@click.option("--json", "as_data", is_flag=True, help="One JSON object instead of text.")
@click.option("--targets", is_flag=True, help="Tell what C and PyTorch lack, and nothing else.")
def command(name: str | None, as_data: bool, targets: bool) -> None:
    """List what a file can name: layers, blocks, losses, optimizers, data sets, metrics, settings.

    With a NAME, in any case, show that one with all its arguments, and a block's text.

    \b
    Example:
        netlang layers Linear
    """
    if targets:
        if name is not None or as_data:
            raise click.UsageError("--targets stands alone.")
        click.echo(_targets())
        return
    if name is None:
        click.echo(json.dumps(_everything()) if as_data else _list())
        return
    known, *others = _named(name)
    if known in SETTINGS:
        setting = SETTINGS[known]
        click.echo(json.dumps(_setting_as_data(setting)) if as_data else _setting_page(setting))
        return
    if known in library.NAMES:
        block = library.block(known)
        click.echo(json.dumps(_block_as_data(block)) if as_data else _block_page(block))
        return
    item = registry.ITEMS[known]
    click.echo(json.dumps(_as_data(item)) if as_data else _page(item))
    if others and not as_data:
        also = [f"the {_kind(other)} `{other}`" for other in others]
        click.echo(f"\nThere is also {listed(also)}.")


def _named(written: str) -> list[str]:
    """What has this name: spelt exactly so, or else with any case and any ``_``.

    Raises click.UsageError where it is nothing, or one of several.
    """
    known = [*sorted(registry.NAMES), *SETTINGS]
    alike = [name for name in known if _plain(name) == _plain(written)]
    if written in alike:
        return sorted(alike, key=lambda name: name != written)
    if len(alike) == 1:
        return alike
    meant = " or ".join(alike) or registry.suggest(written, SETTINGS)
    hint = f" Did you mean {meant}?" if meant else " Run `netlang layers` for the list."
    raise click.UsageError(f"There is nothing called {written!r}.{hint}")


def _plain(name: str) -> str:
    """A name without case, ``_``, ``-`` and a call's brackets, which people often mistake."""
    return name.partition("(")[0].strip().replace("_", "").replace("-", "").casefold()


def _kind(name: str) -> str:
    return registry.kind_of(name) or "setting"


def _everything() -> list[dict[str, object]]:
    settings = [_setting_as_data(setting) for setting in SETTINGS.values()]
    blocks = [_block_as_data(block) for block in library.blocks()]
    return [*map(_as_data, _all()), *blocks, *settings]


def _block_page(block: LibraryBlock) -> str:
    return f"{block.signature}   (library block)\n\n{block.about}\n\n{block.text}"


def _block_as_data(block: LibraryBlock) -> dict[str, object]:
    arguments = [
        {
            "name": one.name.name,
            "required": one.default is None,
            "default": one.default.span.text if one.default else None,
            "expects": _FOR_A_PARAMETER,
            "doc": "",
        }
        for one in block.parameters
    ]
    return {
        "name": block.name,
        "kind": "block",
        "doc": block.about,
        "arguments": arguments,
        "text": block.text,
    }


def _setting_page(setting: Setting) -> str:
    lines = [f"{setting.name}   (setting)", "", setting.doc]
    if argument := setting.argument:
        lines.append(f"\ntakes {argument.expects}; by default {as_source(argument.default)}")
    return "\n".join(lines)


def _setting_as_data(setting: Setting) -> dict[str, object]:
    argument = setting.argument
    return {
        "name": setting.name,
        "kind": "setting",
        "doc": setting.doc,
        "default": as_source(argument.default) if argument else None,
        "expects": argument.expects if argument else setting.takes,
    }


def _all() -> list[type[Item]]:
    return [item for kind in _KINDS for item in registry.items(kind)]


def _list() -> str:
    sections = []
    for kind in _KINDS:
        rows = [(item.signature(), _first_line(item)) for item in registry.items(kind)]
        sections.append(_section("losses" if kind == "loss" else f"{kind}s", rows))
        if kind == "layer":
            blocks = [(one.signature, one.about.split("\n")[0]) for one in library.blocks()]
            sections.append(_section("library blocks", blocks))
    sections.append(_section("settings", [(name, one.doc) for name, one in SETTINGS.items()]))
    return "\n\n".join(sections)


def _targets() -> str:
    """For each item, which target says it; "-" where that is missing."""
    from netlang.lowering import c, pytorch

    tables = (c.lowers, pytorch.lowers)
    lines = [f"{'':22}{''.join(f'{table.target:10}' for table in tables)}"]
    for item in _all():
        cells = (
            ("" if item.kind not in table.kinds else "yes" if item in table.functions else "-")
            for table in tables
        )
        lines.append(f"{item.name:22}{''.join(f'{cell:10}' for cell in cells)}")
    return "\n".join(line.rstrip() for line in lines)


def _section(title: str, rows: list[tuple[str, str]]) -> str:
    width = min(44, max(len(left) for left, _ in rows))
    lines = [f"{title}:"]
    for left, right in rows:
        if len(left) > width:
            lines += [f"  {left}", f"  {'':{width}}  {right}"]
        else:
            lines.append(f"  {left:{width}}  {right}")
    return "\n".join(lines)


def _page(item: type[Item]) -> str:
    lines = [f"{item.signature()}   ({item.kind})", "", item.about]
    if item.arguments:
        lines += ["", "arguments:"]
        lines += [f"  {one.name}: {one.expects}\n      {one.doc}" for one in item.arguments]
    return "\n".join(lines).replace("``", "`")


def _first_line(item: type[Item]) -> str:
    return item.about.split("\n")[0].replace("``", "`")


def _as_data(item: type[Item]) -> dict[str, object]:
    arguments = [
        {
            "name": one.name,
            "required": one.required,
            "default": None if one.required else as_source(one.default),
            "expects": one.expects,
            "doc": one.doc,
        }
        for one in item.arguments
    ]
    return {
        "name": item.name,
        "kind": item.kind,
        "doc": item.about,
        "arguments": arguments,
    }
