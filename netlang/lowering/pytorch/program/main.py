"""The definition of ``main``: a file that is run trains its model, or judges one with weights."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.lowering.python.text import block
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchStop
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.program.augment import changes_targets
from netlang.lowering.pytorch.program.parts import Parts
from netlang.lowering.pytorch.program.tables import shown


def main(parts: Parts) -> TorchDefinition:
    """The definitions of ``evaluate``, ``show`` and ``main``, and the call of this."""
    program, seed, steps = parts.program, parts.program.seed, parts.steps
    takes_table = parts.data.takes_table
    w, weights = parts.weights("w"), parts.weights("weights")
    is_seen = parts.model.has_weights and changes_targets(program)
    y, t = ("y, seen", "seen") if is_seen else ("y", "t[order]")
    source = f"""\
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


def main(seed, {"table=TABLE, " if takes_table else ""}weights=None):
    torch.manual_seed(seed)
{_TABLE_LOADED if takes_table else _LOADED}\
    model = Model()
    if weights:
        load_weights(model, weights)
        measured = {{}}
        for part, (x, t{w}) in data.items():
            measured[part] = measure(evaluate(model, x), t{w})
        show(weights, measured)
{block(8, shown(parts, "model"))}\
        return
{block(4, ["begin(model)"] if program.beginning else [])}\
    optimizer = make_optimizer(model)
    x, t{w} = data["train"]
{block(4, steps.made)}\
{block(4, ["best = math.nan"] if program.stop else [])}\
    for epoch in range(1, EPOCHS + 1):
        order = torch.randperm(len(x))
        {y} = train_epoch(model, optimizer, {parts.taken}x, t{w}, order)
        measured = {{"train": measure(y, {t}{parts.weights("w[order]")})}}
        for part in [part for part in data if part != "train"]:
            inputs, targets{weights} = data[part]
            measured[part] = measure(evaluate({steps.evaluated}, inputs), targets{weights})
        show(f"epoch {{epoch}}/{{EPOCHS}}", measured)
{block(8, steps.after)}\
{block(8, _look(parts))}\
{_RESTORED if program.stop else ""}\
{block(4, shown(parts, "model" if program.stop else steps.evaluated))}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train and test the model.")
    parser.add_argument("seed", type=int, nargs="?", default={seed}, help="default: {seed}")
{block(4, [_TABLE_ARGUMENT] if takes_table else [])}\
    help = "evaluate with the weights of this model.safetensors or run's folder"
    parser.add_argument("--weights", metavar="FILE", help=help)
    arguments = parser.parse_args()
    try:
        main(arguments.seed, {"arguments.table, " if takes_table else "weights="}arguments.weights)
    except BrokenPipeError:  # whoever reads the lines has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
"""
    return TorchDefinition(source)


def _look(parts: Parts) -> Iterator[str]:
    """The lines by which the file's stopping rule looks at an epoch."""
    rule = parts.program.stop
    if rule is None:
        return
    stop: TorchStop = lowers.lowered(rule)
    value = f'measured["{rule.metric.part}"]["{rule.metric.metric}"]'
    by = f"{value} - best" if parts.program.rises(rule.metric) else f"best - {value}"
    state = f"{parts.steps.kept}.state_dict()"
    yield f"by = {by} if epoch > 1 else math.inf"
    yield f"if {stop.is_better}:"
    yield f"    best, best_epoch = {value}, epoch"
    yield f"    kept = {{name: tensor.clone() for name, tensor in {state}.items()}}"
    if stop.is_over:
        yield from ("waited = epoch - best_epoch", f"if {stop.is_over}:", "    break")


_RESTORED = """\
    model.load_state_dict(kept)
    print(f"best epoch {best_epoch} of {epoch}")
"""

_LOADED = """\
    data = load_data(seed)
"""

_TABLE_LOADED = """\
    try:
        data = load_data(seed, table)
    except KeyError as column:
        sys.exit(f"the table {table} has no column {column}; --table names another")
    except (OSError, ValueError, EOFError, csv.Error) as error:
        file = getattr(error, "filename", None) or table
        reason = getattr(error, "strerror", None) or error
        sys.exit(f"cannot read the table {file}: {reason}; --table names another")
"""

_TABLE_ARGUMENT = """\
parser.add_argument("--table", metavar="FILE", default=TABLE, help="the data")"""
