"""Texts with one slip in them, as fingers and editors make: what a fix has to be safe on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random

from netlang.language.source import SourceFile
from tests.paths import ROOT

FILES = sorted(
    path
    for folder in ("models", "tests/errors", "tests/architectures")
    for path in (ROOT / folder).glob("*.net")
)

_PIECE = re.compile(r'"[^"\n]*"|[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9.e]*|->|\*\*|//|[<>=!]=|\n|[^\s\w]')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS = frozenset(("->", "=", "*", "**", "/", "//", "+", "-", ",", ">", "==", ">=", "<"))
_OTHERS = (
    *("->", "=>", "→", "|", "-", ">", "--", ",", ";", ":", "=", "+", "*", "^", "%", "×", "//"),
    *("(", ")", "[", "]", "{", "}", "'", '"', ".", "#", "25", "3", "0.5", "1e-3", "_", "true"),
    *("as", "shared", "block", "expect", "import", "net", "loss", "data", "epochs", "seed"),
    *("test", "train", "hidden", "lr", "p", "n", "x", "sum", "tune", "in", "\n", " "),
)
_FOREIGN = (
    *("Dense", "L2", "ELU", "SELU", "NLL", "MSELoss", "CrossEntropyLoss", "BCELoss", "Adm"),
    *("relu", "tanh", "Softmin", "Sigmoids", "Adamax", "Merge", "Residual", "Crop", "accuracy"),
    *("model", "network", "criterion", "opt", "batch_size", "epoch", "lr", "rate", "stop"),
    *("units", "hidden2", "layer1", "True", "None", "encoder", "mae", "MAE", "Linear", "Concat"),
)
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

Mutation = Callable[[str, Random], str]


def mutants(
    seed: int, files: Iterable[Path], count: int
) -> Iterator[tuple[SourceFile, SourceFile]]:
    """Pairs of a file and the same file after one slip, two in some: ``count`` of each file."""
    for path in files:
        text = path.read_text(encoding="utf-8")
        if not text:
            continue
        random = Random(f"{seed} {path.name}")
        original = SourceFile(path.name, text, path)
        for _ in range(count):
            changed = random.choice(MUTATIONS)(text, random)
            if changed and random.random() < 0.15:
                changed = random.choice(MUTATIONS)(changed, random)
            if changed != text:
                yield original, SourceFile(path.name, changed, path)


def _at_a_piece(change: Callable[[list[str], int, Random], None], *, of: str = "") -> Mutation:
    """A mutation that changes the list of pieces, at one of them."""

    def mutate(text: str, random: Random) -> str:
        parts, at = [], 0
        for found in _PIECE.finditer(text):
            parts += [text[at : found.start()], found.group()]
            at = found.end()
        parts.append(text[at:])
        chosen = [
            i
            for i in range(1, len(parts), 2)
            if not of
            or (of == "name" and _NAME.fullmatch(parts[i]))
            or (of == "operator" and parts[i] in _OPERATORS)
        ]
        if chosen:
            change(parts, random.choice(chosen), random)
        return "".join(parts)

    return mutate


def _drop(parts: list[str], i: int, random: Random) -> None:
    parts[i] = ""


def _double(parts: list[str], i: int, random: Random) -> None:
    parts[i] = parts[i] + random.choice(("", " ")) + parts[i]


def _swap(parts: list[str], i: int, random: Random) -> None:
    j = i + 2 if i + 2 < len(parts) else i - 2
    parts[i], parts[j] = parts[j], parts[i]


def _replace(parts: list[str], i: int, random: Random) -> None:
    parts[i] = random.choice(_OTHERS)


def _insert(parts: list[str], i: int, random: Random) -> None:
    parts[i] += " " + random.choice(_OTHERS) + " "


def _rename(parts: list[str], i: int, random: Random) -> None:
    parts[i] = random.choice(_FOREIGN)


def _rename_as_another(parts: list[str], i: int, random: Random) -> None:
    parts[i] = random.choice([one for one in parts[1::2] if _NAME.fullmatch(one)])


def _misspell(parts: list[str], i: int, random: Random) -> None:
    name = parts[i]
    at = random.randrange(len(name))
    parts[i] = random.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
            name[:at] + random.choice(_LETTERS) + name[at + 1 :],
            name[:at] + random.choice(_LETTERS) + name[at:],
            name.swapcase(),
            name.lower(),
            name.capitalize(),
            name + "s",
        )
    )


def _character(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    other = random.choice(" \n.,;:()[]->=*'\"#%" + _LETTERS)
    return random.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
            text[:at] + other + text[at + 1 :],
            text[:at] + other + text[at:],
        )
    )


def _line(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True)
    at = random.randrange(len(lines))
    lines[at : at + 1] = random.choice(([], [lines[at], lines[at]], ["   " + lines[at]]))
    return "".join(lines)


MUTATIONS: tuple[Mutation, ...] = (
    *map(_at_a_piece, (_drop, _double, _swap, _replace, _insert)),
    _at_a_piece(_drop, of="operator"),
    _at_a_piece(_replace, of="operator"),
    _at_a_piece(_drop, of="name"),
    _at_a_piece(_rename, of="name"),
    _at_a_piece(_rename_as_another, of="name"),
    *(_at_a_piece(_misspell, of="name"),) * 3,
    *(_character,) * 2,
    _line,
)
