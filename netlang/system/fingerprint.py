"""What a file held when it was read, to notice whether it has changed since."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from netlang.system.record import Record


class Fingerprint(Record):
    """A file as it was read: the ``path`` to it, its ``real`` path without links, its SHA-256."""

    path: Path
    real: str
    sha256: str

    @classmethod
    def of(cls, path: Path, data: bytes | memoryview) -> Self:
        """The fingerprint of the file at ``path``, which was just read and holds ``data``."""
        import hashlib

        return cls(path, os.path.realpath(path), hashlib.sha256(data).hexdigest())
