"""torch.compile of the whole module with fixed shapes; on a GPU captured in a CUDA graph of ours.

The module is exported first: what Python computes once, such as cached constants, is then constant,
and no graph break or recompilation can hide. The CUDA graph is ours so that there is one capture and
one memory for it, whoever calls. Needs a C++ compiler on a CPU, Triton on a GPU; what was compiled
is kept between runs by torch itself (TORCHINDUCTOR_CACHE_DIR).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import warnings

import torch
from torch import nn

from engines.cudagraph import GraphRunner
from engines.eager import EagerRunner, Typed
from engines.engine import EngineError, Runner
from engines.job import Job

MODES = {"cpu": "default", "cuda": "max-autotune-no-cudagraphs"}
COMPILERS = ("g++", "clang++", "c++")


def available(device: str) -> bool:
    """Whether what torch.compile needs for this kind of device is installed."""
    if device == "cuda":
        return importlib.util.find_spec("triton") is not None
    return any(shutil.which(name) for name in (os.environ.get("CXX"), *COMPILERS) if name)


def run(job: Job) -> Runner:
    """The module compiled. Raises EngineError."""
    device = job.device.type
    if not available(device):
        missing = "Triton" if device == "cuda" else "a C++ compiler (such as g++)"
        raise EngineError(f"torch.compile needs {missing}, and there is none")
    program = Compiled(job)
    if device == "cuda":
        return GraphRunner(program, job.examples)
    return EagerRunner(program)


class Compiled(nn.Module):
    """A module's program, compiled. Raises EngineError."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        # Apart: inputs that share memory would be taken for one.
        examples = tuple(example.clone() for example in job.examples)
        name = type(job.module).__name__
        try:
            with warnings.catch_warnings(), torch.no_grad():
                # The exporter's and the compiler's own, about each other.
                warnings.simplefilter("ignore")
                self.program = torch.export.export(Typed(job), examples, strict=False).module()
                self._compiled = torch.compile(
                    self.program,
                    fullgraph=True,
                    dynamic=False,
                    mode=MODES[job.device.type],
                )
                self._compiled(*examples)
        except Exception as error:  # the compiler raises many kinds
            raise EngineError(f"torch.compile fails on {name}: {error}") from error

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(self._compiled(*inputs))
