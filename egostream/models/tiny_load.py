"""The published tiny decoders (`taew2_1`, `taew2_2`) into `TinyDecoder`: .pth files, or the same as safetensors.

Between two levels the published network repeats every cell twice along both sides, makes a frame two by a 1 x 1
convolution, then convolves 3 x 3, with nothing nonlinear between. That is one 3 x 3 convolution of the coarse grid
whose channels are then spread out, which is what is made of it here: the same pictures, and one layer for three.
Nothing is loaded half. A file's encoder is left aside: the full one stays. What latents a file was made for it does
not say; Hunyuan's (`taehv`) has the shapes of Wan 2.1's.
Source: the layout of madebyollin/taehv (MIT), `taehv.py`, as of its commit 1f14a56; its "super" decoders are other
networks.
Shapes: O, M, I channels out, between and in; T frames, Y X a kernel's rows and columns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from egostream.errors import BadCheckpoint
from egostream.models.component import UNREADABLE, Component, refuse
from egostream.models.tiny_codec import TinyDecoder, TinyDecoderConfig
from egostream.models.wan_config import RGB

Shapes = dict[str, tuple[int, ...]]
BLOCKS = 3
FIRST, LAST = "decoder.1", "decoder.22"
# By level: its blocks; between levels: what doubles time, and what convolves the doubled space.
IN_LEVELS = tuple(tuple(f"decoder.{first + i}" for i in range(BLOCKS)) for first in (3, 9, 15))
TO_TIMES = ("decoder.7", "decoder.13", "decoder.19")
TO_SPACES = ("decoder.8", "decoder.14", "decoder.20")
# Which weights of a doubled grid's 3 fall on which of the coarse one's 3, for the first and the second of two cells.
FALLS = torch.tensor(
    [[[1, 0, 0], [0, 1, 1], [0, 0, 0]], [[0, 0, 0], [1, 1, 0], [0, 0, 1]]], dtype=torch.float64
)


def is_published_tiny(component: Component) -> bool:
    """Whether a file has the published names: numbered layers of a decoder."""
    names = (name.split(".") for name in component.tensors)
    return any(n[0] == "decoder" and n[1:2] and n[1].isdecimal() for n in names)


def load_tiny(component: Component) -> TinyDecoder:
    """A decoder in float32, ready for inference; its widths, time and patches are read off the shapes.

    Raises BadCheckpoint listing what is missing, unexpected or of another shape, by the file's own names.
    """
    found = {k: v for k, v in component.tensors.items() if not k.startswith("encoder.")}
    refuse(
        component.path, [f"{k} is no tensor" for k, v in found.items() if not torch.is_tensor(v)]
    )
    if "decoder.0.weight" in found:
        raise BadCheckpoint(f"{component.path} holds a decoder of the larger 'super' kind")
    try:
        config = _recognise(component, found)
    except UNREADABLE as error:
        raise BadCheckpoint(f"{component.path} has an impossible shape: {error}") from error
    expected = published_shapes(config)
    problems = [f"missing {name}" for name in expected.keys() - found.keys()]
    problems += [f"unexpected {name}" for name in found.keys() - expected.keys()]
    for name in expected.keys() & found.keys():
        if tuple(found[name].shape) != expected[name]:
            problems.append(f"{name} is {tuple(found[name].shape)}, not {expected[name]}")
        if not found[name].is_floating_point():
            problems.append(f"{name} holds {found[name].dtype}")
    refuse(component.path, problems)
    with torch.device("meta"):
        decoder = TinyDecoder(config)
    # In double: products of weights are to be as exact as the weights.
    precise = {name: value.double() for name, value in found.items()}
    ours = {name: value.float().contiguous() for name, value in _converted(precise).items()}
    decoder.load_state_dict(ours, assign=True)
    return decoder.eval().requires_grad_(False)


def published_shapes(config: TinyDecoderConfig) -> Shapes:
    """What a file with a decoder of this configuration holds, its encoder apart."""
    widths, last = config.widths, RGB * config.head**2
    shapes: Shapes = {
        f"{FIRST}.weight": (widths[0], config.latent_channels, 3, 3),
        f"{FIRST}.bias": widths[:1],
        f"{LAST}.weight": (last, widths[-1], 3, 3),
        f"{LAST}.bias": (last,),
    }
    for level, names in enumerate(IN_LEVELS):
        width, wider = widths[level], widths[level + 1]
        for name in names:
            for conv, sees in ((0, 2 * width), (2, width), (4, width)):
                shapes[f"{name}.conv.{conv}.weight"] = (width, sees, 3, 3)
                shapes[f"{name}.conv.{conv}.bias"] = (width,)
        frames = 2 if config.temporal_up[level] else 1
        shapes[f"{TO_TIMES[level]}.conv.weight"] = (width * frames, width, 1, 1)
        shapes[f"{TO_SPACES[level]}.weight"] = (wider, width, 3, 3)
    return shapes


def _recognise(component: Component, found: Mapping[str, Tensor]) -> TinyDecoderConfig:
    """The configuration that the layers between levels tell, right or wrong."""
    spaces = [f"{name}.weight" for name in (FIRST, *TO_SPACES)]
    times = [f"{name}.conv.weight" for name in TO_TIMES]
    telling = [*spaces, *times, f"{LAST}.weight"]
    if any(name not in found or found[name].dim() != 4 for name in telling):
        default = published_shapes(TinyDecoderConfig())
        problems = [f"missing {name}" for name in default.keys() - found.keys()]
        problems += [
            f"{name} is {tuple(found[name].shape)}, not a convolution's"
            for name in telling
            if name in found and found[name].dim() != 4
        ]
        refuse(component.path, problems)
    widths = tuple(found[name].shape[0] for name in spaces)
    return TinyDecoderConfig(
        latent_channels=found[telling[0]].shape[1],
        widths=widths,
        blocks=(*(BLOCKS for _ in IN_LEVELS), 0),
        temporal_up=tuple(found[t].shape[0] >= 2 * w for t, w in zip(times, widths, strict=False)),
        head=math.isqrt(found[telling[-1]].shape[0] // RGB),
    )


def _converted(found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Our names and weights."""
    ours = {"conv_in.weight": _of_frame(found[f"{FIRST}.weight"])}
    ours["conv_in.bias"] = found[f"{FIRST}.bias"]
    number = 0
    for level, names in enumerate(IN_LEVELS):
        for name in names:
            ours |= _block(found, f"{name}.conv", f"layers.{number}")
            number += 1
        time = found[f"{TO_TIMES[level]}.conv.weight"]
        grown = grow_kernel(time, found[f"{TO_SPACES[level]}.weight"])
        ours[f"layers.{number}.conv.weight"] = grown
        ours[f"layers.{number}.conv.bias"] = grown.new_zeros(grown.shape[0])
        number += 1
    ours["head.conv.weight"] = _of_frame(found[f"{LAST}.weight"])
    ours["head.conv.bias"] = found[f"{LAST}.bias"]
    return ours


def _block(found: Mapping[str, Tensor], theirs: str, ours: str) -> dict[str, Any]:
    """Theirs sees a frame's channels first and then those of the frame before it; ours is a convolution in time."""
    now, before = found[f"{theirs}.0.weight"].chunk(2, dim=1)
    return {
        f"{ours}.conv1.conv.weight": torch.stack([before, now], dim=2),
        f"{ours}.conv1.conv.bias": found[f"{theirs}.0.bias"],
        f"{ours}.conv2.weight": _of_frame(found[f"{theirs}.2.weight"]),
        f"{ours}.conv2.bias": found[f"{theirs}.2.bias"],
        f"{ours}.conv3.weight": _of_frame(found[f"{theirs}.4.weight"]),
        f"{ours}.conv3.bias": found[f"{theirs}.4.bias"],
    }


def grow_kernel(time: Tensor, space: Tensor) -> Tensor:
    """The weight (O T 2 2, I, 1, 3, 3) of a `Grow` that does what the published three layers do one after another:
    every cell twice along both sides, `time` (T M, I, 1, 1), `space` (O, M, 3, 3).
    """
    frames_TMI = time.flatten(1).unflatten(0, (-1, space.shape[1]))
    fine = torch.einsum("omyx,tmi->otiyx", space, frames_TMI)
    falls = FALLS.to(fine)
    coarse = torch.einsum("otiyx,aky,blx->otabikl", fine, falls, falls)
    return coarse.flatten(0, 3)[:, :, None]


def _of_frame(weight_OIYX: Tensor) -> Tensor:
    """As the weight of a convolution of video that sees one frame."""
    return weight_OIYX[:, :, None]
