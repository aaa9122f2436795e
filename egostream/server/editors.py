"""From settings to the editor the server runs. Torch is imported here and only when it is
needed."""

from __future__ import annotations

from functools import partial

from egostream.contract import EditorLike
from egostream.identity import IdentityEditor
from egostream.server import logs
from egostream.server.settings import ServerSettings
from egostream.worker.remote import RemoteEditor


def serving_editor(settings: ServerSettings) -> EditorLike:
    """In a process of its own, unless it is to be here. Raises EgostreamError."""
    if settings.in_process or settings.editor_factory is not None:
        return build_editor(settings)
    return RemoteEditor(
        partial(build_editor, settings),
        partial(logs.configure, settings.log_level, settings.log_format),
    )


def build_editor(settings: ServerSettings) -> EditorLike:
    """Raises EgostreamError."""
    if settings.editor_factory is not None:
        return settings.editor_factory()
    if settings.preset == IdentityEditor.name and settings.is_plain:
        return IdentityEditor()
    from egostream.loading import load_editor

    return load_editor(settings)
