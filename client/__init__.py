"""The Python client and, in `web/`, the page. Knows the wire messages; never models or engines."""
