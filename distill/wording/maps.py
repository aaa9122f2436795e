"""Between a video and its depth map, line drawing or skeletons: what is asked of either way."""

from __future__ import annotations

from distill.wording.grammar import Grammar, trained, unseen

# Each short: the description takes most of what an instruction may hold.
_TO_VIDEO = """
turn the {map} into a video: {description}
(make|create) a video from the {map}: {description}
(turn|convert|change|transform) (the|this) {map} (into|to) (a video|a real video|\
    a film): {description}
(make|create|render|generate|build) (a video|a real video) (from|out of) (the|\
    this) {map}: {description}
(fill in|colour|paint|complete|finish) (the|this) {map}: {description}
(make|turn) (the|this) {map} (real|realistic): {description}
(use|take|follow) (the|this) {map} (to show|to make|and show): {description}
make (the|this) {map} a video of {description}
(turn|convert|change|transform) (the|this) {map} (into|to) {description}
(render|show|create|generate|make) {description} (from|using|following|out of) (the|this) {map}
(take|use) (the|this) {map} as a (base|plan|model): {description}
(paint|draw|imagine) {description} (over|on|inside) (the|this) {map}
(see|read|interpret) (the|this) {map} as {description}
(make|get) (a photo|something real) (from|out of) (the|this) {map}: {description}
"""
_TO_VIDEO_STATEMENTS = """
(the|this) {map} (shows|is|should be|should show) {description}
(I want|I'd like|I would like) a video of {description} from (the|this) {map}
what (the|this) {map} (shows|holds): {description}
I want (the|this) {map} as a video: {description}
(what if|imagine) (the|this) {map} was {description}
(the|this) {map} (stands for|comes from|means) {description}
(I wonder|what) if (the|this) {map} showed {description}
"""
_TO_VIDEO_FRAGMENTS = """
{map} to video: {description}
{description}
video of {description}
{map}: {description}
a video from the {map}: {description}
from (the|this) {map}: {description}
{description}, from (the|this) {map}
{map} -> {description}
real video, {map}: {description}
{map} = {description}
a photo of {description}
"""
_TO_VIDEO_UNSEEN = """
(synthesise|synthesize|produce|reconstruct) footage from (the|this) {map}: {description}
(translate|decode|bring) (the|this) {map} to footage: {description}
flesh out (the|this) {map}: {description}
let (the|this) {map} guide you to {description}
"""
_TO_VIDEO_UNSEEN_STATEMENTS = """
(the|this) {map} ought to become {description}
(the|this) {map} belongs to {description}
behind (the|this) {map} is {description}
suppose (the|this) {map} depicts {description}
what I am after, given (the|this) {map}: {description}
"""
_TO_VIDEO_UNSEEN_FRAGMENTS = """
{map} made footage: {description}
footage for (the|this) {map}: {description}
realistic footage, {description}
guided by (the|this) {map}, {description}
"""
# What a map is called when it is the source.
SOURCE_WORDS: dict[str, tuple[str, ...]] = {
    "depth_to_video": (
        "depth map",
        "depth video",
        "depth image",
        "depth",
        "depth data",
        "grey depth map",
        "depth picture",
        "depth channel",
        "z buffer",
        "z-depth",
    ),
    "sketch_to_video": (
        "sketch",
        "line drawing",
        "edge map",
        "canny edge map",
        "drawing",
        "line sketch",
        "edge drawing",
        "canny",
        "edge image",
        "edge video",
    ),
    "pose_to_video": (
        "pose map",
        "hand skeleton",
        "skeleton",
        "pose",
        "hand pose",
        "skeleton video",
        "finger skeleton",
        "pose skeleton",
        "openpose map",
    ),
}
HELDOUT_SOURCE_WORDS: dict[str, tuple[str, ...]] = {
    "depth_to_video": ("distance map", "disparity picture"),
    "sketch_to_video": ("contour map", "outline drawing"),
    "pose_to_video": ("keypoint map", "joint diagram"),
}

_TO_MAP = """
turn the video into {map}
(show|make) {map}
(turn|convert|change|transform) (it|this|the video|the picture|the scene|everything) (into|to) {map}
(show|render|draw|display) (it|this|the video|the scene|everything) as {map}
(show|give|draw) me {map} (|of this|of the video|of the scene|of it|of everything)
(make|compute|create|generate|estimate|extract) {map} (|of this|of the video|of the scene|\
    from this|from the video)
let me see {map} (|of this|of the video|of the scene)
(switch|change) (|the view) to {map}
(replace the video (with|by)|exchange the video for) {map}
make (it|this|the video|everything) into {map}
(compute|visualize|preview|print|stream) {map} (|live|of what you see|of what the camera sees)
(strip|simplify) (it|this|the video|everything) to {map}
(see|view|look at|watch) (it|this|the video|the scene|everything) as {map}
(I want to see|bring up|get me|find|detect|trace|measure) {map} (|of this|\
    of my hand and the things|of the things here)
(make|draw|paint) {map} (over|instead of|in place of) the video
(no colours|no picture|nothing else), (just|only) {map}
"""
_TO_MAP_STATEMENTS = """
(I want|I need|I'd like|I would like) {map} (|of this|of the video|of the scene)
(I want|I'd like|I would like) to see {map} (|of this|of the video|of the scene)
what would {map} (of this|of the video|of the scene) look like?
the video should (be|become|turn into) {map}
can I (see|have|get) {map} (|of this|of the video)?
where is {map} of (this|the video)?
how about {map}?
(it would be nice|it would be cool|I wonder) if I saw {map}
(is it possible to|may I) (have|get|see) {map} (|of this|of the video)?
(this|it|everything) should be (shown|drawn|seen) as {map}
(do you have|could you find|can you do|can you compute) {map} (|of this|of the video)?
I (only|just) (need|want) {map}
"""
_TO_MAP_FRAGMENTS = """
{map}
{map}, please
video to {map}
{map} (of this|of the video|of the scene|of everything|from the video)
(only|just) {map}
(the video|the scene|this|everything) as {map}
{map} (instead|now)
video -> {map}
(mode|view|show): {map}
{map} (view|mode|only|live)
now {map}
in the form of {map}
"""
_TO_MAP_UNSEEN = """
(derive|infer|calculate|produce) {map} (from the footage|for my view|for the clip)
(translate|recast|reduce) (the footage|the clip|my view) to {map}
have {map} (take the place of|stand in for) (the footage|the clip)
visualise (the footage|the clip|my surroundings) as {map}
"""
_TO_MAP_UNSEEN_STATEMENTS = """
what I am after is {map}
the footage ought to become {map}
suppose I looked at {map}
I fancy {map} (of the footage|of my view)
"""
_TO_MAP_UNSEEN_FRAGMENTS = """
nothing but {map}
{map} (in place of the footage|as the output)
footage to {map}
{map} for (the clip|the footage)
"""
TARGET_WORDS: dict[str, tuple[str, ...]] = {
    "video_to_depth": (
        "a depth map",
        "a depth image",
        "the depth",
        "the depth map",
        "depth",
        "a depth picture",
        "a depth video",
        "depth estimation",
        "a z buffer",
        "the z-depth",
        "depth information",
        "a grey depth map",
        "depth view",
    ),
    "video_to_sketch": (
        "an edge map",
        "a Canny edge map",
        "the edges",
        "the outlines",
        "edges",
        "outlines",
        "canny edges",
        "an edge image",
        "an edge picture",
        "edge lines",
        "the contours",
        "contours",
        "white edges on black",
        "a canny image",
    ),
    "video_to_pose": (
        "a pose map",
        "the hand pose",
        "the hand skeleton",
        "a DWpose pose map",
        "a skeleton",
        "the joints",
        "finger joints",
        "a hand pose map",
        "the pose",
        "hand tracking",
        "a hand skeleton",
        "the finger positions",
        "openpose",
        "a skeleton view",
        "the pose of my hand",
    ),
}
HELDOUT_TARGET_WORDS: dict[str, tuple[str, ...]] = {
    "video_to_depth": ("a range image", "the distances"),
    "video_to_sketch": ("a contour map", "an edge detection"),
    "video_to_pose": ("the hand keypoints", "a stick figure of my hand"),
}

TO_VIDEO: Grammar = trained(
    _TO_VIDEO,
    _TO_VIDEO_STATEMENTS,
    _TO_VIDEO_FRAGMENTS,
    "",
)
TO_VIDEO_UNSEEN: Grammar = unseen(
    _TO_VIDEO_UNSEEN, _TO_VIDEO_UNSEEN_STATEMENTS, _TO_VIDEO_UNSEEN_FRAGMENTS, ""
)
TO_MAP: Grammar = trained(
    _TO_MAP,
    _TO_MAP_STATEMENTS,
    _TO_MAP_FRAGMENTS,
    "(right now|please|for me)",
)
TO_MAP_UNSEEN: Grammar = unseen(
    _TO_MAP_UNSEEN,
    _TO_MAP_UNSEEN_STATEMENTS,
    _TO_MAP_UNSEEN_FRAGMENTS,
    ", start to finish",
)
