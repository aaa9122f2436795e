"""The editing tasks: from a shot of a rendered clip to a source, a target and an instruction."""

from __future__ import annotations

from distill.tasks.change import background, camera, material, shape
from distill.tasks.leave import none
from distill.tasks.local import add, object_effect, reasoning, recolor, remove
from distill.tasks.made import Maker
from distill.tasks.maps import (
    depth_to_video,
    pose_to_video,
    sketch_to_video,
    video_to_depth,
    video_to_pose,
    video_to_sketch,
)
from distill.tasks.whole import combined, style, weather

TASKS: dict[str, Maker] = {
    "recolor": recolor,
    "material": material,
    "shape": shape,
    "object_effect": object_effect,
    "add": add,
    "remove": remove,
    "background": background,
    "camera": camera,
    "weather": weather,
    "style": style,
    "reasoning": reasoning,
    "combined": combined,
    "depth_to_video": depth_to_video,
    "sketch_to_video": sketch_to_video,
    "pose_to_video": pose_to_video,
    "video_to_depth": video_to_depth,
    "video_to_sketch": video_to_sketch,
    "video_to_pose": video_to_pose,
    "none": none,
}
