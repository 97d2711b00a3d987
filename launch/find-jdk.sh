# Sourced by the scripts that start or build Janus. find_jdk sets $jdk to a JDK of 25 or newer, or fails; no JVM is started
# to find out, since the release file of a JDK tells its version.

jdk_missing="Janus needs a JDK 25 or newer and none was found; install one (for example with \"apt-get install temurin-25-jdk\", or from https://adoptium.net) or set JAVA25_HOME to where it lies."

is_jdk_25() {
  [ -n "$1" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  feature=
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_VERSION ]; then
      feature=${value#\"}
      feature=${feature%%[!0-9]*}
      break
    fi
  done <"$1/release"
  [ -n "$feature" ] && [ "$feature" -ge 25 ]
}

find_jdk() {
  for jdk in "${JAVA25_HOME:-}" "${JAVA_HOME:-}" "${JAVA_HOME_25_X64:-}"; do
    is_jdk_25 "$jdk" && return 0
  done
  jdk=$(command -v java 2>/dev/null) && jdk=$(readlink -f "$jdk" 2>/dev/null) && jdk=${jdk%/bin/java} &&
    is_jdk_25 "$jdk" && return 0
  for jdk in /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* \
    "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/*; do
    is_jdk_25 "$jdk" && return 0
  done
  return 1
}
