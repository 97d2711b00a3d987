# Sourced by the scripts that build. quiet_maven LOG ARGUMENT... keeps all that Maven says in a file, without the escape bytes of a
# terminal, which Maven writes at its end whatever it is told and wherever its output goes.

quiet_maven() {
  maven_log=$1
  shift
  maven_code=0
  mvn -B -ntp -q -Dstyle.color=never "$@" </dev/null >"$maven_log" 2>&1 || maven_code=$?
  maven_escape=$(printf '\033')
  sed "s/$maven_escape\[[0-9;]*m//g" "$maven_log" >"$maven_log.plain" && mv "$maven_log.plain" "$maven_log"
  return "$maven_code"
}
