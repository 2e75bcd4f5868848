"""A program as a file of PyTorch: with ``torch.nn``, ``torch.optim`` and autograd, without netlang.

It means what the .net file means: the same data, initial weights of the same distribution, and the
same loss, batches and optimizer. Only the data is drawn as netlang draws it; all else comes from
torch's own generator.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import netlang
from netlang.catalogue.optimizers import Optimizer
from netlang.catalogue.settings import plain_settings
from netlang.compiler.ir import Graph, Program
from netlang.language.source import SourceFile
from netlang.lowering.pytorch.counterparts import (
    TorchData,
    TorchDefinition,
    TorchExpression,
    TorchLoss,
    TorchModule,
)
from netlang.lowering.pytorch.python import element, statement
from netlang.lowering.pytorch.table import lowers
from netlang.lowering.table import described, input_names
from netlang.system.record import Record
from netlang.system.terminal import visible

# Modules that PyTorch imports and that do not belong to Python.
_NEEDED = (
    "filelock", "fsspec", "jinja2", "mpmath", "networkx", "numpy", "sympy", "torch",
    "typing_extensions",
)  # fmt: skip

_STANDARD = {"argparse", "math", "sys"}  # Python's modules that any text may name


class Exported(Record):
    """The ``source``, and by the number of a node, the path of its module in ``Model``."""

    source: str
    modules: Mapping[int, str]


def to_pytorch(program: Program, folder: Path) -> Exported:
    """The program as Python for a file in ``folder``; a network alone becomes a model alone.

    Raises Unsupported.
    """
    model = _Model(program.graph)
    needs = [use for module in model.modules.values() for use in module.uses]
    blocks = [*(one.source for one in _with_uses(needs)), model.source]
    constants = ""
    if program.data and program.loss and program.optimizer:
        # The seed is an argument of the exported program.
        named = [name for name in plain_settings() if name != "seed"]
        constants = "".join(f"{name.upper()} = {program.settings.get(name)!r}\n" for name in named)
        loss: TorchLoss = lowers.lowered(program.loss, program.graph.output)
        data: TorchData = lowers.lowered(program.data, folder)
        needs += [*loss.uses, data.definition]
        optimizer, epoch = (
            (_optimizer(program.optimizer), _EPOCH) if model.has_weights else _UNTRAINED
        )
        blocks += [one.source for one in _with_uses(loss.uses)]
        blocks += [_loss(program, loss), _measure(program, loss), optimizer]
        blocks += [one.source for one in _with_uses([data.definition])]
        parts = _OF_A_TABLE if data.takes_table else _WITHOUT_A_TABLE
        blocks += [epoch, _TRAINING.format(**parts, seed=program.seed)]
    body = "\n\n".join(dict.fromkeys(blocks))  # each once
    name = visible(program.source.name)
    head = f"# {name} in PyTorch, as netlang {netlang.__version__} writes it.\n"
    head += "".join(f"# It has --set {visible(override)}.\n" for override in program.overrides)
    above = filter(None, [head, _imports(body, needs), constants])
    return Exported("\n".join([*above, f"\n{body}"]), model.paths)


def is_module(stem: str) -> bool:
    """Whether PyTorch may import the file ``stem``.py instead of a module that it needs."""
    return stem in sys.stdlib_module_names or stem in _NEEDED


class _Model:
    """The network as a class ``Model``: an ``nn.Sequential`` where layers follow one another."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.layers: dict[int, TorchModule | TorchExpression] = {}
        for number in sorted(graph.live - {0}):
            node = graph.nodes[number]
            self.layers[number] = lowers.lowered(node.layer, *node.takes, name=described(node))
        self.modules = {
            number: layer for number, layer in self.layers.items() if isinstance(layer, TorchModule)
        }
        # Nodes that share weights have one module, which is named after the first of them.
        first: dict[int, int] = {}
        self.holders = {
            number: first.setdefault(graph.owner(number), number) for number in self.modules
        }
        self.is_chain = self._is_chain()
        self.paths = {
            number: str(index) if self.is_chain else graph.nodes[holder].name
            for index, (number, holder) in enumerate(self.holders.items())
        }

    @property
    def has_weights(self) -> bool:
        return any(self.graph.nodes[number].layer.size for number in self.modules)

    @property
    def source(self) -> str:
        lines = self._sequential() if self.is_chain else self._wired()
        return "\n".join(lines) + "\n"

    def _is_chain(self) -> bool:
        nodes = [self.graph.nodes[number] for number in self.layers]
        follows = all(
            node.inputs == (source,) and not node.shares
            for source, node in zip([0, *self.layers], nodes, strict=False)
        )
        return follows and len(self.modules) == len(self.layers)

    def _sequential(self) -> Iterator[str]:
        yield "class Model(nn.Sequential):"
        yield "    def __init__(self):"
        yield "        super().__init__("
        for number, comment in self._commented():
            if comment:
                yield f"            {comment}"
            yield element(12, self.modules[number].text)
        yield "        )"

    def _wired(self) -> Iterator[str]:
        yield "class Model(nn.Module):"
        yield "    def __init__(self):"
        yield "        super().__init__()"
        for number, holder in self.holders.items():
            if number == holder:
                path, module = self.paths[number], self.modules[number]
                yield statement(8, f"self.{path} = ", module.text)
        yield ""
        yield "    def forward(self, x):"
        for number, comment in self._commented():
            if comment:
                yield f"        {comment}"
            yield statement(8, f"x{number} = ", self._applied(number))
        yield f"        return {self._value(self.graph.result)}"

    def _applied(self, number: int) -> str:
        """The value of the node, as an expression of others."""
        layer, inputs = self.layers[number], self.graph.nodes[number].inputs
        arguments = [self._value(source) for source in inputs]
        if isinstance(layer, TorchModule):
            return f"self.{self.paths[number]}({', '.join(arguments)})"
        values = dict(zip(input_names(len(arguments)), arguments, strict=True))
        return re.sub(r"\bx\d*\b", lambda found: values[found[0]], layer.text)

    def _value(self, number: int) -> str:
        return f"x{number}" if number else "x"

    def _commented(self) -> Iterator[tuple[int, str]]:
        """The nodes, each with its line of the file as a comment, unless the last one has it."""
        last: tuple[SourceFile, int] | None = None
        for number in self.layers:
            span = self.graph.nodes[number].origin.span
            line = span.source, span.first.line
            text = "" if line == last else span.source.line(span.first.line).strip()
            yield number, f"# {visible(text)}" if text else ""
            last = line


def _loss(program: Program, loss: TorchLoss) -> str:
    lines = ["def loss(y, t):"]
    if program.description and program.description.classes and not loss.of_classes:
        outputs = program.graph.output.size
        values = "t.unsqueeze(1)" if outputs == 1 else f"F.one_hot(t, {outputs})"
        lines.append(f"    t = {values}.to(y.dtype)")
    return "\n".join([*lines, statement(4, "return ", loss.text), ""])


def _measure(program: Program, loss: TorchLoss) -> str:
    outputs = program.graph.output.sizes[-1]
    texts = {"loss": loss.per_sample}
    texts |= {metric.name: lowers.lowered(metric, outputs) for metric in program.metrics}
    lines = [element(8, f"{text}.item()", f'"{name}": ') for name, text in texts.items()]
    return _MEASURE.format(lines="\n".join(lines))


def _optimizer(optimizer: Optimizer) -> str:
    text = lowers.lowered(optimizer)
    return f"def make_optimizer(model):\n{statement(4, 'return ', text)}\n"


def _with_uses(needed: Iterable[TorchDefinition]) -> Iterator[TorchDefinition]:
    """The definitions and all that they use, each behind what it uses."""
    for one in needed:
        yield from _with_uses(one.uses)
        yield one


def _imports(body: str, needed: Iterable[TorchDefinition]) -> str:
    """The modules that the text names."""
    named = set(re.findall(r"\b(\w+)\.", body))
    lines = {line for one in _with_uses(needed) for line in one.imports}
    lines |= {f"import {name}" for name in _STANDARD & named}
    standard = sorted(lines, key=lambda line: (line.startswith("from "), line))
    torch = ["import torch"] if "torch" in named else []
    torch += ["import torch.nn.functional as F"] if "F" in named else []
    torch += ["from torch import nn, optim" if "optim" in named else "from torch import nn"]
    return "\n".join([*standard, *([""] if standard else []), *torch]) + "\n"


_MEASURE = '''\
def measure(y, t):
    """The loss of outputs for targets, on the scale of a sample, and the metrics."""
    return {{
{lines}
    }}
'''

_EPOCH = '''\
def train_epoch(model, optimizer, x, t, order):
    """One pass over the samples in that order; returns the model's outputs on the way."""
    model.train()
    outputs = []
    for inputs, targets in zip(x[order].split(BATCH), t[order].split(BATCH)):
        optimizer.zero_grad()
        y = model(inputs)
        loss(y, targets).backward()
        optimizer.step()
        outputs.append(y.detach())
    return torch.cat(outputs)
'''

# Optimizers refuse a model without weights, and autograd a loss that depends on none.
_UNTRAINED = (
    '''\
def make_optimizer(model):
    """None: the model has no weights to train."""
    return None
''',
    '''\
def train_epoch(model, optimizer, x, t, order):
    """One pass over the samples in that order; returns the model's outputs on the way."""
    model.train()
    with torch.no_grad():
        return torch.cat([model(inputs) for inputs in x[order].split(BATCH)])
''',
)

_TRAINING = """\
def evaluate(model, x):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(inputs) for inputs in x.split(1000)])


def main({parameters}):
    torch.manual_seed(seed)
{loading}
    model = Model()
    optimizer = make_optimizer(model)
    x, t = data["train"]
    for epoch in range(1, EPOCHS + 1):
        order = torch.randperm(len(x))
        y = train_epoch(model, optimizer, x, t, order)
        measured = {{"train": measure(y, t[order])}}
        for part in [part for part in data if part != "train"]:
            inputs, targets = data[part]
            measured[part] = measure(evaluate(model, inputs), targets)
        shown = [
            f"{{part}}.{{name}} {{value:.6g}}"
            for part, values in measured.items()
            for name, value in values.items()
        ]
        print(f"epoch {{epoch}}/{{EPOCHS}}", *shown, sep="  ")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train and test the model.")
    parser.add_argument("seed", type=int, nargs="?", default={seed}, help="default: {seed}")
{call}
"""

_WITHOUT_A_TABLE = {
    "parameters": "seed",
    "loading": "    data = load_data(seed)",
    "call": "    main(parser.parse_args().seed)",
}
_OF_A_TABLE = {
    "parameters": "seed, table=TABLE",
    "loading": """\
    try:
        data = load_data(seed, table)
    except KeyError as column:
        sys.exit(f"the table {table} has no column {column}; --table names another")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.exit(f"cannot read the table {table}: {reason}; --table names another")""",
    "call": """\
    parser.add_argument("--table", metavar="FILE", default=TABLE, help="the data")
    arguments = parser.parse_args()
    main(arguments.seed, arguments.table)""",
}
