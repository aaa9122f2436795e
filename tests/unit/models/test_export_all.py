"""Every network of a preset goes through ONNX to TensorRT, which builds it for real, on a machine without a GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from egostream.export_all import as_text, export_all
from egostream.models.checkpoint import EditModel
from egostream.models.text_encoders import NoiseText
from egostream.models.tiny_codec import TinyDecoder, TinyDecoderConfig
from egostream.networks import DecodePictures
from engines import Precision, export_check, tensorrt_api
from tests.unit.models.tiny import tiny_model, tiny_wan_preset


def wan() -> EditModel:
    return tiny_model(preset=replace(tiny_wan_preset(), latents_per_chunk=2))


@pytest.mark.parametrize(
    ("make", "precision", "names"),
    [
        (tiny_model, "fp16", {"encode", "decode", "denoise"}),
        (wan, "bf16", {"encode", "decode", "denoise", "denoise the first"}),
    ],
)
def test_networks_are_exported_checked_and_built(
    make: Callable[[], EditModel], precision: Precision, names: set[str]
) -> None:
    model = make()
    found = export_all(model, NoiseText(model.preset), [precision])
    assert {e.name for e in found} == names
    for e in found:
        assert e.problem is None and e.report is not None, e
        assert e.report.onnx_error < 1e-4
        assert e.report.typed_error is None or e.report.typed_error < 1e-2
        assert e.report.plan_bytes is not None and e.report.plan_bytes > 1000
    assert tensorrt_api.available()
    assert as_text(found).count("\n") == len(names)


def test_a_tiny_decoder_is_exported_too() -> None:
    torch.manual_seed(1)
    tiny = TinyDecoder(TinyDecoderConfig(4, (8, 6, 6, 4), (1, 1, 1, 0))).eval()
    memory = (torch.randn_like(x) for x in tiny.empty_memory(1, (48, 64)))
    given = (torch.randn(1, 1, 4, 6, 8), torch.zeros(1), *memory)
    report = export_check(DecodePictures(tiny), given, "fp16")
    assert report.onnx_error < 1e-4 and report.plan_bytes is not None
