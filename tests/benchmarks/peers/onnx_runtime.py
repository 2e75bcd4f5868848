"""ONNX Runtime, on a file of the network alone: what ``netlang export --to onnx`` makes of it."""

from __future__ import annotations

import onnxruntime
import torch

from netlang.engine.network import Network
from netlang.lowering.onnx.file import File, Port
from netlang.lowering.onnx.network import outputs_of
from netlang.lowering.onnx.values import Value
from tests.benchmarks.netlang_engine import program
from tests.benchmarks.pieces import in_pieces
from tests.benchmarks.workloads import Floats, Inputs, Workload


class Runtime:
    """A session with as many threads as torch has."""

    def __init__(self, workload: Workload) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        providers = ["CPUExecutionProvider"]
        session = onnxruntime.InferenceSession(exported(workload), options, providers=providers)

        def run(inputs: Inputs) -> Floats:
            found: list[Floats] = session.run(None, {"x": inputs})
            return found[0]

        inputs, _ = workload.data()
        self.predict = in_pieces(run, inputs)


def exported(workload: Workload) -> bytes:
    """The network as a file of ONNX, from numbers or tokens to its outputs."""
    graph = program(workload).graph
    network = Network(graph, 0)
    for (weight, _), start in zip(network.param(), workload.weights(), strict=True):
        weight.copy_(torch.from_numpy(start))
    given = Value("int64" if workload.tokens else "float32")
    values = outputs_of(graph, network.named_tensors(), given)
    inputs = [Port("x", given, workload.input)]
    outputs = [Port("y", values[graph.result], graph.output.sizes)]
    return File(workload.twin, inputs, outputs).to_bytes("benchmark", {})
