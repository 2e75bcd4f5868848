"""``from netlang import ...`` gives what is needed to annotate code that uses netlang."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator

from netlang import api
from tests.together import together

# They are handed on: what they are made of is netlang's own.
HANDED_ON = {
    *("Beginning", "Checkpoint", "Compilation", "Diagnostic", "Fingerprint", "Outcome", "Program"),
    *("SourceFile", "Span"),
}
# What a layer of a family says of its mathematics, to the base class of the family.
STEPS = ("cell", "cell_backward", "derivatives", "reduce", "spread")
# Netlang alone asks for these.
OF_NETLANG = {
    *("Item.arguments", "Item.meant_argument", "Item.required_arguments"),
    *("Table.division", "Table.rows", "Table.table", "Table.test_rows", "TableArguments.request"),
    "TableArguments.roles",
    *("ArrayData.arranged", "ArrayData.pipeline", "ArrayData.read"),
    *(
        "NamedArrays.places",
        "NamedArrays.refused_at",
        "Arrays.read",
        "IDX.four",
        "IDX.read",
        "Images.read",
        "Sklearn.pipeline",
    ),
    *("Sklearn.read", "ArrayPipeline.__init__", "ArrayPipeline.fit", "ArrayPipeline.goal"),
    "TextPipeline.goal",
    *(f"{one}.{step}" for one in ("Last", "Max", "Mean", "_Reduction") for step in STEPS),
    *(f"{cell}.{step}" for cell in ("RNN", "GRU", "LSTM", "Recurrent") for step in STEPS),
    *("Encoder.check", "Encoder.gathered", "Encoder.lacks", "Encoder.unseen", "Encoder.unusable"),
    "Encoder.curves",
    "CompiledModel.__init__",
    *("TrainedModel.engine", "TrainedModel.network", "TrainedModel.trained_program"),
    *("Encoder.values", "Goal.check", "Goal.gathered", "Goal.targets", "Pipeline.gathered"),
}
OF_OTHERS = {"Any", "DataFrame", "Generator", "NDArray", "None", "PathLike", "Self", "T", "Tensor"}
NAMES = [name for name in api.__all__ if name not in HANDED_ON]


def annotations(name: str) -> Iterator[tuple[str, str, str]]:
    """The annotations of what is public: what has them, the text, and the module it stands in."""
    found = getattr(api, name)
    if not inspect.isclass(found):
        texts = inspect.get_annotations(found) if inspect.isfunction(found) else {}
        yield from ((name, str(text), found.__module__) for text in texts.values())
        return
    for base in (base for base in found.__mro__ if base.__module__.startswith("netlang.")):
        fields = inspect.get_annotations(base).items()
        texts = {name: text for name, text in fields if not name.startswith("_")}
        yield from (
            # Those of a NamedTuple are references.
            (f"{base.__name__}.{name}", getattr(text, "__forward_arg__", text), base.__module__)
            for name, text in texts.items()
        )
        for method, member in vars(base).items():
            plain = member.fget if isinstance(member, property) else member
            function = inspect.unwrap(getattr(plain, "__func__", plain))
            where = f"{base.__name__}.{method}"
            public = not method.startswith("_") or method == "__init__"
            if public and inspect.isfunction(function):
                for text in inspect.get_annotations(function).values():
                    yield where, str(text), function.__module__


@together("name", NAMES)
def test_the_types_in_a_public_signature_can_be_imported(name: str) -> None:
    for where, text, module in annotations(name):
        for word in re.findall(r"\b[A-Z]\w+", text if where not in OF_NETLANG else ""):
            # It is None if the module imports it for type checkers alone.
            known = getattr(sys.modules[module], word, None)
            if word not in OF_OTHERS and (known is None or known.__module__.startswith("netlang.")):
                assert word in api.__all__, f"{where} has {word}"


def test_every_event_of_a_training_can_be_imported() -> None:
    events = {event.__name__ for event in api.Event.__args__}
    assert events == {"Started", "StepsDone", "EpochDone", "Finished"}
    assert events < set(api.__all__)
