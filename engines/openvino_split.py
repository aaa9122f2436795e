"""Keeps sines and cosines of times and positions out of bf16.

OpenVINO's bf16 mode computes everything before the last matrix product in bf16, also the angles of
time features and rotary positions. With 8 bits of mantissa an angle of 700 is off by up to 2
radians, so the network sees another time (measured on a small transformer: 5 % error, against 1 %
with this cut). The part of a graph that only prepares such angles is therefore cut off and compiled
in fp32; it is tiny, and the rest takes its results as further inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WAVES = {"Sin", "Cos"}
# Behind one of these a wave is part of the network proper.
HEAVY = {"MatMul", "Convolution", "GroupConvolution", "ScaledDotProductAttention"}


@dataclass(frozen=True, slots=True)
class Split:
    """`main` takes the model's inputs, then `angles`' outputs; `angles` some of the inputs."""

    main: Any
    angles: Any | None
    angle_inputs: tuple[int, ...]


def split(ov: Any, model: Any) -> Split:
    """Cut a copy of an openvino.Model, with static shapes, at the waves of its inputs."""
    model = model.clone()
    parameters = model.get_parameters()
    waves = [op for op in model.get_ops() if op.get_type_name() in WAVES and _is_light(op)]
    used = {node.get_friendly_name() for wave in waves for node in _ancestors(wave)}
    angle_inputs = [i for i, p in enumerate(parameters) if p.get_friendly_name() in used]
    if not angle_inputs:
        return Split(model, None, ())
    outputs = [wave.output(0) for wave in waves]
    results = model.get_results()
    fed = []
    for output in outputs:
        parameter = ov.opset13.parameter(output.get_shape(), output.get_element_type())
        for target in output.get_target_inputs():
            target.replace_source_output(parameter.output(0))
        fed.append(parameter)
    return Split(
        main=ov.Model(results, [*parameters, *fed], "main"),
        angles=ov.Model(outputs, [parameters[i] for i in angle_inputs], "angles"),
        angle_inputs=tuple(angle_inputs),
    )


def _ancestors(op: Any) -> Iterator[Any]:
    todo, seen = [op], set()
    while todo:
        node = todo.pop()
        if node.get_friendly_name() not in seen:
            seen.add(node.get_friendly_name())
            yield node
            todo += [value.get_node() for value in node.input_values()]


def _is_light(op: Any) -> bool:
    """Whether no matrix product and no convolution stands before this op."""
    return not any(node.get_type_name() in HEAVY for node in _ancestors(op))
