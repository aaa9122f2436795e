"""Whether the world can be drawn here; to be imported before anything that imports MuJoCo."""

from __future__ import annotations

import functools
import os
import subprocess
import sys

os.environ.setdefault("MUJOCO_GL", "egl")
os.environ.setdefault("LP_NUM_THREADS", "1")

PROBE = """
import os
try:
    import mujoco, skimage, sklearn
    context = mujoco.GLContext(64, 64)
    context.make_current()
    mujoco.MjrContext(mujoco.MjModel.from_xml_string("<mujoco/>"), 150)
except BaseException as error:
    print(repr(error), flush=True)
    os._exit(1)
os._exit(0)
"""


@functools.cache
def why_not() -> str:
    """What keeps the renderer from drawing; empty where it draws."""
    # In a process of its own: a GL that fails half way leaves objects that fail again at exit.
    found = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    return "" if found.returncode == 0 else f"the world cannot be drawn here: {found.stdout}"
