#!/usr/bin/env bash
# Create the virtual environment named as argument, unless it is there and works.
set -euo pipefail
venv=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

python=
for name in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "egostream needs Python 3.11 or newer; name one by PYTHON=/path/to/python make …" >&2
    exit 1
fi

# Debian ships venv without ensurepip unless asked.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$here/apt_install.sh" "python$version-venv" || {
        echo "$python cannot create virtual environments (no ensurepip)" >&2
        exit 1
    }
fi

echo "==> $venv, with $("$python" --version)"
if [ -e "$venv" ] && [ ! -e "$venv/pyvenv.cfg" ]; then
    echo "$venv is there and is no virtual environment; not touching it" >&2
    exit 1
fi
rm -rf "$venv"
"$python" -m venv "$venv"
