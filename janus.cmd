@echo off
rem Starts Janus; builds it first where that was not done yet or a source changed since.
rem Settings: JAVA25_HOME or JAVA_HOME (a JDK of 25 or newer), JANUS_JAVA_OPTS (more JVM options).
rem No path stands unquoted or in parentheses: a folder may be called "Program Files (x86)".
setlocal EnableExtensions DisableDelayedExpansion
set "ROOT=%~dp0"
set "APP=%ROOT%janus-cli\target\app"
set "STAMP=%APP%\.stamp"
set "SOURCES=pom.xml;janus-core\pom.xml;janus-cli\pom.xml;janus-core\src\main;janus-cli\src\main"

call "%ROOT%launch\find-jdk.cmd"
if not defined JDK (
  echo janus: Janus needs a JDK 25 or newer and none was found; install one from https://adoptium.net or set JAVA25_HOME to where it lies. 1>&2
  exit /b 69
)

call "%ROOT%launch\is-stale.cmd"
if errorlevel 1 call :build
if not %ERRORLEVEL%==0 exit /b %ERRORLEVEL%

rem Messages make no garbage, so the heap holds connections and little else: see the script for Linux.
set "GC=-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xms64m -XX:MaxNewSize=8m -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40"
if defined JANUS_JAVA_OPTS echo " %JANUS_JAVA_OPTS%" | findstr /r /c:"-XX:+Use.*GC" >nul && set "GC="
rem A Java that does not start says so in words of its own, with a code of its own. It is tried before, save with what must not run twice.
if not defined JANUS_JAVA_OPTS goto start
echo " %JANUS_JAVA_OPTS%" | findstr /c:"-agent" /c:"-javaagent" /c:"-Xrun" /c:"FlightRecording" /c:"jmxremote" /c:"-Xlog" /c:"AtExit" /c:"AOT" >nul && goto start
"%JDK%\bin\java.exe" %GC% -XX:-UsePerfData %JANUS_JAVA_OPTS% -version >nul 2>nul
if not errorlevel 1 goto start
echo janus: Java does not start with JANUS_JAVA_OPTS="%JANUS_JAVA_OPTS%"; change it or unset it, java with these options and -version tells why 1>&2
exit /b 64

:start
rem A jump to nowhere ends the script but not the line: with no script left, nobody asks "Terminate batch job?" when Ctrl-C has ended Janus.
endlocal & goto #nowhere 2>nul || "%JDK%\bin\java.exe" %GC% -XX:-UsePerfData --enable-native-access=io.janus.core --illegal-native-access=deny %JANUS_JAVA_OPTS% -p "%APP%" -m io.janus.cli/io.janus.cli.Main %*

rem Only one start builds; others wait until they may write the lock. Windows gives back what is locked when the process ends, however it ends.
:build
where mvn >nul 2>nul
if errorlevel 1 (
  echo janus: Janus is not built yet and Maven, mvn, is missing; install Maven 3.8 or newer 1>&2
  exit /b 69
)
if not exist "%ROOT%target" mkdir "%ROOT%target" 2>nul
set "PROBE=%ROOT%target\janus-%RANDOM%.probe"
2>nul type nul >"%PROBE%"
if not exist "%PROBE%" (
  echo janus: cannot build, since "%ROOT%target" cannot be written; make it writable, or build as its owner with "mvn verify". 1>&2
  exit /b 73
)
del "%PROBE%"
if exist "%STAMP%" echo building Janus: sources changed, about 15 s 1>&2
if not exist "%STAMP%" echo building Janus: first use, about 60 s 1>&2
set TRIES=0
:wait
set "LOCKED="
(call :locked 9>"%ROOT%target\janus.lock") 2>nul
if defined LOCKED goto built
set /a TRIES+=1
if %TRIES%==10 echo janus: waiting for "%ROOT%target\janus.lock", which another start holds while it builds, or which this user may not write 1>&2
ping -n 2 127.0.0.1 >nul
goto wait
:built
if %ERRORLEVEL%==0 exit /b 0
echo janus: the build failed; the end of "%ROOT%target\janus-build.log": 1>&2
powershell -NoProfile -NonInteractive -Command "Get-Content -Tail 25 -LiteralPath ($env:ROOT+'target\janus-build.log')" 1>&2
exit /b 70

rem Another start may have built meanwhile.
:locked
set "LOCKED=1"
call "%ROOT%launch\is-stale.cmd"
if not errorlevel 1 exit /b 0
set "JAVA25_HOME=%JDK%"
call mvn -B -ntp -q -Dstyle.color=never -f "%ROOT%pom.xml" -pl janus-cli -am package -Dmaven.test.skip=true -Dspotless.check.skip=true >"%ROOT%target\janus-build.log" 2>&1 <nul
exit /b %ERRORLEVEL%
