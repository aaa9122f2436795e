"""Procedural egocentric world: layered clips from which exact edit pairs are composed.

Knows MuJoCo, geometry and pictures; never knows torch, models, the editor or the server.
``compose``, ``clips`` and ``palette`` need numpy only, so training does not import MuJoCo.
"""

import os

# MuJoCo reads this when it is imported; without a display only EGL and OSMesa can draw.
os.environ.setdefault("MUJOCO_GL", "egl")
