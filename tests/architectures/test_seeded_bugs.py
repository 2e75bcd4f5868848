"""Bugs set into real architectures: each is caught, once, where a careful teacher would point.

A case is a file, what is changed in it, the code of the one message, and the line that it has to
point at: with its primary place, or, where the mistake can only show at its other end, with one
of its labels (``ends``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.diagnostics import Diagnostic
from netlang.diagnostics.fixes import mended
from netlang.passes import compile_source
from netlang.record import Record
from netlang.source import SourceFile

HERE = Path(__file__).parent


class Bug(Record):
    file: str
    before: str
    after: str
    code: str
    ends: bool = False


BUGS = [
    # Sizes between layers
    Bug("mlp", "Linear(hidden, digits)", "Linear(25, digits)", "E0301"),
    Bug("mlp", "Linear(hidden, digits)", "Linear(digits, hidden)", "E0301"),
    Bug("mlp", "Linear(pixels, hidden)", "Linear(pixels, hidden // 2)", "E0301", ends=True),
    Bug("mlp", "Linear(pixels, hidden)", "Linear(pixels, digits)", "E0301", ends=True),
    Bug("residual", "Linear(n, n) -> ReLU", "Linear(n, n // 2) -> ReLU", "E0301"),
    Bug(
        "residual",
        "Dropout(p) -> Linear(n, n)",
        "Dropout(p) -> Linear(n, n + 1)",
        "E0306",
        ends=True,
    ),
    Bug("residual", "Linear(784, width)", "Linear(784, 32)", "E0301", ends=True),
    Bug("residual", "residual(width) * depth", "residual(width * 2) * depth", "E0301", ends=True),
    Bug("residual", "Linear(width, 10)", "Linear(10, width)", "E0301"),
    Bug("inception", "Linear(b // 2, b)", "Linear(b, b)", "E0301"),
    Bug("inception", "Linear(c, c)", "Linear(c // 4, c)", "E0301"),
    Bug(
        "inception",
        "inception(64, 32, 64, 16, 16)",
        "inception(32, 32, 64, 16, 16)",
        "E0301",
        ends=True,
    ),
    Bug("inception", "Linear(_, 10)", "Linear(64, 10)", "E0301"),
    Bug("unet", "-> Linear(width * 8, width * 4)", "-> Linear(width * 4, width * 4)", "E0301"),
    Bug("unet", "double(width * 8, width * 4)", "double(width * 4, width * 4)", "E0301", ends=True),
    Bug("unet", "[Identity, top] -> Concat", "[Identity, low] -> Concat", "E0301", ends=True),
    Bug("unet", "-> Linear(width * 2, width)", "-> Linear(width, width)", "E0301"),
    Bug("unet", "input = [32]", "input = [64]", "E0301", ends=True),
    Bug("siamese", "Linear(64, 16)", "Linear(16, 64)", "E0301"),
    Bug("siamese", "-> Mul -> Linear(16, 1)", "-> Concat -> Linear(16, 1)", "E0301"),
    Bug("siamese", "Slice(0, pixels)", "Slice(0, pixels // 2)", "E0301", ends=True),
    Bug("autoencoder", "Linear(_, code)", "Linear(30, code)", "E0301"),
    Bug("dense", "layer(36)", "layer(24)", "E0301", ends=True),
    Bug("dense", "[a, b, c] -> Concat", "[a, c] -> Concat", "E0301", ends=True),
    Bug("gated", "highway(width) * 3", "highway(16) * 3", "E0301", ends=True),
    Bug("two_heads", "Linear(37, 4)", "Linear(36, 4)", "E0301"),
    Bug("two_heads", "Linear(n // 2, out)", "Linear(n, out)", "E0301"),
    Bug("mixer", "Linear(2 * n, n)", "Linear(n, 2 * n)", "E0301"),
    Bug("mixer", "input = [tokens, channels]", "input = [channels, tokens]", "E0301", ends=True),
    Bug("experts", "Linear(40, out)", "Linear(20, out)", "E0301"),
    Bug("wide_and_deep", "Linear(features, 2)", "Linear(hidden, 2)", "E0301", ends=True),
    Bug("disc", "Linear(_, hidden) -> ReLU", "Linear(3, hidden) -> ReLU", "E0302"),
    Bug("disc", "Linear(_, _)", "Linear(_, 3)", "E0303"),
    # Branches and joins
    Bug("residual", "] -> Add -> ReLU", "] -> ReLU", "E0307"),
    Bug("residual", "    Identity,", "    Linear(n, 2 * n),", "E0306", ends=True),
    Bug("gated", "[gated(n), Identity] -> Add", "gated(n) -> Add", "E0308"),
    Bug("dense", "[a, b] -> Concat", "[a, b] -> Add", "E0306"),
    Bug("mixer", "] -> Add", "] -> Concat(dim=3)", "E0306"),
    Bug(
        "two_heads",
        "[Identity, features] -> Concat -> Linear(37, 4) -> Softmax",
        "[Identity, features]",
        "E0310",
    ),
    Bug("siamese", "-> Mul -> Linear(16, 1)", "-> Select(2) -> Linear(16, 1)", "E0311"),
    Bug("siamese", "Slice(pixels, pixels)", "Slice(pixels, pixels + 1)", "E0301"),
    # Taps and holes
    Bug("unet", "as middle", "as midle", "E0201", ends=True),
    Bug("unet", "[Identity, low] -> Concat", "[Identity, lo] -> Concat", "E0201"),
    Bug("unet", "[Identity, low] -> Concat", "low -> Concat", "E0216"),
    Bug("dense", "as a\n", "as b\n", "E0202", ends=True),
    Bug(
        "dense",
        "layer(24) as b\n   -> [a, b]",
        "[a, b] -> Concat -> layer(24) as b\n   -> [a, b]",
        "E0215",
    ),
    Bug("autoencoder", "Linear(784, 128)", "Linear(_, 128)", "E0309"),
    Bug("autoencoder", "Linear(_, code)", "Linear(_, _)", "E0309"),
    Bug("disc", "SeLU", "Dropout(_)", "E0211"),
    # Arguments and blocks
    Bug("mlp", "Dropout(0.2)", "Dropout(1.2)", "E0209"),
    Bug("mlp", "Dropout(0.2)", "Dropout(rate=0.2)", "E0204"),
    Bug("mlp", "Dropout(0.2)", "Dropout(0.2, 0.3)", "E0207"),
    Bug("mlp", "Linear(pixels, hidden)", "Linear(pixels)", "E0205"),
    Bug("mlp", "Linear(pixels, hidden)", "Linear(pixels, hidden, in_features=3)", "E0206"),
    Bug("mlp", "hidden = 256", "hidden = 256.5", "E0208", ends=True),
    Bug("mlp", "hidden = 256", "hidden = 0", "E0209", ends=True),
    Bug("mlp", "digits = 10", 'digits = "10"', "E0208", ends=True),
    Bug("mlp", "pixels = 28 * 28", "pixels = 28 * 28 / 2", "E0208", ends=True),
    Bug("inception", "inception(64, 16, 32, 8, 8)", "inception(64, 16, 32, 8)", "E0205"),
    Bug("inception", "inception(64, 16, 32, 8, 8)", "inception(64, 16, 32, 8, 8, 8)", "E0207"),
    Bug("residual", "residual(width) * depth", "residual(width, q=0.1) * depth", "E0204"),
    Bug("residual", "residual(width) * depth", "residual(width) * 0", "E0211"),
    Bug("residual", "depth = 16", "depth = 1.5", "E0211", ends=True),
    Bug("residual", "residual(width) * depth", "residual(width) * 16 * 1000 * 1000", "E0213"),
    Bug("disc", "Adam(lr=1e-2)", "Adam(learning_rate=1e-2)", "E0204"),
    Bug("disc", "batch = 20", "batch = 0", "E0209"),
    Bug("disc", "eps=1e-3", "eps=0", "E0209"),
    # Names, imports, settings
    Bug("gated", "Tanh, Linear", "tanh, Linear", "E0201"),
    Bug("gated", "highway(width) * 3", "higway(width) * 3", "E0201"),
    Bug("wide_and_deep", "lib/blocks.net", "lib/block.net", "E0501"),
    Bug("wide_and_deep", "lib/blocks.net", "../architectures/lib/blocks.net", "E0410"),
    Bug("wide_and_deep", "import", "hidden = 3\nimport", "E0202"),
    Bug("disc", "CrossEntropy(eps=1e-3)", "ReLU", "E0211"),
    Bug("disc", "metrics = [accuracy]", "metrics = [r2]", "E0408"),
    Bug("disc", "expect test.accuracy", "expect test.acc", "E0409"),
    Bug("disc", ", validation=100", "", "E0409", ends=True),
    # Signs
    Bug(
        "mlp", "-> Linear(hidden, digits) -> Softmax", "-> Linear(hidden, digits) Softmax", "E0108"
    ),
    Bug("mlp", "Dropout(0.2)", "Dropout(0.2", "E0103"),
    Bug("residual", "] -> Add", ") -> Add", "E0103"),
    Bug("residual", "-> Linear(width, 10)", "=> Linear(width, 10)", "E0101"),
    Bug("siamese", "Slice(0, pixels) -> tower,", "Slice(0, pixels) -> tower", "E0101", ends=True),
    Bug("disc", "seed = 3", "seed = 3 4", "E0101"),
    Bug("disc", "lr=1e-2", "lr=1e", "E0105"),
]


def identity(bug: Bug) -> str:
    return f"{bug.file}-{bug.after}"


bugs = pytest.mark.parametrize("bug", BUGS, ids=identity)


def seeded(bug: Bug) -> tuple[SourceFile, int]:
    """The file with the bug in it, and the line on which it begins."""
    path = HERE / f"{bug.file}.net"
    text = path.read_text()
    assert text.count(bug.before) >= 1, "the table says what the file holds"
    at = text.index(bug.before)
    changed = text[:at] + bug.after + text[at + len(bug.before) :]
    line = changed.count("\n", 0, at + len(bug.after) - len(bug.after.lstrip())) + 1
    return SourceFile(path.name, changed, path), line


def found_in(source: SourceFile) -> list[Diagnostic]:
    return [one for one in compile_source(source).diagnostics if one.is_error]


def lines(one: Diagnostic, name: str, ends: bool) -> set[int]:
    """The lines of ``name`` that a message points at."""
    spans = [one.span] if one.span else []
    if ends:
        spans += [label.span for label in one.labels]
    return {
        line
        for span in spans
        if span.source.name == name
        for line in range(span.first.line, span.last.line + 1)
    }


def test_there_are_at_least_sixty_bugs() -> None:
    assert len({identity(bug) for bug in BUGS}) == len(BUGS) >= 60


@bugs
def test_a_bug_is_caught_once_and_on_its_line(bug: Bug) -> None:
    source, line = seeded(bug)
    (found,) = found_in(source)
    assert found.code == bug.code
    assert line in lines(found, source.name, bug.ends)
    assert found.helps


@bugs
def test_a_fix_makes_the_file_sound_again(bug: Bug) -> None:
    source, _ = seeded(bug)
    (found,) = found_in(source)
    if not found.fixes or found.fixes[0].span.source is not source:
        return
    better, count = mended(source, lambda source: compile_source(source).diagnostics)
    assert count
    assert not found_in(better)
