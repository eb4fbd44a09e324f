"""ONNX Runtime, one sample at a time, from Python with inputs and outputs bound."""

from participant import Task, begin, measure

import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

task = Task()
x, _ = task.samples()
OPERATORS = {"relu": "Relu", "sigmoid": "Sigmoid", "softmax": "Softmax"}


def model():
    nodes, constants, previous = [], [], "x"
    parameters = task.parameters()
    for layer, (weights, biases) in enumerate(parameters):
        constants.append(numpy_helper.from_array(weights, f"w{layer}"))
        constants.append(numpy_helper.from_array(biases, f"b{layer}"))
        nodes.append(helper.make_node("Gemm", [previous, f"w{layer}", f"b{layer}"], [f"z{layer}"], transB=1))
        is_last = layer + 1 == len(parameters)
        previous = "y" if is_last else f"a{layer}"
        operator = OPERATORS[task.output if is_last else task.hidden]
        nodes.append(helper.make_node(operator, [f"z{layer}"], [previous]))
    value = lambda name, width: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width])
    graph = helper.make_graph(
        nodes, "network", [value("x", task.layers[0])], [value("y", task.layers[-1])], constants
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(made)
    return made.SerializeToString()


begin(onnxruntime.__version__)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = task.threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model(), options, providers=["CPUExecutionProvider"])
binding = session.io_binding()
inputs = onnxruntime.OrtValue.ortvalue_from_numpy(x[:1].copy())
outputs = onnxruntime.OrtValue.ortvalue_from_shape_and_type([1, task.layers[-1]], task.type)
binding.bind_ortvalue_input("x", inputs)
binding.bind_ortvalue_output("y", outputs)


def run(count):
    for _ in range(count):
        session.run_with_iobinding(binding)


run(1)
measure(outputs.numpy(), 1, run)
