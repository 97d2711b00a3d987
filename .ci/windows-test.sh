# Sourced by .ci/windows: compiles on Linux, runs the tests of each module in the Windows JVM, and counts.

modules="janus-core janus-cli examples"
out=$root/target/windows

maven() {
  command -v mvn >/dev/null || apt_install maven >/dev/null || not_here "Maven is missing"
  find_jdk || not_here "a JDK 25 to compile with is missing"
  # It ends with this script. With -q it still resets a colour that it never set.
  JAVA25_HOME=$jdk setpriv --pdeathsig TERM timeout -k 10 "$build_limit" \
    mvn -B -ntp -q -Dstyle.color=never "$@" </dev/null 2>&1 | sed 's/\x1b\[0m//g' >&2
  return "${PIPESTATUS[0]}"
}

# Classes and dependency lists; the stamp is as old as the start of the build, so what changed meanwhile counts as newer.
build_if_stale() {
  if [ -e "$out/built" ] && [ -z "$(find pom.xml janus-core/pom.xml janus-cli/pom.xml examples/pom.xml \
    janus-core/src janus-cli/src examples/src -newer "$out/built" 2>/dev/null | head -n 1)" ]; then
    return
  fi
  mkdir -p "$out"
  exec 7>"$out/build.lock"
  flock -w "$build_limit" 7 || broken "another build of this checkout has not ended within $build_limit s"
  : >"$out/begun"
  maven -pl janus-core,janus-cli,examples -am -DskipTests -Dspotless.check.skip=true test-compile dependency:list \
    -DincludeScope=test -DoutputAbsoluteArtifactFilename=true -DoutputFile=target/windows-dependencies 7>&- ||
    broken "the project does not compile (or not within $build_limit s)"
  mv "$out/begun" "$out/built"
  exec 7>&-
}

# The jars that a module depends on, one a line; JUnit is left out where the console launcher brings its own.
dependencies() { # SCOPES (a pattern) MODULE...
  local scopes=$1 module
  shift
  for module in "$@"; do
    sed -n "s|^ *[^ ]*:\($scopes\):\(/[^ ]*\.jar\).*|\2|p" "$module/target/windows-dependencies"
  done | grep -v '/org/junit/\|/org/opentest4j/\|/org/apiguardian/' | sort -u
}

# Where Maven keeps its jars: the folder above org/jspecify in the path of a jar that every module has.
repository() {
  sed -n 's|.*:\(/.*\)/org/jspecify/.*|\1|p' janus-core/target/windows-dependencies | head -n 1
}

# Joins lines to a path as Windows writes it.
joined() {
  sed 's|^|Z:|' | paste -sd ';'
}

is_module() { # MODULE
  [ -f "$1/target/classes/module-info.class" ]
}

java_module() { # MODULE
  sed -n 's/^\(open \)\{0,1\}module \([^ ]*\) .*/\2/p' "$1/src/main/java/module-info.java"
}

packages() { # FOLDER...
  find "$@" -name '*.class' -printf '%P\n' | sed -n 's|/[^/]*$||p' | sort -u | tr / .
}

# As Surefire starts the tests: on the module path, patched into the module, where there is one. A folder of one's own
# comes on the class path, and may then call native code too.
java_options() { # MODULE, to a file for "java @file"
  local module=$1 classes=$root/$1/target/classes tests=$root/$1/target/test-classes native=ALL-UNNAMED name path
  path=$({ echo "$junit_jar"; [ -z "$folder" ] || echo "$folder"; dependencies test "$module"; } | joined)
  if is_module "$module"; then
    name=$(java_module "$module")
    native=io.janus.core${folder:+,ALL-UNNAMED}
    printf '%s\n' "--add-modules=$name" "--add-reads=$name=ALL-UNNAMED" "--patch-module=$name=\"Z:$tests\"" \
      "--module-path=\"$({ echo "$classes"; project "$module"; } | joined)\""
    packages "$classes" "$tests" | sed "s|.*|--add-opens=$name/&=ALL-UNNAMED|"
  else
    path=$({ echo "$tests"; echo "$classes"; project "$module"; } | joined)";$path"
  fi
  printf '%s\n' -Xmx1g -XX:-PrintWarnings "-XX:ErrorFile=\"Z:$out/hs_err_%p.log\"" "--enable-native-access=$native" \
    --illegal-native-access=deny -cp "\"$path\""
}

# What a module is compiled with beside its own classes.
project() { # MODULE
  [ "$1" = janus-core ] || echo "$root/janus-core/target/classes"
  dependencies compile "$1"
}

# A name with * and ? as a regular expression for a whole class name, with any package before a name without one.
class_expression() { # PATTERN
  local expression
  expression=$(sed 's/[.$]/\\&/g; s/\*/.*/g; s/?/./g' <<<"$1")
  case $1 in
    *.*) printf '^%s$' "$expression" ;;
    *) printf '^(.*\\.)?%s$' "$expression" ;;
  esac
}

# How Surefire knows a test class.
test_classes='^(.*\.)?(Test[^.$]*|[^.$]*(Test|Tests|TestCase))$'

selection() { # PATTERN..., one argument of the launcher a line
  local pattern class methods=
  [ $# -gt 0 ] || printf '%s\n' "--include-classname=$test_classes"
  [[ $* != *'#'* ]] || methods=1
  for pattern in "$@"; do
    class=$(class_expression "${pattern%%#*}")
    printf '%s\n' "--include-classname=$class"
    # One pattern for methods counts for all classes, so those that are wanted whole have one as well.
    [ -n "$methods" ] || continue
    case $pattern in *'#'*) ;; *) pattern="$pattern#*" ;; esac
    class=${class#^}
    printf '%s\n' "--include-methodname=^${class%\$}#$(sed 's/\*/.*/g' <<<"${pattern#*#}")\$"
  done
}

# Does the module have a class of these names? Without a name, it does.
holds() { # MODULE PATTERN...
  local module=$1 pattern
  shift
  [ $# -gt 0 ] || return 0
  for pattern in "$@"; do
    ! find "${folder:-$module/target/test-classes}" -name '*.class' -printf '%P\n' | sed 's|\.class$||' | tr / . |
      grep -qE "$(class_expression "${pattern%%#*}")" || return 0
  done
  return 1
}

held_by_any() { # PATTERN MODULE...
  local pattern=$1 module
  shift
  for module in "$@"; do
    ! holds "$module" "$pattern" || return 0
  done
  return 1
}

# A word that is no command counts as a pattern, so it is told where the commands are.
unmatched() { # PATTERN...
  say "no test${folder:+ of $folder}${wanted:+ of$wanted} matches: $*; \".ci/windows help\" tells the commands and what a pattern is"
  told_unmatched=1
}

# Runs the tests of one JVM and adds to the sums; the report decides, together with the exit code. Wine makes a test fail now and then
# that passes otherwise, so classes of which a test failed run once more, in a fresh JVM. What passes then counts as passed and is told.
run_jvm() { # NAME MODULE, then arguments of the launcher, "--", options of the JVM
  local name=$1 again="$1-again" class code took tests failures errors skipped whole
  local -a failed_classes=() classes=()
  start_jvm "$@"
  judge "$name" "$code" "$took"
  [ ${#failed_classes[@]} -gt 0 ] || { add_up; return; }
  printf '  once more (Wine): %s\n' "${failed_classes[*]}"
  for class in "${failed_classes[@]}"; do
    classes+=("--include-classname=^${class//./\\.}\$")
  done
  local first_tests=$tests first_failed=$((failures + errors)) first_skipped=$skipped
  local -a first=("${failed_classes[@]}") passed_now=()
  shift
  start_jvm "$again" "$@" only "${classes[@]}"
  judge "$again" "$code" "$took"
  for class in "${first[@]}"; do
    # A class passes by its own tests alone, in a run that came to its end.
    if [ -n "$whole" ] && ran "$out/$again" "$class" && [[ " ${failed_classes[*]-} " != *" $class "* ]]; then
      passed_now+=("$class")
      first_failed=$((first_failed - $(failures_of "$out/$name" "$class")))
    fi
  done
  tests=$first_tests failures=$first_failed errors=0 skipped=$first_skipped
  if [ ${#passed_now[@]} -gt 0 ]; then
    printf '  passed at the second try (Wine): %s\n' "${passed_now[*]}"
    second_tries="$second_tries ${passed_now[*]}"
  fi
  add_up
}

add_up() {
  local failed=$((failures + errors))
  [ "$tests" -gt 0 ] || [ -z "$selected" ] || return 0
  sum_passed=$((sum_passed + tests - failed - skipped)) sum_failed=$((sum_failed + failed)) sum_skipped=$((sum_skipped + skipped))
  [ "$tests" -gt 0 ] || sum_empty="$sum_empty $name"
}

# Lines "CLASS": one for each test of a report that failed, with the class that holds all nested ones.
failures_in() { # REPORTS
  awk '/<testcase / { match($0, / classname="[^"]*"/); class = substr($0, RSTART + 12, RLENGTH - 13); sub(/\$.*/, "", class) }
    /<(failure|error)[ >]/ { print class }' "$1/TEST-junit-jupiter.xml"
}

failures_of() { # REPORTS CLASS
  failures_in "$1" | grep -cxF "$2"
}

ran() { # REPORTS CLASS: a test of it was not skipped
  awk -v wanted="$2" '/<testcase / { match($0, / classname="[^"]*"/); class = substr($0, RSTART + 12, RLENGTH - 13); sub(/\$.*/, "", class)
      seen += class == wanted }
    /<skipped>/ { seen -= class == wanted }
    END { exit seen == 0 }' "$1/TEST-junit-jupiter.xml"
}

# Sets $code and $took. With "only" behind the options of the JVM, what follows it replaces the names of classes among the launcher's.
start_jvm() { # NAME MODULE, then arguments of the launcher, "--", options of the JVM, perhaps "only" and arguments of the launcher
  local name=$1 module=$2 reports=$out/$1 log=$out/$1.log began=$SECONDS argument
  shift 2
  local -a launcher=()
  while [ "$1" != -- ]; do
    launcher+=("$1")
    shift
  done
  shift
  local -a jvm=()
  while [ $# -gt 0 ] && [ "$1" != only ]; do
    jvm+=("$1")
    shift
  done
  if [ $# -gt 0 ]; then
    shift
    for argument in "${launcher[@]}"; do
      case $argument in --include-classname=*) ;; *) set -- "$@" "$argument" ;; esac
    done
    launcher=("$@")
  fi
  limit=$((deadline - SECONDS))
  [ $limit -lt $jvm_limit ] || limit=$jvm_limit
  [ $limit -gt 0 ] || limit=1
  local attempt
  for attempt in 1 2; do
    rm -rf "$reports" "$log"
    java_options "$module" >"$out/$name.args"
    in_wine "$root/$module" "$java" "@Z:$out/$name.args" "-Djanus.seeds=$seeds" "${jvm[@]}" \
      org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --details=testfeed \
      --include-engine=junit-jupiter "--scan-classpath=Z:${folder:-$root/$module/target/test-classes}" "--reports-dir=Z:$reports" \
      --exclude-tag=slow --exclude-tag=jcstress "${launcher[@]}" >"$log" 2>&1 </dev/null
    code=$?
    # A crash of Wine itself says nothing about these tests; a second one in a row is told as a failure.
    if [ "$code" != 125 ] || [ $attempt = 2 ]; then break; fi
    mv "$log" "${log%.log}-crashed.log"
    say "$name: Wine's own server has crashed (see ${log%.log}-crashed.log); the tests of this JVM start again"
  done
  took=$((SECONDS - began))
}

# Sets $tests, $failures, $errors, $skipped, $failed_classes, and $whole if the report tells all.
judge() { # NAME CODE SECONDS
  local name=$1 code=$2 report=$out/$1/TEST-junit-jupiter.xml log=$out/$1.log suite field value note=
  tests=0 failures=0 errors=0 skipped=0 whole='' failed_classes=()
  if [ ! -s "$report" ]; then
    errors=1 tests=1
    note="no report; $(progress "$log"); see $log"
    [ "$code" = 124 ] || note=$note$'\n'$(tail -n 12 "$log")
  else
    suite=$(tr '\n' ' ' <"$report" | grep -o '<testsuite [^>]*>' | head -n 1)
    for field in tests failures errors skipped; do
      value=$(sed -n "s/.* $field=\"\([0-9]*\)\".*/\1/p" <<<"$suite")
      printf -v "$field" %d "${value:-0}"
    done
    told_tests "$report"
    whole=1
    mapfile -t failed_classes < <(failures_in "$out/$name" | sort -u)
    if [ "$code" != 0 ] && [ $((failures + errors)) = 0 ]; then
      # The launcher ends with 1 where tests failed and 2 or 255 where it could not run them: then something outside of a
      # test failed. Any other code came after its work was done and reported: Wine crashes now and then at the very end.
      case $code in
        1 | 2 | 124 | 255) whole='' errors=1 tests=$((tests + 1)) note="exit code $code without a failed test: see $log" ;;
        *)
          if grep -q '^\[ *0 tests failed' "$log"; then
            note="the report is complete and without failures; then the JVM ended with $code"
          else
            whole='' errors=1 tests=$((tests + 1)) note="exit code $code: see $log"
          fi
          ;;
      esac
    fi
  fi
  local failed=$((failures + errors)) passed=$((tests - failures - errors - skipped))
  [ $tests -gt 0 ] || [ -z "$selected" ] || return 0
  printf '%s: %d tests passed, %d failed, %d skipped (exit code %d, %d s)\n' "$name" $passed $failed $skipped "$code" "$3"
  [ -z "$note" ] || printf '  %s\n' "$note"
}

# How far a JVM came that made no report.
progress() { # LOG
  tr -d '\r' <"$1" | awk -F ' :: ' '
    / :: STARTED$/ { open[$1] = 1; next }
    / :: (SUCCESSFUL|FAILED|ABORTED)$/ { if ($1 in open) { count[$2]++; delete open[$1] } }
    END { printf "%d tests had passed, %d failed", count["SUCCESSFUL"], count["FAILED"]
      for (name in open) { sub(/^JUnit Jupiter > /, "", name); printf "; on its way: %s", name } }'
}

told_tests() { # REPORT; a line for each test that failed or was skipped, with its message or reason
  awk '
    function tell(how, text) {
      gsub(/(&#1[03];|[ \t\r])+/, " ", text); gsub(/&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text)
      sub(/^ /, "", text)
      if (how == "skipped" || ++failures <= 40) print "  " how ": " class "." name (text == "" ? "" : ": " substr(text, 1, 160))
    }
    /<testcase / { match($0, / name="[^"]*"/); name = substr($0, RSTART + 7, RLENGTH - 8)
      match($0, / classname="[^"]*"/); class = substr($0, RSTART + 12, RLENGTH - 13) }
    /<(failure|error)[ >]/ { tell("failed", match($0, / message="[^"]*/) ? substr($0, RSTART + 10, RLENGTH - 10) : "") }
    /<skipped>/ { sub(/.*<skipped>(<!\[CDATA\[)?/, ""); sub(/(\]\]>)?<\/skipped>.*/, ""); tell("skipped", $0) }
    END { if (failures > 40) print "  and " failures - 40 " more that failed" }' "$1"
}

test_command() {
  local wanted= build=1 seconds=1500 pattern
  local -a patterns=() jvm=()
  while [ $# -gt 0 ]; do
    case $1 in
      --module)
        needs "$1" $#
        [[ $2 != *[[:space:]]* && " $modules " == *" $2 "* ]] || { say "no module \"$2\"; there are: ${modules// /, }"; exit 64; }
        wanted="$wanted $2"
        shift 2
        ;;
      --select) needs "$1" $#; patterns+=("$2"); shift 2 ;;
      --jvm) needs "$1" $#; jvm+=("$2"); shift 2 ;;
      --folder) needs "$1" $#; folder=$(from_caller "$2") && wanted=' janus-core' || exit 64; shift 2 ;;
      --limit) needs "$1" $#; seconds=$2; shift 2 ;;
      --no-build) build= ; shift ;;
      -*) say "unknown option $1"; usage >&2; exit 64 ;;
      *) patterns+=("$1"); shift ;;
    esac
  done
  case $seconds in "" | *[!0-9]* | 0*) say "--limit needs a number of seconds"; exit 64 ;; esac
  selected=${patterns[*]-}
  bring_up
  [ -z "$build" ] || build_if_stale
  shared=$(repository)${folder:+$'\n'$folder}
  deadline=$((SECONDS + seconds))
  mkdir -p "$out"
  exec 6>"$out/test.lock"
  flock -n 6 || { say "another test run of this checkout is on its way; waiting for it" && flock -w "$seconds" 6; } ||
    broken "it has not ended within $seconds s"
  local -a chosen
  mapfile -t chosen < <(selection "${patterns[@]}")
  local module
  for pattern in "${patterns[@]}"; do
    # shellcheck disable=SC2086 # the modules are several
    held_by_any "$pattern" ${wanted:-$modules} || unmatched "$pattern"
  done
  for module in ${wanted:-$modules}; do
    ! holds "$module" "${patterns[@]}" || run_jvm "$module" "$module" --exclude-tag=faults "${chosen[@]}" -- "${jvm[@]}"
    # As on Linux, tests tagged "faults" have a JVM of their own, with fault injection switched on.
    [ -n "$folder" ] || ! holds "$module" "${patterns[@]}" || ! grep -qr 'Tag("faults")' "$module/src/test" ||
      run_jvm "$module-faults" "$module" --include-tag=faults "${chosen[@]}" -- -Dio.janus.faults=true "${jvm[@]}"
  done
  printf '%s\n' "$sum_passed $sum_failed $sum_skipped $second_tries" >"$out/summary"
  [ -z "$second_tries" ] || printf 'Windows (Wine): passed at the second try (Wine):%s\n' "$second_tries"
  [ -z "$selected" ] || [ -n "$told_unmatched" ] || [ $((sum_passed + sum_failed + sum_skipped)) -gt 0 ] || unmatched "$selected"
  printf 'Windows (Wine): %d tests passed, %d failed, %d skipped\n' $sum_passed $sum_failed $sum_skipped
  [ -z "$sum_empty" ] || say "no test ran in:$sum_empty"
  [ $sum_failed = 0 ] && [ $sum_passed -gt 0 ] && [ -z "$sum_empty" ]
}

seeds=$(sed -n 's|.*<janus.seeds>\([0-9]*\)<.*|\1|p' pom.xml)
jvm_limit=900
sum_passed=0 sum_failed=0 sum_skipped=0 sum_empty='' second_tries='' selected='' folder='' told_unmatched=''
