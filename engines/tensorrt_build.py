"""ONNX to a TensorRT plan. Needs no GPU with TensorRT-RTX, which can build for GPUs it does not see.

Strongly typed: precision is that of the file's types and of its QuantizeLinear nodes, nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines import tensorrt_api
from engines.engine import EngineError

WORKSPACE_BYTES = 4 << 30


def build_plan(
    model: Path,
    *,
    workspace_bytes: int = WORKSPACE_BYTES,
    capabilities: Sequence[tuple[int, int]] = (),
) -> bytes:
    """The plan of an ONNX file with static shapes. Raises EngineError.

    `capabilities`: compute capabilities to build for, such as (8, 9), with a TensorRT that has a
    say in it; none leaves it the choice.
    """
    trt = tensorrt_api.api()
    logger = tensorrt_api.logger()
    builder = trt.Builder(logger)
    flags = 0
    if hasattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED"):
        flags = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    network = builder.create_network(flags)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse_from_file(str(model)):
        raise EngineError(f"TensorRT cannot parse the model: {_errors(parser)}")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, workspace_bytes)
    # A plan depends on the model alone, not on what was built before it.
    if hasattr(trt.BuilderFlag, "DISABLE_TIMING_CACHE"):
        config.set_flag(trt.BuilderFlag.DISABLE_TIMING_CACHE)
    _aim(trt, config, capabilities)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise EngineError("TensorRT cannot build the model: its log says why")
    return bytes(plan)


def _aim(trt: Any, config: Any, capabilities: Sequence[tuple[int, int]]) -> None:
    if not capabilities:
        return
    known = getattr(trt, "ComputeCapability", None)
    if known is None:
        raise EngineError(f"{trt.__name__} builds for the GPU it runs on alone")
    config.num_compute_capabilities = len(capabilities)
    for index, (major, minor) in enumerate(capabilities):
        found = getattr(known, f"SM{major}{minor}", None)
        if found is None:
            names = sorted(name for name in dir(known) if name.startswith("SM"))
            raise EngineError(
                f"{trt.__name__} builds for {', '.join(names)}, not sm_{major}{minor}"
            )
        config.set_compute_capability(found, index)


def _errors(parser: Any) -> str:
    found = [parser.get_error(i) for i in range(parser.num_errors)]
    return "; ".join(f"{e.node_operator()} ({e.node_name()}): {e.desc()}" for e in found)
