"""A trained network as a file of Python: what its data go through, the network, and its answers."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import netlang
from netlang.catalogue.data.pipeline import Pipeline, TextPipeline
from netlang.compiler.passes.sight import sees_ahead
from netlang.lowering.lowerings import Unsupported, described
from netlang.lowering.python.answers import AnswersText
from netlang.lowering.python.arrays import loaded
from netlang.lowering.python.copies import Copies
from netlang.lowering.python.inputs import InputsText, inputs_text
from netlang.lowering.python.text import literal, statement
from netlang.lowering.trained import TrainedProgram
from netlang.system.record import Record
from netlang.system.terminal import visible

AT_ONCE = 256
"""Samples that go through a network at a time, so that all that it computes has room."""


class NetworkText(Record):
    """A network in a ``language``, which ``needs`` packages: ``definitions`` of whatever computes
    it, among which copies stand of the functions that it ``uses``. ``applied`` is what it gives
    for inputs ``x``, an array, as an expression. ``imports`` are lines that it needs beside those
    that its texts name.
    """

    language: str
    needs: str
    constants: Sequence[str]
    definitions: Sequence[str]
    applied: str
    uses: Sequence[Callable[..., Any]] = ()
    imports: Sequence[str] = ()


def trained_file(trained: TrainedProgram, network: NetworkText, stem: str, weights: str) -> str:
    """The text of ``stem``.py; its weights are in the file ``weights``.  Raises Unsupported."""
    is_text = isinstance(trained.pipeline, TextPipeline)
    if is_text and (ahead := sees_ahead(trained.program.graph)):
        sees = f"{described(ahead)} sees symbols that come later"
        raise Unsupported(f"the network cannot write on a text: {sees}")
    drops = getattr(trained.program.data, "missing", "") == "drop"
    inputs = inputs_text(trained.pipeline, trained.program.graph.input, drops)
    answers = AnswersText(trained)
    copied = Copies()
    texts = [
        *[*copied.of(network.uses), *network.definitions],
        *[*copied.of(inputs.uses), inputs.source, _outputs(network, inputs)],
        *[*copied.of([*answers.uses, *_reads(trained)]), answers.source],
        _main(trained, answers),
    ]
    constants = [
        *network.constants,
        *(statement(0, f"{name} = ", text) for name, text in answers.constants.items()),
        *_constants(trained),
        *copied.constants.values(),
    ]
    body = "\n\n".join(texts)
    imported = _imports(body, constants, network.imports)
    head = _head(trained, network, inputs, answers, stem, weights)
    return "\n".join([head, imported, *constants, "", "", body])


def _head(
    trained: TrainedProgram,
    network: NetworkText,
    inputs: InputsText,
    answers: AnswersText,
    stem: str,
    weights: str,
) -> str:
    program = trained.program
    judged = program.description.judged if program.description else ""
    metrics = trained.metrics.items()
    measured = ", ".join(f"{path} {one:.4g}" for path, one in metrics if path.startswith(judged))
    was = f"The network was trained by netlang {netlang.__version__}"
    changes = "".join(f" It was run with --set {visible(one)}." for one in program.overrides)
    name = visible(Path(program.source.name).name)
    of = f"{'A network' if name.startswith('<') else name}, trained, in {network.language}"
    paragraphs = [
        f"{of}. It needs {network.needs}, and {weights} beside it.",
        _FROM_PYTHON["text" if _kind(trained) == "text" else ""].format(samples=inputs.samples),
        f"{was}: {measured}.{changes}" if measured else f"{was}.{changes}",
    ]
    first, *others = (textwrap.fill(one, 88) for one in paragraphs)
    to_arrays = _kind(trained) == "arrays" and answers.are_arrays
    usage = "    " + _USAGE[f"{_kind(trained)}{' to arrays' * to_arrays}"].format(stem=stem)
    text = "\n\n".join([first, usage, *others])
    return '"""' + text.replace("\\", "\\\\").replace('"""', '\\"""') + '\n"""\n'


def _kind(trained: TrainedProgram) -> str:
    match trained.pipeline:
        case Pipeline():
            return "table"
        case TextPipeline():
            return "text"
    return "arrays"


def _outputs(network: NetworkText, inputs: InputsText) -> str:
    lines = [
        "def outputs(samples):",
        '    """What the network gives, for some samples at a time."""',
        "    every = inputs(samples)",
        "    if not len(every):  # the outputs of another sample have their shape",
        "        x = np.zeros((1, *every.shape[1:]), np.float32)",
        f"        return {network.applied}[:0]",
        f"    begins = range(0, len(every), {AT_ONCE})",
        f"    parts = [every[begin : begin + {AT_ONCE}] for begin in begins]",
    ]
    every = f"np.concatenate([{network.applied} for x in parts])"
    if inputs.may_lack:
        lines += [f"    y = {every}", "    y[lacking(samples)] = np.nan", "    return y"]
    else:
        lines.append(f"    return {every}")
    return "\n".join(lines) + "\n"


def _constants(trained: TrainedProgram) -> list[str]:
    match trained.pipeline:
        case Pipeline(columns=columns):
            return [statement(0, "COLUMNS = ", literal(columns))]
        case TextPipeline() as pipeline:
            context = f"CONTEXT = {pipeline.context}"
            if pipeline.by == "bytes":
                return [context]
            return [context, statement(0, "SYMBOLS = ", literal("".join(pipeline.symbols)))]
    return []


def _main(trained: TrainedProgram, answers: AnswersText) -> str:
    kind = _kind(trained)
    if kind == "table":
        separator = getattr(trained.program.data, "delimiter", ",") or ","
        return _TABLE.replace("{separator}", literal(separator)) + _CALL.replace("{count}", "2")
    if kind == "text":
        return _TEXT + _CALL.replace("{count}", "2")
    if answers.are_arrays:
        return _ARRAYS + _CALL.replace("{count}", "3")
    return _SAMPLES + _CALL.replace("{count}", "2")


def _reads(trained: TrainedProgram) -> list[Callable[..., Any]]:
    """What reads a file of arrays."""
    return [loaded] if _kind(trained) == "arrays" else []


def _imports(body: str, constants: Sequence[str], others: Sequence[str]) -> str:
    """The lines that import what a text names, and ``others``."""
    whole = "\n".join([body, *constants])
    named = (line for name, line in _IMPORTS.items() if re.search(rf"(?<!\w){name}", whole))
    lines = sorted({*named, *others}, key=lambda line: (line.startswith("from "), line))
    own = [line for line in lines if re.split(r"[ .]", line)[1] in sys.stdlib_module_names]
    rest = [line for line in lines if line not in own]
    return "\n".join([*own, *([""] if own and rest else []), *rest]) + "\n"


_IMPORTS = {
    r"csv\.": "import csv",
    r"math\.": "import math",
    r"re\.": "import re",
    r"sys\.": "import sys",
    r"Decimal\(": "from decimal import Decimal",
    r"@cache": "from functools import cache",
    r"Path\(": "from pathlib import Path",
    r"NormalDist\(": "from statistics import NormalDist",
    r"np\.": "import numpy as np",
    r"torch\.": "import torch",
    r"F\.": "import torch.nn.functional as F",
    r"load_file\(": "from safetensors.torch import load_file",
    r"nn\.": "from torch import nn",
}

_USAGE = {
    "table": "python {stem}.py new.csv > answers.csv",
    "arrays": "python {stem}.py new.npz > answers.csv",
    "arrays to arrays": "python {stem}.py new.npz answers.npz",
    "text": 'python {stem}.py "a text that is written on"',
}

_FROM_PYTHON = {
    "text": "From Python, `continued(text)` writes on, and `answers(texts)` says what comes next "
    "behind each symbol of texts.",
    "": "From Python, `predict(samples)` says what is predicted, and `answers(samples)` all that "
    "is said, of {samples}.",
}

_TABLE = '''\
def main(table):
    """Print the rows of a table, with what the network says of each behind them."""
    try:
        with open(table, newline="", encoding="utf-8-sig") as file:
            header, *rows = [row for row in csv.reader(file, delimiter={separator}) if row] or [[]]
    except (UnicodeDecodeError, csv.Error):
        raise ValueError(f"{table} is no table in UTF-8") from None
    rows = [[*row, *[""] * (len(header) - len(row))] for row in rows]
    columns = {name.strip(): [row[at] for row in rows] for at, name in enumerate(header)}
    found = answers(columns)
    write = csv.writer(sys.stdout, lineterminator="\\n").writerow
    write([*header, *(f"{name} 2" if name in columns else name for name in found)])
    for row, said in zip(rows, zip(*found.values())):
        write([*row, *("" if cell != cell else cell for cell in said)])
'''

_SAMPLES = '''\
def main(arrays):
    """Print what the network says of each sample of an NPY or NPZ file."""
    found = answers(loaded(arrays))
    write = csv.writer(sys.stdout, lineterminator="\\n").writerow
    write(["sample", *found])
    for sample, said in enumerate(zip(*found.values()), 1):
        write([sample, *("" if cell != cell else cell for cell in said)])
'''

_CALL = """

if __name__ == "__main__":
    if len(sys.argv) != {count}:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError, KeyError, IndexError) as error:
        sys.exit(f"{sys.argv[0]}: {error}")
"""

_ARRAYS = '''\
def main(arrays, to):
    """Write what the network says of all samples of an NPY or NPZ file to an NPZ file."""
    np.savez(to, **answers(loaded(arrays)))
'''

_TEXT = '''\
def continued(text, length=200):
    """A text and so many symbols behind it, each the most probable one."""
    tokens = tokens_of(text)
    if not tokens:
        raise ValueError("begin with one symbol at least")
    for _ in range(length):
        y = outputs([tokens])[0, min(len(tokens), CONTEXT) - 1]
        tokens.append(int(y.argmax()))
    return text_of(tokens)


def main(text):
    """Print how a text goes on."""
    print(continued(text))
'''
