"""An ONNX file is run, by onnxruntime where it is there, or by onnx itself."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.imports.onnx.file import OnnxFile
from netlang.imports.onnx.graph import BATCH
from netlang.imports.refused import Refused
from netlang.system.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAMPLES = 4


class OnnxRunner:
    """Runs the file at ``path``.  Raises Refused where nothing can."""

    def __init__(self, path: Path, data: bytes) -> None:
        import onnx

        file = OnnxFile(path, data)
        names = tuple(one.name for one in file.inputs())
        batch = file.batch(names)
        self.samples = _SAMPLES if batch == BATCH else batch
        self._kinds = {
            one.name: onnx.helper.tensor_dtype_to_np_dtype(one.type.tensor_type.elem_type)
            for one in file.model.graph.input
        }
        data = file.model.SerializeToString() if file.is_changed else data
        self._run, self.name = _runner(data if file.is_changed else path, data)

    def outputs(self, inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """The outputs for the inputs by their names.  Raises Refused where it cannot be run."""
        given = {name: one.astype(self._kinds[name]) for name, one in inputs.items()}
        try:
            return [np.asarray(one) for one in self._run(None, given)]
        except Exception as error:
            said = str(error).strip().splitlines()
            raise Refused(f"{self.name} cannot run it: {said[0] if said else error}") from None


def _runner(source: Path | bytes, data: bytes) -> tuple[Any, str]:
    """What runs the file, and its name."""
    try:
        onnxruntime = importlib.import_module("onnxruntime")
        quiet = onnxruntime.SessionOptions()
        quiet.log_severity_level = 4
        quiet.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(source, quiet).run, "onnxruntime"
    except ImportError:
        pass
    except Exception as error:
        said = str(error).strip().splitlines()
        raise Refused(f"onnxruntime cannot run it: {said[0] if said else error}") from None
    from onnx.reference import ReferenceEvaluator

    try:
        return ReferenceEvaluator(data).run, "onnx"
    except Exception as error:
        raise Refused(f"onnx cannot run it: {error}") from None
