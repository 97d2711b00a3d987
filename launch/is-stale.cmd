@echo off
rem Called by the scripts that build: 1 if the file STAMP is missing, or one of SOURCES, which lie below ROOT and are parted by
rem semicolons, is newer than it. A folder is newer when a file of it was removed. Where PowerShell may not run, what is built counts as new.
if not exist "%STAMP%" exit /b 1
powershell -NoProfile -NonInteractive -Command "$built=(Get-Item -LiteralPath $env:STAMP -Force).LastWriteTimeUtc; foreach($source in $env:SOURCES.Split(';')){$path=$env:ROOT+$source; if(@(Get-Item -LiteralPath $path)+@(Get-ChildItem -LiteralPath $path -Recurse)|Where-Object{$_.LastWriteTimeUtc -gt $built}|Select-Object -First 1){exit 3}}" >nul 2>nul
if errorlevel 4 exit /b 0
if errorlevel 3 exit /b 1
exit /b 0
