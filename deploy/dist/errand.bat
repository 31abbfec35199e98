@echo off
rem The errand command of the archive. It needs a Java runtime 17 or newer, and nothing else.
setlocal
set "top=%~dp0"
set "lib=%top%lib"
if "%~1"=="" goto help
if "%~1"=="help" goto help
if "%~1"=="-h" goto help
if "%~1"=="--help" goto help
if "%~1"=="-V" goto version
if "%~1"=="--version" goto version
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "args=gateway"
set "collector=-XX:+UseParallelGC"
set "jar=errand.jar"
for %%c in (agent mcp-serve) do if "%~1"=="%%c" set "args=agent" & set "collector=-XX:+UseSerialGC" & set "jar=errand-agent.jar"
for %%c in (audit learn replay explain task prove verify-log) do if "%~1"=="%%c" set "args=logs" & set "collector=-XX:+UseSerialGC"
if defined ERRAND_JAVA_OPTS if not "%ERRAND_JAVA_OPTS:GC=%"=="%ERRAND_JAVA_OPTS%" set "collector="
rem The companion's jar has one command, so its name is left out.
set "words=%*"
if "%~1"=="agent" call set "words=%%words:*agent=%%"
"%java%" "@%lib%\%args%.args" %collector% %ERRAND_JAVA_OPTS% "-Derrand.home=%top:~0,-1%" -jar "%lib%\%jar%" %words%
exit /b %errorlevel%
:help
type "%lib%\help.txt"
exit /b 0
:version
type "%lib%\version.txt"
exit /b 0
