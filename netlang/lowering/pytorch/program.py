"""A program as a file of PyTorch: with ``torch.nn``, ``torch.optim`` and autograd, without netlang.

It means what the .net file means: the same data, initial weights of the same distribution, and the
same loss, batches and optimizer. Only the data is drawn as netlang draws it; all else comes from
torch's own generator.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import indent

import netlang
from netlang.catalogue.outputs import Measure, SumOfLosses, loss_of
from netlang.catalogue.settings import plain_settings
from netlang.compiler.ir import Beginning, Program
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch.augment import AS_INPUTS, augment, changes_targets
from netlang.lowering.pytorch.counterparts import (
    TorchData,
    TorchDefinition,
    TorchLoss,
    TorchMetric,
    TorchStop,
)
from netlang.lowering.pytorch.descent import TorchDescent, backward, descent, looks_at_loss, size
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.making import maker_of
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.python import element, literal, statement
from netlang.lowering.pytorch.several import IN_UNITS, of_part, operand, shape_of
from netlang.system.record import Record
from netlang.system.terminal import visible

# Modules that PyTorch may import, or what reads data: a file beside the program that is called so
# would be imported.
MODULES = sys.stdlib_module_names | {
    "PIL", "filelock", "fsspec", "jinja2", "joblib", "mpmath", "networkx", "numpy", "scipy",
    "sklearn", "sympy", "threadpoolctl", "torch", "typing_extensions",
}  # fmt: skip

_STANDARD = {"argparse", "csv", "math", "os", "sys"}  # Python's modules that any text may name


class Exported(Record):
    """``source`` is the file; ``modules`` are paths in its ``Model``, by the numbers of nodes."""

    source: str
    modules: Mapping[int, str]


def to_pytorch(program: Program, folder: Path) -> Exported:
    """The program as Python for a file in ``folder``; a network alone becomes a model alone.

    Raises Unsupported.
    """
    model = Model(program.graph)
    blocks = [*model.uses, TorchDefinition(model.source)]
    constants = ""
    if program.data and program.loss and program.optimizer:
        # The seed is an argument of the exported program.
        named = [name for name in plain_settings() if name not in ("seed", "start", "members")]
        constants = "".join(
            f"{name.upper()} = {program.settings[name]!r}\n"
            for name in named
            if name in program.settings
        )
        loss: TorchLoss = lowers.lowered(program.loss, program.graph.output)
        data: TorchData = lowers.lowered(program.data, folder)
        optimizer, epoch = _UNTRAINED
        if model.has_weights:
            optimizer, epoch = maker_of(program.optimizer, model), _EPOCH
        parts = _OF_A_TABLE if data.takes_table else _WITHOUT_A_TABLE
        weights = _WEIGHTED if data.weighted else _UNWEIGHTED
        begin = "    begin(model)\n" if program.beginning else ""
        steps = descent(program, model) if model.has_weights else TorchDescent()
        varying = {**parts, **weights, **_stopping(program), "begin": begin}
        varying |= {"kept": steps.kept, "evaluated": steps.evaluated}
        changes = model.has_weights and changes_targets(program)
        varying |= {
            "y": "y, seen" if changes else "y",
            "t_order": "seen" if changes else "t[order]",
        }
        varying |= {"made": steps.made, "after": steps.after, "takes": _taken(steps)}
        varying["look"] = varying["look"].replace("model.state", f"{steps.kept}.state")
        training = _TRAINING.format(**varying, seed=program.seed)
        measured = _measure(program, loss, data)
        blocks += [*loss.uses, TorchDefinition(_loss(program, loss, data)), measured, optimizer]
        changing = augment(program)
        blocks += [_data(data, changing), *changing]
        if program.outputs and data.has_units:
            blocks.append(TorchDefinition(IN_UNITS))
        blocks += steps.definitions
        done = {
            "batches": _batches(program, data),
            "backward": backward(program, loss, data.weighted, steps.penalty),
            "begin": _BEGIN_SEEN if changes_targets(program) else _BEGIN_OUTPUTS,
            "end": _END_SEEN if changes_targets(program) else _END_OUTPUTS,
            "append": "" if "accumulate" in program.settings else _APPEND,
        }
        done |= {"clip": steps.clip, "step": steps.step, "takes": _taken(steps)}
        if looks_at_loss(program) and model.has_weights:
            epoch, done["clip"] = _EPOCH_BY_LOSS, indent(steps.clip, "    ")
            done["bound"] = ", weights=weights" if data.weighted else ""
        blocks.append(TorchDefinition(epoch.format(**{**weights, **done})))
        if program.beginning:
            blocks.append(_begin(program.beginning, model, folder))
        blocks += map(TorchDefinition, (_loading(model), training))
    definitions = [*_with_uses(blocks)]
    body = "\n\n".join(dict.fromkeys(one.source for one in definitions))  # each once
    name = visible(program.source.name)
    head = f"# {name} in PyTorch, as netlang {netlang.__version__} writes it.\n"
    head += "".join(f"# It has --set {visible(override)}.\n" for override in program.overrides)
    above = filter(None, [head, _imports(body, definitions), constants])
    return Exported("\n".join([*above, f"\n{body}"]), model.paths)


def _data(data: TorchData, augment: Sequence[TorchDefinition]) -> TorchDefinition:
    """The definition of ``load_data``.  Raises Unsupported if it cannot say how it scales inputs,
    which some that ``augment`` them ask for.
    """
    if not any(AS_INPUTS in one.uses or one == AS_INPUTS for one in augment):
        return data.definition
    if data.scaling is None:
        what = "what comes in at the edges of standardised pictures"
        raise Unsupported(f"{what} has no counterpart in PyTorch yet for these data")
    return data.scaling


def _taken(steps: TorchDescent) -> str:
    """What ``train_epoch`` takes behind the optimizer."""
    return "".join(f"{name}, " for name in steps.takes)


def _batches(program: Program, data: TorchData) -> str:
    """The lines that go through the batches of an epoch."""
    if not program.augment:
        text = _BATCHES.format(**_WEIGHTED if data.weighted else _UNWEIGHTED)
    else:
        text = _AUGMENTED + ("        weights = w[batch]\n" if data.weighted else "")
        text += "        seen.append(targets)\n" if changes_targets(program) else ""
    return text.replace("split(BATCH)", f"split({size(program).strip('()')})")


def _loss(program: Program, loss: TorchLoss, data: TorchData) -> str:
    """The definition of ``loss``.  Raises Unsupported if it takes no weights of samples."""
    assert program.loss
    mixes = any(one.mixes for one in program.augment)  # then targets may be mixtures
    if mixes and loss.of_classes and not loss.of_shares:
        raise Unsupported(f"the PyTorch of {program.loss.name} takes no mixtures of classes")
    lines, text = ["def loss(y, t):"], loss.text
    if data.weighted:
        if not loss.each:
            raise Unsupported(f"the PyTorch of {program.loss.name} takes no weights of samples")
        mean = "mean" if program.loss.is_mean else "sum"
        lines, text = ["def loss(y, t, w):"], f"({loss.each} * w).{mean}()"
    members = program.settings.get("members") or 1
    if members > 1:
        terms = program.loss.terms if isinstance(program.loss, SumOfLosses) else ()
        if len({term.loss.is_mean for term in terms}) > 1:
            raise Unsupported("the PyTorch of `members` has no loss that is part mean and part sum")
        lines += _OF_MEMBERS + (["    w = w.repeat_interleave(each, 0)"] if data.weighted else [])
        text = text if program.loss.is_mean else f"({text}) / each"
    if program.description and program.description.classes and not loss.of_classes:
        *positions, outputs = program.graph.output.sizes
        one = "t.unsqueeze(-1)" if positions else "t.unsqueeze(1)"
        values = one if outputs == 1 else f"F.one_hot(t, {outputs})"
        if mixes:
            lines.append("    if not t.is_floating_point():")
            lines.append(f"        t = {values}.to(y.dtype)")
        else:
            lines.append(f"    t = {values}.to(y.dtype)")
    return "\n".join([*lines, statement(4, "return ", text), ""])


def _measure(program: Program, loss: TorchLoss, data: TorchData) -> TorchDefinition:
    assert program.loss
    per_sample, w = loss.per_sample, ""
    if data.weighted:
        per_sample = "loss(y, t, w)" if program.loss.is_mean else "(loss(y, t, w) / len(y))"
        w = ", w"
    of_loss = element(8, f"{per_sample}.item()", '"loss": ')
    found = [_metric(program, one, data.has_units) for one in program.measures]
    lines = [_number(one, said) for one, said in zip(program.measures, found, strict=True)]
    in_units = data.has_units and lines and not program.outputs
    form = _MEASURE_IN_UNITS if in_units else _MEASURE
    first = [of_loss] if form is _MEASURE_IN_UNITS else [of_loss, *lines]
    texts = {"lines": "\n".join(first), "metrics": "\n".join(lines), "y": loss.prediction}
    source = form.format(w=w, **texts)
    return TorchDefinition(source, uses=tuple(use for one in found for use in one.uses))


def _number(measure: Measure, said: TorchMetric) -> str:
    """The lines of a dictionary that have the numbers of a metric."""
    if not said.several:
        return element(8, f"{said.text}.item()", f"{literal(measure.paths[0])}: ")
    return element(8, f"dict(zip({literal(measure.paths)}, {said.text}.tolist()))", "**")


def _metric(program: Program, measure: Measure, has_units: bool) -> TorchMetric:
    """A metric of what outputs predict; that of one of several gives its numbers their units."""
    part, metric = measure.part, measure.metric
    assert program.loss
    shape = shape_of(part, program.graph.output)
    loss: TorchLoss = lowers.lowered(loss_of(program.loss, part), shape)
    said: TorchMetric = lowers.lowered(metric, shape)
    reads = loss.probabilities if metric.reads_probabilities else ""
    prediction = reads or loss.prediction
    if part is not None:
        column = part.target_begin if has_units and part.task == "regression" else None
        return said.replace(text=of_part(said.text, part, column=column, prediction=prediction))
    if has_units:  # the whole prediction has them already
        return said
    return said.replace(text=re.sub(r"\by\b", operand(prediction), said.text))


def _loading(model: Model) -> str:
    """The definition of ``load_weights``: netlang calls a layer by the name of its node."""
    tied = "".join(
        f"        kept[{literal(weight)}] = kept[{literal(other)}]\n"
        for weight, other in model.tied_weights.items()
    )
    return _LOADING.format(paths=_table("paths", _paths(model)), tied=tied)


def _begin(beginning: Beginning, model: Model, folder: Path) -> TorchDefinition:
    """The definition of ``begin``, which gives a model the weights that it begins with."""
    paths, taken = _paths(model), {}
    for name in beginning.taken:
        layer, _, own = name.rpartition(".")
        if layer in paths:  # the output depends on it
            taken[name] = f"{paths[layer]}.{own}"
    file = Path(os.path.relpath(beginning.file.path, folder)).as_posix()
    start = statement(0, "START = ", f"Path(__file__).parent / {literal(file)}")
    return TorchDefinition(
        _BEGIN.format(start=start, taken=_table("taken", taken)), ("from pathlib import Path",)
    )


def _paths(model: Model) -> dict[str, str]:
    """The path of each module with tensors, by the name of its node."""
    nodes = model.graph.nodes
    return {
        nodes[number].name: path
        for number, path in model.paths.items()
        if nodes[number].layer.tensors() and not nodes[number].shares
    }


def _table(name: str, texts: Mapping[str, str]) -> str:
    """The lines of a function that define a dictionary."""
    text = ", ".join(f"{literal(key)}: {literal(value)}" for key, value in texts.items())
    return statement(4, f"{name} = ", f"{{{text}}}") + "\n"


def _stopping(program: Program) -> dict[str, str]:
    """What an epoch does for the file's stopping rule, and what the end does."""
    if program.stop is None:
        return {"best": "", "look": "", "restore": ""}
    stop: TorchStop = lowers.lowered(program.stop)
    metric = program.stop.metric
    value = f'measured["{metric.part}"]["{metric.metric}"]'
    by = f"{value} - best" if program.rises(metric) else f"best - {value}"
    look = _LOOK + _END if stop.is_over else _LOOK
    look = look.format(value=value, by=by, **vars(stop))
    return {"best": "    best = math.nan\n", "look": look, "restore": _RESTORE}


def _with_uses(needed: Iterable[TorchDefinition]) -> Iterator[TorchDefinition]:
    """The definitions and all that they use, each behind what it uses."""
    for one in needed:
        yield from _with_uses(one.uses)
        yield one


def _imports(body: str, definitions: Iterable[TorchDefinition]) -> str:
    """The modules that the text names."""
    named = set(re.findall(r"\b(\w+)\.", body))
    lines = {line for one in definitions for line in one.imports}
    lines |= {f"import {name}" for name in _STANDARD & named}
    lines |= {"import torch"} if "torch" in named else set()
    lines |= {"import torch.nn.functional as F"} if "F" in named else set()
    lines.add("from torch import nn, optim" if "optim" in named else "from torch import nn")
    ordered = sorted(lines, key=lambda line: (line.startswith("from "), line))
    standard = [line for line in ordered if _of_python(line)]
    others = [line for line in ordered if not _of_python(line)]
    return "\n".join([*standard, *([""] if standard else []), *others]) + "\n"


def _of_python(line: str) -> bool:
    """Whether an import is of a module of Python's own."""
    return re.split(r"[ .]", line)[1] in sys.stdlib_module_names


_OF_MEMBERS = [
    '    y = getattr(y, "of_members", y)  # in training, each has a loss of its own',
    "    each = len(y) // len(t)",
    "    t = t.repeat_interleave(each, 0)",
]

_MEASURE = '''\
def measure(y, t{w}):
    """The loss of outputs for targets, on the scale of a sample, and the metrics."""
    return {{
{lines}
    }}
'''

_MEASURE_IN_UNITS = '''\
def measure(y, t{w}):
    """The loss of outputs for targets, on the scale of a sample, and the metrics, which
    are in the units of the data.
    """
    measured = {{
{lines}
    }}
    y, t = to_values({y}), to_values(t)
    return measured | {{
{metrics}
    }}
'''

_EPOCH = '''\
def train_epoch(model, optimizer, {takes}x, t{w}, order):
    """One pass over the samples in that order; returns the model's outputs on the way."""
    model.train()
{begin}{batches}        optimizer.zero_grad()
{backward}{clip}        optimizer.step()
{step}{append}{end}'''

_EPOCH_BY_LOSS = '''\
def train_epoch(model, optimizer, {takes}x, t{w}, order):
    """One pass over the samples in that order; returns the model's outputs on the way."""
    model.train()
{begin}{batches}        done = len(outputs)

        def evaluate(inputs=inputs, targets=targets{bound}):
            optimizer.zero_grad()
{backward}{clip}            outputs.append(y.detach())
            return value

        optimizer.step(evaluate)
        del outputs[done + 1 :]  # those of the first look at the loss
{step}{end}'''

_BEGIN_OUTPUTS, _END_OUTPUTS = "    outputs = []\n", "    return torch.cat(outputs)\n"
_BEGIN_SEEN = "    outputs, seen = [], []\n"
_END_SEEN = "    return torch.cat(outputs), torch.cat(seen)\n"

_APPEND = """\
        outputs.append(y.detach())
"""

_BATCHES = """\
    for inputs, targets{weights} in zip({batches}):
"""

_AUGMENTED = """\
    for batch in order.split(BATCH):
        inputs, targets = augment(x, t, batch)
"""

# Optimizers refuse a model without weights, and autograd a loss that depends on none.
_UNTRAINED = (
    TorchDefinition('''\
def make_optimizer(model):
    """None: the model has no weights to train."""
    return None
'''),
    '''\
def train_epoch(model, optimizer, x, t{w}, order):
    """One pass over the samples in that order; returns the model's outputs on the way."""
    model.train()
    with torch.no_grad():
        return torch.cat([model(inputs) for inputs in x[order].split(BATCH)])
''',
)

_LOADING = '''\
def load_weights(model, file):
    """Give the model the weights of a model.safetensors, which netlang has written; file may
    also be the folder of a run, which holds it.
    """
    from pathlib import Path

    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if Path(file).is_dir():
        file = Path(file) / "model.safetensors"
{paths}    kept = {{}}
    try:
        for name, tensor in load_file(file).items():
            layer, _, own = name.rpartition(".")
            kept[f"{{paths[layer]}}.{{own}}"] = tensor
{tied}        model.load_state_dict(kept)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        sys.exit(f"cannot use the weights in {{file}}: {{error}}")
'''

_BEGIN = '''\
{start}


def begin(model):
    """Give the model those weights that it begins with; the others are left as they are drawn."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

{taken}    try:
        kept = load_file(START)
        weights = {{own: kept[name] for name, own in taken.items()}}
        model.load_state_dict(weights, strict=False)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        sys.exit(f"cannot begin with the weights in {{START}}: {{error}}")
'''

_TRAINING = """\
def evaluate(model, x):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(inputs) for inputs in x.split(1000)])


def show(head, measured):
    shown = [
        f"{{part}}.{{name}} {{value:.6g}}"
        for part, values in measured.items()
        for name, value in values.items()
    ]
    print(head, *shown, sep="  ", flush=True)


def main({parameters}, weights=None):
    torch.manual_seed(seed)
{loading}
    model = Model()
    if weights:
        load_weights(model, weights)
        measured = {{}}
        for part, (x, t{w}) in data.items():
            measured[part] = measure(evaluate(model, x), t{w})
        show(weights, measured)
        return
{begin}    optimizer = make_optimizer(model)
    x, t{w} = data["train"]
{made}{best}    for epoch in range(1, EPOCHS + 1):
        order = torch.randperm(len(x))
        {y} = train_epoch(model, optimizer, {takes}x, t{w}, order)
        measured = {{"train": measure(y, {t_order}{w_order})}}
        for part in [part for part in data if part != "train"]:
            inputs, targets{weights} = data[part]
            measured[part] = measure(evaluate({evaluated}, inputs), targets{weights})
        show(f"epoch {{epoch}}/{{EPOCHS}}", measured)
{after}{look}{restore}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train and test the model.")
    parser.add_argument("seed", type=int, nargs="?", default={seed}, help="default: {seed}")
{table}    help = "evaluate with the weights of this model.safetensors or run's folder"
    parser.add_argument("--weights", metavar="FILE", help=help)
    arguments = parser.parse_args()
    try:
        main({arguments})
    except BrokenPipeError:  # whoever reads the lines has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
"""

_LOOK = """\
        by = {by} if epoch > 1 else math.inf
        if {is_better}:
            best, best_epoch = {value}, epoch
            kept = {{name: tensor.clone() for name, tensor in model.state_dict().items()}}
"""
_END = """\
        waited = epoch - best_epoch
        if {is_over}:
            break
"""
_RESTORE = """\
    model.load_state_dict(kept)
    print(f"best epoch {best_epoch} of {epoch}")
"""

# What follows the targets where samples have weights.
_WEIGHTED = {
    "w": ", w",
    "weights": ", weights",
    "w_order": ", w[order]",
    "batches": """
        x[order].split(BATCH), t[order].split(BATCH), w[order].split(BATCH)
    """,
}
_UNWEIGHTED = dict.fromkeys(_WEIGHTED, "") | {
    "batches": "x[order].split(BATCH), t[order].split(BATCH)"
}

_WITHOUT_A_TABLE = {
    "parameters": "seed",
    "loading": "    data = load_data(seed)",
    "table": "",
    "arguments": "arguments.seed, weights=arguments.weights",
}
_OF_A_TABLE = {
    "parameters": "seed, table=TABLE",
    "loading": """\
    try:
        data = load_data(seed, table)
    except KeyError as column:
        sys.exit(f"the table {table} has no column {column}; --table names another")
    except (OSError, ValueError, EOFError, csv.Error) as error:
        file = getattr(error, "filename", None) or table
        reason = getattr(error, "strerror", None) or error
        sys.exit(f"cannot read the table {file}: {reason}; --table names another")""",
    "table": """\
    parser.add_argument("--table", metavar="FILE", default=TABLE, help="the data")
""",
    "arguments": "arguments.seed, arguments.table, arguments.weights",
}
