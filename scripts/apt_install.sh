#!/usr/bin/env bash
# Install the Debian packages named as arguments, if missing. Exit 3: missing, and not installable.
set -euo pipefail

missing=()
for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        as_root=(sudo)
    else
        as_root=(false)
    fi
fi
if ! command -v apt-get >/dev/null || [ "${as_root[*]}" = false ]; then
    echo "egostream needs these Debian packages (or your system's equals): ${missing[*]}" >&2
    echo "as root: apt-get install ${missing[*]}" >&2
    exit 3
fi

echo "==> Debian packages: ${missing[*]}"
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}"
}
# A fresh machine has no lists of packages yet, and old lists name files that are gone.
install || { "${as_root[@]}" apt-get update && install; } || exit 3
