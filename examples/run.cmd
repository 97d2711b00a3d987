@echo off
rem Builds what is stale and runs an example: examples\run Echo 127.0.0.1:7000
rem No path stands unquoted or in parentheses: a folder may be called "Program Files (x86)".
setlocal EnableExtensions DisableDelayedExpansion
for %%r in ("%~dp0..") do set "ROOT=%%~fr\"
set "STAMP=%ROOT%examples\target\built"
set "SOURCES=pom.xml;janus-core\src\main;examples\src\main"
if "%~1"=="" goto usage
for %%e in (Echo Chat Forwarder PollerLoop PortLoop SharedPortRace SharedPortCure SharedPortFairness) do if "%~1"=="%%e" goto known
goto usage

:known

call "%ROOT%launch\find-jdk.cmd"
if not defined JDK (
  echo Janus needs a JDK 25 or newer and none was found; install one from https://adoptium.net or set JAVA25_HOME to where it lies. 1>&2
  exit /b 69
)
call "%ROOT%launch\is-stale.cmd"
if errorlevel 1 call :build
if not %ERRORLEVEL%==0 exit /b %ERRORLEVEL%
rem As in janus.cmd: with no script left, nobody asks "Terminate batch job?" after Ctrl-C.
endlocal & goto #nowhere 2>nul || "%JDK%\bin\java.exe" --enable-native-access=ALL-UNNAMED -cp "%ROOT%janus-core\target\classes;%ROOT%examples\target\classes" io.janus.examples.Example %*

:build
where mvn >nul 2>nul
if errorlevel 1 (
  echo the examples are not built yet and Maven, mvn, is missing; install Maven 3.8 or newer 1>&2
  exit /b 69
)
echo building the examples, about 15 s 1>&2
if not exist "%ROOT%examples\target" mkdir "%ROOT%examples\target"
rem As old as the start of the build: what changes meanwhile counts as newer. It has another name until the build is whole, since a build may be
rem broken off, and with it this script.
del "%STAMP%" 2>nul
type nul >"%STAMP%.begun"
set "JAVA25_HOME=%JDK%"
call mvn -B -ntp -q -Dstyle.color=never -f "%ROOT%pom.xml" -pl examples -am package -Dmaven.test.skip=true -Dspotless.check.skip=true 1>&2 <nul
if not %ERRORLEVEL%==0 exit /b 70
move /y "%STAMP%.begun" "%STAMP%" >nul
exit /b %ERRORLEVEL%

:usage
echo usage: examples\run Echo or Chat, HOST:PORT [iocp or afd or emulated] 1>&2
echo        examples\run Forwarder HOST:PORT TARGET-HOST:PORT [iocp or afd or emulated] 1>&2
echo        examples\run PollerLoop HOST:PORT 1>&2
echo        examples\run PortLoop HOST:PORT [iocp or emulated] 1>&2
echo        examples\run SharedPortRace or SharedPortFairness, [iocp or emulated] [CONNECTIONS [KIB-EACH [WORKERS]]] 1>&2
echo        examples\run SharedPortCure [iocp or emulated] [CONNECTIONS [KIB-EACH [WORKERS [BATCH [ACTIVE-AT-A-TIME]]]]] 1>&2
exit /b 64
