"""What the weights of a network begin from, where a file names another network for that."""

from __future__ import annotations

from netlang.language.diagnostics.messages.models import OtherShape
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record


class OtherNames(Record):
    """Weights of the node ``of`` that are taken, though they were learned for other columns or
    classes: ``pairs`` has what differs, as the file and as the network has it.
    """

    of: str
    pairs: tuple[tuple[str, str], ...]

    @property
    def as_data(self) -> dict[str, object]:
        """The same as JSON holds it."""
        pairs = [{"file": found, "network": takes} for found, takes in self.pairs]
        return {"layer": self.of, "differ": pairs}


class Beginning(Record):
    """The model ``file`` whose tensors a network begins with, as far as they fit by name and shape.

    Each tensor's name is in one of these: ``taken``; ``shapes``, of those with another shape in the
    network; ``missing``, which the network alone has; ``surplus``, which the file alone has.
    ``inputs`` and ``outputs`` are there where the first or the last layer is taken, although the
    file's network was trained for others.
    """

    file: Fingerprint
    taken: tuple[str, ...]
    shapes: tuple[OtherShape, ...]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    inputs: OtherNames | None = None
    outputs: OtherNames | None = None

    @property
    def as_data(self) -> dict[str, object]:
        """The same as JSON holds it."""
        others = {"other_inputs": self.inputs, "other_outputs": self.outputs}
        return {
            "file": str(self.file.path),
            "sha256": self.file.sha256,
            "taken": [*self.taken],
            "other_shape": {
                one.name: {"file": [*one.found], "network": [*one.takes]} for one in self.shapes
            },
            "missing": [*self.missing],
            "left_over": [*self.surplus],
            **{key: one.as_data for key, one in others.items() if one},
        }
