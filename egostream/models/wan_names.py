"""How the parts of a Wan transformer are named: by diffusers, by Wan's own files, and here.

Wan's own files (also those of Self-Forcing and of others that train with Wan's code) are renamed to diffusers' names
first; these are then made into ours, part by part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

# From, to: parts of names, in this order. Blocks' own parts begin with a dot.
ORIGINAL = (
    ("text_embedding.0.", "condition_embedder.text_embedder.linear_1."),
    ("text_embedding.2.", "condition_embedder.text_embedder.linear_2."),
    ("time_embedding.0.", "condition_embedder.time_embedder.linear_1."),
    ("time_embedding.2.", "condition_embedder.time_embedder.linear_2."),
    ("time_projection.1.", "condition_embedder.time_proj."),
    ("head.modulation", "scale_shift_table"),
    ("head.head.", "proj_out."),
    (".modulation", ".scale_shift_table"),
    (".self_attn.", ".attn1."),
    (".cross_attn.", ".attn2."),
    (".norm3.", ".norm2."),
    (".ffn.0.", ".ffn.net.0.proj."),
    (".ffn.2.", ".ffn.net.2."),
    (".q.", ".to_q."),
    (".k.", ".to_k."),
    (".v.", ".to_v."),
    (".o.", ".to_out.0."),
)
# Wrappers that training leaves around the network.
WRAPPED = re.compile(r"^(module\.|model\.|_fsdp_wrapped_module\.|_orig_mod\.)+")
# Ours, theirs: layers with weight and bias that only change their name.
LAYERS = (
    ("text_in.0", "condition_embedder.text_embedder.linear_1"),
    ("text_in.2", "condition_embedder.text_embedder.linear_2"),
    ("time_in.0", "condition_embedder.time_embedder.linear_1"),
    ("time_in.2", "condition_embedder.time_embedder.linear_2"),
    ("time_blocks", "condition_embedder.time_proj"),
)
BLOCK_LAYERS = (
    ("self_attention.to_q", "attn1.to_q"),
    ("self_attention.out", "attn1.to_out.0"),
    ("cross_attention.to_q", "attn2.to_q"),
    ("cross_attention.out", "attn2.to_out.0"),
    ("mlp.0", "ffn.net.0.proj"),
    ("mlp.2", "ffn.net.2"),
)


def is_original(names: Mapping[str, object]) -> bool:
    """Whether these are the names of Wan's own files."""
    return any(".self_attn." in name for name in names)


def from_original(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """By diffusers' names."""
    renamed = {}
    for name, tensor in tensors.items():
        name = WRAPPED.sub("", name)
        for theirs, wanted in ORIGINAL:
            name = name.replace(theirs, wanted)
        renamed[name] = tensor
    return renamed
