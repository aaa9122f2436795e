"""Films of sessions, written by a process of their own: off unless asked for, and the client is told."""
