# Sourced by the scripts that build. quiet_maven LOG ARGUMENT... keeps all that Maven says in a file, without the escape bytes of a
# terminal, which Maven writes at its end whatever it is told and wherever its output goes. Who looks on at a terminal sees that it goes on.

quiet_maven() {
  maven_log=$1
  shift
  maven_code=0
  maven_escape=$(printf '\033')
  if [ -t 2 ]; then
    # In the background stands the line and not Maven, which Ctrl-C has to reach.
    maven_progress "$maven_log" &
    maven_line=$!
    mvn -B -ntp -Dstyle.color=never "$@" </dev/null >"$maven_log" 2>&1 || maven_code=$?
    kill "$maven_line" 2>/dev/null
    wait "$maven_line" 2>/dev/null
    printf '\r\033[K' >&2
  else
    mvn -B -ntp -q -Dstyle.color=never "$@" </dev/null >"$maven_log" 2>&1 || maven_code=$?
  fi
  # Only the line needs to know of each step.
  sed -e "s/$maven_escape\[[0-9;]*m//g" -e '/^\[INFO\]/d' "$maven_log" >"$maven_log.plain" \
    && mv "$maven_log.plain" "$maven_log"
  return "$maven_code"
}

# One line that is written over each second, for as long as the script lives: how long it has taken and what Maven does.
maven_progress() {
  maven_since=$(date +%s)
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    maven_step=$(sed -n 's/^\[INFO\] --- \([a-z-]*\):[^:]*:\([A-Za-z-]*\).* @ \([a-z-]*\) ---.*/\3: \2/p' "$1" 2>/dev/null | tail -n 1)
    printf '\r\033[K%s s%s' "$(($(date +%s) - maven_since))" "${maven_step:+, $maven_step}" >&2
  done
}
