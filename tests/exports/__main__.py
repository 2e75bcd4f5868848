"""What each file of models/ says in other languages, where netlang is not installed.

    python -m tests.exports                    models and exercises, to all targets
    python -m tests.exports --only iris        some of them
    python -m tests.exports --markdown         the table of the README
    python -m tests.exports --layers           that of what each target says

Each is trained for an epoch, exported, and asked about samples of its own test. What is shown is
the largest difference from netlang's answers: of probabilities, and of numbers in units of their
deviation.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from pathlib import Path

import torch

from netlang.catalogue import registry
from netlang.language.diagnostics.wording import listed
from netlang.lowering.languages import LOWERINGS
from netlang.lowering.lowerings import Unsupported
from netlang.system.shipped import folder
from tests.exports.targets import TARGETS, Environments, difference
from tests.exports.trained import trained

MOST = 1e-5  # a difference that rounding makes


def layers_said() -> str:
    """How much of the catalogue each target says, and what it lacks, as the README has it."""
    head = ["says", *(lowers.target for lowers in LOWERINGS)]
    rows = [head, ["---"] * len(head)]
    lacking = []
    for kind, plural in (("layer", "layers"), ("loss", "losses"), ("optimizer", "optimizers")):
        items = registry.items(kind)
        cells = []
        for lowers in LOWERINGS:
            lacks = [item.name for item in items if not lowers.says(item)]
            if kind in lowers.returns and lacks:
                lacking.append(f"{lowers.target} lacks the {plural} {listed(lacks)}.")
            count = f"{len(items) - len(lacks)} of {len(items)}"
            cells.append(count if kind in lowers.returns else "")
        rows.append([plural, *cells])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{table}\n\n{textwrap.fill(' '.join(lacking), 112)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--to", action="append", default=[], metavar="TARGET")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--layers", action="store_true", help="say which target says how much")
    arguments = parser.parse_args()
    if arguments.layers:
        print(layers_said())
        return 0
    torch.set_num_threads(1)
    targets = [one for one in TARGETS if not arguments.to or one.name in arguments.to]
    models = folder("models")
    files = [*sorted(models.glob("*.net")), *sorted(models.glob("exercises/*.net"))]
    is_well = True
    _row("file", [one.name for one in targets], arguments.markdown)
    if arguments.markdown:
        _row("---", ["---"] * len(targets), True)
    with tempfile.TemporaryDirectory() as place:
        environments = Environments(Path(place) / "environments")
        for file in files:
            name = file.relative_to(models).with_suffix("").as_posix()
            if arguments.only and name not in arguments.only:
                continue
            model, cells = trained(file), []
            for target in targets:
                try:
                    own = Path(place) / name / target.name
                    found = difference(target, model, environments, own)
                    cells.append(f"{found:.1e}")
                    is_well &= found <= MOST
                except (AssertionError, Unsupported) as wrong:
                    print(f"{name}, {target.name}: {wrong}", file=sys.stderr)
                    cells.append("-")
                    is_well = False
            _row(f"`{name}`" if arguments.markdown else name, cells, arguments.markdown)
    return 0 if is_well else 1


def _row(name: str, cells: list[str], markdown: bool) -> None:
    if markdown:
        print(f"| {' | '.join([name, *cells])} |", flush=True)
    else:
        print(f"{name:26}", *(f"{cell:>9}" for cell in cells), flush=True)


if __name__ == "__main__":
    sys.exit(main())
