"""The editor in a process of its own: what breaks it, hangs it or fills its memory leaves the server standing."""
