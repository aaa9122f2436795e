"""A program's launches recorded once and replayed: for GPUs, where launching is half of the time.

Inputs are copied into memory of the graph's own and outputs are cloned out of it, in the order of
the caller's stream and with no wait of the host. Cloning costs one more pass over outputs that are
small beside what was computed, and lets the caller keep them for ever.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engines.eager import Typed
from engines.engine import EngineError, as_tuple
from engines.job import Job

# The first call allocates and tunes; by the third nothing is left to happen once.
NUM_WARM_UP = 3


class GraphRunner:
    """Replays one capture. `captures` counts them, so that a test can see that there is just one."""

    def __init__(self, program: nn.Module, examples: Sequence[Tensor]) -> None:
        self.captures = 0
        self._device = examples[0].device
        self._inputs = [
            example.clone(memory_format=torch.contiguous_format) for example in examples
        ]
        self._graph = torch.cuda.CUDAGraph()
        side = torch.cuda.Stream(self._device)
        side.wait_stream(torch.cuda.current_stream(self._device))
        try:
            with torch.no_grad():
                with torch.cuda.stream(side):
                    for _ in range(NUM_WARM_UP):
                        program(*self._inputs)
                torch.cuda.current_stream(self._device).wait_stream(side)
                # Other threads may go on using the GPU meanwhile.
                with torch.cuda.graph(self._graph, stream=side, capture_error_mode="thread_local"):
                    self._outputs = as_tuple(program(*self._inputs))
        except RuntimeError as error:
            raise EngineError(f"it cannot be captured in a CUDA graph: {error}") from error
        self.captures += 1
        self._program = program  # its weights are read by address
        self._free = torch.cuda.Event()

    def __call__(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        stream = torch.cuda.current_stream(self._device)
        # The graph's memory is one: a call on another stream waits until this one has its outputs.
        stream.wait_event(self._free)
        torch._foreach_copy_(self._inputs, [tensor.detach() for tensor in inputs])
        self._graph.replay()
        outputs = tuple(output.clone() for output in self._outputs)
        self._free.record(stream)
        return outputs


def run(job: Job) -> GraphRunner:
    """The module captured as torch runs it. Raises EngineError."""
    return GraphRunner(Typed(job), job.examples)
