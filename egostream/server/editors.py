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
    if settings.preset == IdentityEditor.name and settings.is_plain:
        return IdentityEditor()
    from egostream.loading import load_editor

    return load_editor(settings)
