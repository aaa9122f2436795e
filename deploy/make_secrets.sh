#!/usr/bin/env bash
# Make the secrets that compose.yaml mounts, where there are none. Users of the containers must read the files, whose
# numbers are not this user's: so the folder is closed to others, and the files in it are not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
install -d -m 0700 secrets
for name in token_secret turn_secret grafana_password; do
    if [ ! -e "secrets/$name" ]; then
        (umask 022 && head -c 32 /dev/urandom | base64 | tr -d '+/=\n' > "secrets/$name")
        echo "made deploy/secrets/$name"
    fi
done
