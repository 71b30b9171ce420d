#!/usr/bin/env bash
# Sets up everything HandStudio needs on this machine: system libraries, a virtual environment, the locked packages.
# Sourced by run.sh and test.sh; leaves $PYTHON pointing at the environment's interpreter.
#
#   HANDSTUDIO_VENV   where the environment goes (default: .venv beside this repository's files)
#   HANDSTUDIO_PYTHON which interpreter makes it (default: the first of python3.12, python3.11, python3 that fits)

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
environment="${HANDSTUDIO_VENV:-$repository/.venv}"

say() { printf '%s\n' "$*" >&2; }

# Debian package -> a file or command that shows it is there.
needed_libraries() {
    local missing=() pair package proof present
    present="$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p)"
    for pair in \
        libgl1:libGL.so.1 libegl1:libEGL.so.1 libgomp1:libgomp.so.1 libusb-1.0-0:libusb-1.0.so.0 \
        libglib2.0-0:libglib-2.0.so.0 libdbus-1-3:libdbus-1.so.3 libfontconfig1:libfontconfig.so.1 \
        libxkbcommon-x11-0:libxkbcommon-x11.so.0 libxcb-cursor0:libxcb-cursor.so.0 libxcb-icccm4:libxcb-icccm.so.4 \
        libxcb-keysyms1:libxcb-keysyms.so.1 libxcb-image0:libxcb-image.so.0 libxcb-shape0:libxcb-shape.so.0 \
        libxcb-render-util0:libxcb-render-util.so.0 libxcb-xinerama0:libxcb-xinerama.so.0 \
        libgl1-mesa-dri:/usr/lib/x86_64-linux-gnu/dri; do
        package="${pair%%:*}" proof="${pair#*:}"
        if [[ "$proof" == /* ]]; then
            [ -e "$proof" ] || [ "$(uname -m)" != x86_64 ] || missing+=("$package")
        else
            [[ "$present" == *"$proof"* ]] || missing+=("$package")
        fi
    done
    command -v Xvfb >/dev/null || missing+=(xvfb)
    [ -n "$(fc-list 2>/dev/null)" ] || missing+=(fonts-dejavu-core)
    printf '%s\n' "${missing[@]:-}"
}

install_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    local missing as_root=()
    missing="$(needed_libraries | tr '\n' ' ' | sed 's/ *$//')"
    [ -n "$missing" ] || return 0
    if command -v apt-get >/dev/null; then
        if [ "$(id -u)" != 0 ]; then
            sudo -n true 2>/dev/null && as_root=(sudo -n) || { say "Missing system libraries; install them with: sudo apt-get install $missing"; return 1; }
        fi
        say "Installing system libraries: $missing"
        "${as_root[@]}" apt-get update -qq >/dev/null
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        say "Missing system libraries (Debian's names): $missing. Install them with this system's package manager."
        return 1
    fi
}

fitting_python() {
    local candidate
    for candidate in ${HANDSTUDIO_PYTHON:-python3.12 python3.11 python3 python}; do
        if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    say "HandStudio needs Python 3.11 or 3.12 with venv; install it or name it with HANDSTUDIO_PYTHON."
    return 1
}

install_packages() {
    local stamp="$environment/.handstudio-installed" wanted
    wanted="$(cat "$repository/pyproject.toml" "$repository/packaging/constraints.txt" | cksum) $repository"
    PYTHON="$environment/bin/python"
    if [ -x "$PYTHON" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    if [ ! -x "$PYTHON" ]; then
        local interpreter
        interpreter="$(fitting_python)" || return 1
        say "Making the environment $environment"
        "$interpreter" -m venv "$environment"
    fi
    say "Installing the locked packages (some minutes the first time)"
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --constraint "$repository/packaging/constraints.txt" torch 2> >(grep -v 'is ignored: it is neither' >&2 || true)
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --constraint "$repository/packaging/constraints.txt" --editable "$repository[test,speed]" 2> >(grep -v 'is ignored: it is neither' >&2 || true)
    printf '%s' "$wanted" >"$stamp"
}

install_libraries && install_packages
