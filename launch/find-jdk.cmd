@echo off
rem Called by the scripts that start or build Janus: sets JDK to a JDK of 25 or newer, or leaves it empty. No JVM is started to
rem find out, since the release file of a JDK tells its version.
set "JDK="
call :try "%JAVA25_HOME%"
call :try "%JAVA_HOME%"
rem Runners of GitHub have one variable for each version, such as JAVA_HOME_25_X64.
for /f "tokens=1* delims==" %%a in ('set JAVA_HOME_ 2^>nul') do call :try "%%~b"
for /f "delims=" %%j in ('where java 2^>nul') do call :trybin "%%~dpj"
for %%r in ("%ProgramFiles%" "%LOCALAPPDATA%\Programs") do for %%v in ("Eclipse Adoptium" Java Microsoft Zulu "Amazon Corretto" BellSoft Semeru SapMachine OpenJDK) do for /d %%d in ("%%~r\%%~v\*") do call :try "%%~d"
for /d %%d in ("%USERPROFILE%\.jdks\*" "%USERPROFILE%\.sdkman\candidates\java\*" "%USERPROFILE%\scoop\apps\*jdk*") do call :try "%%~d" & call :try "%%~d\current"
exit /b 0

rem Takes the folder as the JDK if none is taken yet and its release file says 25 or newer.
:try
if defined JDK exit /b 0
if "%~1"=="" exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
for /f "usebackq tokens=1,2 delims==" %%k in ("%~1\release") do if "%%k"=="JAVA_VERSION" for /f "tokens=1 delims=.-+" %%m in ("%%~l") do if %%m GEQ 25 set "JDK=%~1"
exit /b 0

rem The same for the folder of a java.exe.
:trybin
if defined JDK exit /b 0
for %%p in ("%~1..") do call :try "%%~fp"
exit /b 0
