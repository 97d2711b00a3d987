@echo off
rem Starts Janus; builds it first where that was not done yet or a source changed since.
rem Settings: JAVA25_HOME or JAVA_HOME (a JDK of 25 or newer), JANUS_JAVA_OPTS (more JVM options).
setlocal EnableExtensions DisableDelayedExpansion
set "ROOT=%~dp0"
set "APP=%ROOT%janus-cli\target\app"
set "JDK="

call :try "%JAVA25_HOME%"
call :try "%JAVA_HOME%"
for /f "delims=" %%j in ('where java 2^>nul') do call :trybin "%%~dpj"
for /d %%d in ("%ProgramFiles%\Eclipse Adoptium\*" "%ProgramFiles%\Java\*" "%ProgramFiles%\Microsoft\*" "%ProgramFiles%\Zulu\*" "%ProgramFiles%\Amazon Corretto\*" "%USERPROFILE%\.jdks\*" "%USERPROFILE%\.sdkman\candidates\java\*") do call :try "%%~d"
if not defined JDK (
  echo janus: Janus needs a JDK 25 or newer and none was found; install one from https://adoptium.net or set JAVA25_HOME to where it lies. 1>&2
  exit /b 69
)

powershell -NoProfile -Command "$s=Get-Item -LiteralPath '%APP%\.stamp' -Force -ErrorAction SilentlyContinue; if(-not $s){exit 1}; $n=Get-ChildItem -Recurse -Path '%ROOT%pom.xml','%ROOT%janus-core\pom.xml','%ROOT%janus-cli\pom.xml','%ROOT%janus-core\src\main','%ROOT%janus-cli\src\main' | Where-Object { $_.LastWriteTimeUtc -gt $s.LastWriteTimeUtc } | Select-Object -First 1; if($n){exit 1}; exit 0"
if not errorlevel 1 goto start

where mvn >nul 2>nul
if errorlevel 1 (
  echo janus: Janus is not built yet and Maven ^(mvn^) is missing; install Maven 3.8 or newer. 1>&2
  exit /b 69
)
if not exist "%ROOT%target" mkdir "%ROOT%target"
echo building Janus (first use or sources changed, about 60 s) 1>&2
set "JAVA25_HOME=%JDK%"
call mvn -B -ntp -q -Dstyle.color=never -f "%ROOT%pom.xml" -pl janus-cli -am package -Dmaven.test.skip=true -Dspotless.check.skip=true >"%ROOT%target\janus-build.log" 2>&1 <nul
if errorlevel 1 (
  echo janus: the build failed; the end of %ROOT%target\janus-build.log: 1>&2
  powershell -NoProfile -Command "Get-Content -Tail 25 -LiteralPath '%ROOT%target\janus-build.log'" 1>&2
  exit /b 70
)

:start
set "GC=-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xms64m -XX:MaxNewSize=8m -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40"
if defined JANUS_JAVA_OPTS echo " %JANUS_JAVA_OPTS%" | findstr /r /c:"-XX:+Use.*GC" >nul && set "GC="
"%JDK%\bin\java.exe" %GC% -XX:-UsePerfData --enable-native-access=io.janus.core --illegal-native-access=deny %JANUS_JAVA_OPTS% -p "%APP%" -m io.janus.cli/io.janus.cli.Main %*
exit /b %ERRORLEVEL%

rem Takes %1 as the JDK if none is taken yet and its release file says 25 or newer.
:try
if defined JDK exit /b 0
if "%~1"=="" exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "tokens=2 delims==" %%v in ('findstr /b "JAVA_VERSION=" "%~1\release"') do for /f "tokens=1 delims=.-+" %%m in ("%%~v") do if %%m GEQ 25 set "JDK=%~1"
exit /b 0

:trybin
if defined JDK exit /b 0
for %%p in ("%~1..") do call :try "%%~fp"
exit /b 0
