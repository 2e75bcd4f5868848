"""Asks an exported model of ONNX, in an environment with onnxruntime and without netlang.

python -I ask_onnx.py model.onnx question.npz answer.npz
"""

import sys

import numpy as np
import onnxruntime


def main(file, question, answer):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    asked = dict(np.load(question, allow_pickle=False))
    types = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64,
         "tensor(string)": object}  # fmt: skip
    feed = {port.name: asked[port.name].astype(types[port.type]) for port in session.get_inputs()}
    names = [port.name for port in session.get_outputs()]
    found = dict(zip(names, session.run(names, feed), strict=True))
    np.savez(answer, **{name: one.astype(str) if one.dtype == object else one
                        for name, one in found.items()})  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
