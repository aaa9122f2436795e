"""The names of the published networks that outputs are scored with."""

from __future__ import annotations

PICKSCORE = "yuvalkirstain/PickScore_v1"
PICKSCORE_PROCESSOR = "laion/CLIP-ViT-H-14-laion2B-s32B-b79K"
CLIP = "openai/clip-vit-large-patch14"
VICLIP = "OpenGVLab/ViCLIP-L-14-hf"
