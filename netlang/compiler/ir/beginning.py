"""What the weights of a network begin from, where a file names another network for that."""

from __future__ import annotations

from netlang.language.diagnostics.messages.models import OtherShape
from netlang.system.fingerprint import Fingerprint
from netlang.system.record import Record


class Beginning(Record):
    """The model ``file`` whose tensors a network begins with, as far as they fit by name and shape.

    Each tensor's name is in one of these: ``taken``; ``shapes``, of those with another shape in the
    network; ``missing``, which the network alone has; ``surplus``, which the file alone has.
    """

    file: Fingerprint
    taken: tuple[str, ...]
    shapes: tuple[OtherShape, ...]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]

    @property
    def as_data(self) -> dict[str, object]:
        """The same as JSON holds it."""
        return {
            "file": str(self.file.path),
            "sha256": self.file.sha256,
            "taken": [*self.taken],
            "other_shape": {
                one.name: {"file": [*one.found], "network": [*one.takes]} for one in self.shapes
            },
            "missing": [*self.missing],
            "left_over": [*self.surplus],
        }
