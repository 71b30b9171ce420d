#!/usr/bin/env bash
# Sets everything up and starts HandStudio on the bundled example: the window where there is a display,
# otherwise the whole loop without one, with screenshots and a report in a folder that it names.
#
#   packaging/run.sh                  the main job on the bundled example
#   packaging/run.sh ARGUMENTS...     any handstudio command, e.g. import, propose, window PROJECT
set -euo pipefail
# shellcheck source=packaging/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

if [ "$#" -gt 0 ]; then
    exec "$PYTHON" -m handstudio "$@"
elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname -s)" != Linux ]; then
    exec "$PYTHON" -m handstudio window
else
    exec "$PYTHON" -m handstudio demo --headless
fi
