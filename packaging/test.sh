#!/usr/bin/env bash
# Sets everything up and checks HandStudio: style, types, and the whole test suite under a virtual screen.
#
#   packaging/test.sh                 everything
#   packaging/test.sh tests/hand      only these tests (pytest's own arguments)
set -euo pipefail
# shellcheck source=packaging/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$repository"

export QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
screen=""
half=""
cleanup() { for child in $half $screen; do kill "$child" 2>/dev/null || true; done; }
trap cleanup EXIT
# A screen of the tests' own, whatever display there is: tests send real mouse and key events.
display_file="$(mktemp)"
Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>"$display_file" >/dev/null 2>&1 &
screen=$!
for _ in $(seq 100); do [ -s "$display_file" ] && break; kill -0 "$screen" 2>/dev/null || break; sleep 0.1; done
[ -s "$display_file" ] || { echo "Xvfb did not start; the tests need a virtual screen (Debian package xvfb)" >&2; exit 1; }
export DISPLAY=":$(cat "$display_file")"
rm -f "$display_file"

if [ "$#" -gt 0 ]; then
    "$PYTHON" -m pytest "$@"
    exit
fi
"$PYTHON" -m ruff check .
"$PYTHON" -m mypy
# The window's tests take about as long as all others: each half has a core, the others' report comes at the end.
others="$(mktemp)"
"$PYTHON" -m pytest --ignore=tests/ui >"$others" 2>&1 &
half=$!
failed=0
"$PYTHON" -m pytest tests/ui || failed=$?
wait "$half" || failed=$?
half=""
cat "$others"
rm -f "$others"
exit "$failed"
