"""`python -m egostream` is the `egostream` command."""

from egostream.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
