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
set "java="
for %%j in (java.exe) do set "java=%%~$PATH:j"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if "%java%"=="" goto nojava
if not exist "%java%" goto nojava
set "args=gateway"
set "collector=-XX:+UseParallelGC"
set "jar=errand.jar"
for %%c in (agent mcp-serve) do if "%~1"=="%%c" set "jar=errand-agent.jar"
for %%c in (audit learn replay explain task prove verify-log export) do if "%~1"=="%%c" set "args=logs"
if "%jar%"=="errand-agent.jar" set "args=agent"
if not "%args%"=="gateway" set "collector=-XX:+UseSerialGC"
rem A JVM takes one collector.
if defined ERRAND_JAVA_OPTS if not "%ERRAND_JAVA_OPTS:GC=%"=="%ERRAND_JAVA_OPTS%" set "collector="
rem The words of the caller stay outside of every set: a quoted one may hold an ampersand.
"%java%" "@%lib%\%args%.args" %collector% %ERRAND_JAVA_OPTS% "-Derrand.home=%top:~0,-1%" -jar "%lib%\%jar%" %*
exit /b %errorlevel%
:help
type "%lib%\help.txt"
exit /b 0
:version
type "%lib%\version.txt"
exit /b 0
:nojava
echo errand: no Java found ("%java%"): install a Java runtime 17 or newer, or set JAVA_HOME to one >&2
exit /b 1
