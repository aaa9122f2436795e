"""From settings to the editor the server runs. Torch is imported here and only when it is
needed."""

from __future__ import annotations

from egostream.contract import EditorLike
from egostream.identity import IdentityEditor
from egostream.server.settings import ServerSettings


def build_editor(settings: ServerSettings) -> EditorLike:
    """Runs in the model thread. Raises EgostreamError."""
    if settings.editor_factory is not None:
        return settings.editor_factory()
    own = settings.weights is not None or settings.num_steps is not None
    if settings.preset == IdentityEditor.name and not own:
        return IdentityEditor()
    from egostream.editor import load_editor

    return load_editor(
        settings.preset,
        engine=settings.engine,
        weights=settings.weights,
        num_steps=settings.num_steps,
    )
