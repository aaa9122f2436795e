"""An ONNX model's matrix products in 16 bits, as autocast does it: for engines that take their
precision from the types in the file.

Products and what only moves their results about are 16 bits; norms, softmax, sums, sines and all
that leads to times and positions stay in fp32, and so do inputs and outputs. Products that are
quantised already are left alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engines.engine import EngineError, Precision

PRODUCTS = {"MatMul", "Gemm", "Conv"}
# These give what they were given, or keep it in its range: they may stay between two products.
MOVES = {
    "Reshape",
    "Transpose",
    "Squeeze",
    "Unsqueeze",
    "Slice",
    "Split",
    "Expand",
    "Gelu",
    "Relu",
    "DepthToSpace",
    "Identity",
}


def lower(model: Any, precision: Precision) -> None:
    """Change an fp32 onnx.ModelProto, in place, to "bf16" or "fp16" products. Raises EngineError."""
    import onnx
    from onnx import helper

    if precision not in ("bf16", "fp16"):
        raise EngineError(f"an ONNX model cannot be lowered to {precision}")
    half = onnx.TensorProto.BFLOAT16 if precision == "bf16" else onnx.TensorProto.FLOAT16
    graph = model.graph
    weights = {x.name: x for x in graph.initializer}
    made_by = {name: node for node in graph.node for name in node.output}
    outputs = {x.name for x in graph.output}
    readers: dict[str, int] = {}
    for node in graph.node:
        for name in node.input:
            readers[name] = readers.get(name, 0) + 1
    is_half: set[str] = set()  # tensors that were fp32 and are no more
    casts: dict[tuple[str, int], str] = {}
    nodes: list[Any] = []

    def cast(name: str, to: int) -> str:
        """The tensor's other form, made once."""
        if (name, to) not in casts:
            other = f"{name}__{'half' if to == half else 'float'}"
            if to == half and name in weights:
                graph.initializer.append(_in_half(weights[name], other, half))
            else:
                nodes.append(helper.make_node("Cast", [name], [other], f"cast_{other}", to=to))
            casts[name, to] = other
        return casts[name, to]

    for node in graph.node:
        quantised = any(
            name in made_by and made_by[name].op_type == "DequantizeLinear" for name in node.input
        )
        product = node.op_type in PRODUCTS and not quantised
        moved = node.op_type in MOVES and node.input[0] in is_half
        for i, name in enumerate(node.input):
            if product and name and name not in is_half:
                node.input[i] = cast(name, half)
            elif name in is_half and not product and not (moved and i == 0):
                node.input[i] = cast(name, onnx.TensorProto.FLOAT)
        renamed = []
        for i, name in enumerate(node.output):
            if not (product or moved):
                continue
            if name in outputs:  # the model's own keeps its name and type
                node.output[i] = f"{name}__made"
                renamed.append((node.output[i], name))
            else:
                is_half.add(name)
        nodes.append(node)
        for inner, name in renamed:
            nodes.append(
                helper.make_node("Cast", [inner], [name], f"cast_{name}", to=onnx.TensorProto.FLOAT)
            )
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(kept)
    # What it says of types between the nodes is no longer true, and nobody needs it.
    del graph.value_info[:]
    used = {name for node in graph.node for name in node.input} | outputs
    left = [x for x in graph.initializer if x.name in used]
    del graph.initializer[:]
    graph.initializer.extend(left)


def _in_half(weight: Any, name: str, half: int) -> Any:
    import onnx
    from onnx import helper, numpy_helper

    values = numpy_helper.to_array(weight)
    dtype = helper.tensor_dtype_to_np_dtype(half)
    if half == onnx.TensorProto.FLOAT16:
        limit = float(np.finfo(np.float16).max)
        values = values.clip(-limit, limit)
    return numpy_helper.from_array(values.astype(dtype), name)
