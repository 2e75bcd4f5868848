"""NumPy's arrays in PyTorch, in files by themselves or in one of several."""

from __future__ import annotations

from pathlib import Path

from netlang.catalogue.data import Arrays
from netlang.catalogue.data.arrays.ends import ended
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.data.arrays.inputs import numbered, shaped
from netlang.lowering.pytorch.data.arrays.loader import loader
from netlang.lowering.pytorch.data.arrays.targets import targets
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.paths import above, constant

_VARIABLES = {
    "inputs": "samples",
    "target": "targets",
    "test_inputs": "tested",
    "test_target": "test_targets",
    "lengths": "lengths",
    "test_lengths": "test_lengths",
}


@lowers(Arrays)
def arrays(data: Arrays, folder: Path) -> TorchData:
    found = data.arranged
    paths, loaded = dict[str, str](), ""
    for argument, places in data.places().items():
        variable = _VARIABLES[argument]
        for number, place in enumerate(places, 1):
            if place is None:
                continue
            name = "ARRAYS" if place.name else variable.upper()
            paths[name] = constant(name, place.located.path, folder)
            member = f"[{literal(place.name)}]" if place.name else ""
            of_one = numbered(variable, number, len(places))
            loaded += statement(4, f"{of_one} = ", f"np.load({name}){member}") + "\n"
    if (count := len(data.places()["target"])) > 1 and not found.further:
        for name in ("targets", *(["test_targets"] if found.tested else [])):
            columns = ", ".join(f"{name}{number}" for number in range(1, count + 1))
            loaded += statement(4, f"{name} = ", f"np.column_stack([{columns}])") + "\n"
    ends, count = "", len(found.inputs)
    for number, one in enumerate(found.inputs, 1):
        for samples, lengths in (("samples", "lengths"), ("tested", "test_lengths")):
            if one.lengths and (samples == "samples" or found.tested):
                own, of_own = (numbered(name, number, count) for name in (samples, lengths))
                ends += f"    {own} = ended({own}, {of_own})\n"
    reading = loaded + shaped(data) + ends + targets(data)
    uses = (TorchDefinition.of(ended),) if ends else ()
    return loader(data, above(*paths.values()), reading, *uses)
