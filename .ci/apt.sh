# Sourced by the scripts of this folder: packages from apt where they are missing and may be installed.

apt_updated=

apt_update() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  if [ -z "$apt_updated" ]; then
    apt-get update -qq >&2 || return 1
    apt_updated=1
  fi
}

apt_install() { # the first of the named packages that apt knows
  apt_update || return 1
  local package
  for package in "$@"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2 && return 0
    fi
  done
  return 1
}
