"""A trained network is kept in a model file, which a program may name, too, to begin with it."""

from __future__ import annotations

from netlang.system.tensor_file import FileKind

MODEL_FILE = "model.safetensors"  # as a run calls it
MODEL = FileKind("model", 1)
