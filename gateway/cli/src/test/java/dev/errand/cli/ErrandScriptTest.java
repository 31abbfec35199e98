package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script {@code errand} with jars that are none and a Java that prints how it is called: which commands start from the cache. */
class ErrandScriptTest {
    /** A {@code deploy/start-cache} that succeeds at once. */
    private static final String MAKES = "mkdir \"$3\" && touch \"$3/start.jsa\" \"$3/ready\"";

    @TempDir
    private Path directory;

    private Path top;
    private Path jar;
    private Path cache;
    private Path java;

    @BeforeEach
    void lay() throws Exception {
        top = directory.resolve("top");
        jar = top.resolve("gateway/target/errand.jar");
        cache = directory.resolve("cache");
        java = directory.resolve("jdk");
        Files.createDirectories(top.resolve("deploy"));
        Files.writeString(top.resolve("pom.xml"), "");
        for (String module : Checkout.MODULES) {
            Files.createDirectories(top.resolve(module).resolve("src/main"));
            Files.writeString(top.resolve(module).resolve("pom.xml"), "");
        }
        Files.createDirectories(jar.getParent());
        write(jar, "a build");
        write(jar.resolveSibling("errand-demo.jar"), "a demo");
        Files.createDirectories(top.resolve("agent/target"));
        write(top.resolve("agent/target/errand-agent.jar"), "a companion");
        Files.createDirectories(top.resolve(".mvn"));
        Files.createDirectories(top.resolve("config"));
        program(
                top.resolve("mvnw"),
                "echo built >>'" + directory.resolve("builds")
                        + "'; echo '[INFO] Building Errand core 1 [2/10]'; [ ! -f '" + directory.resolve("broken")
                        + "' ]");
        Files.copy(Checkout.path("errand"), top.resolve("errand"));
        program(java.resolve("bin/java"), "echo \"$@\"");
        Files.writeString(java.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        program(top.resolve("deploy/start-cache"), MAKES);
        Path texts = top.resolve("gateway/cli/src/main/resources/dev/errand/cli");
        Files.createDirectories(texts);
        for (String name : List.of("help.txt", "completion.bash", "completion.zsh", "completion.fish")) {
            Files.copy(
                    Checkout.path("gateway/cli/src/main/resources/dev/errand/cli")
                            .resolve(name),
                    texts.resolve(name));
        }
    }

    /** The sources are what counts, not the times of files. */
    @Test
    void build_isMadeOnce_forEachContentOfTheSources() throws Exception {
        Path builds = directory.resolve("builds");
        Path source = Files.writeString(top.resolve("filters/core/src/main/A.java"), "a");
        assertThat(called("ready"))
                .contains("errand: building all jars", "errand: Building Errand core 1 [2/10]", "-jar " + jar);
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(600)));
        Files.createDirectories(top.resolve("filters/core/src/test"));
        Files.writeString(top.resolve("filters/core/src/test/T.java"), "t");
        assertThat(called("agent")).doesNotContain("building").contains("-jar " + top.resolve("agent/target"));
        assertThat(builds).hasContent("built");
        Files.writeString(source, "b");
        assertThat(called("agent")).contains("errand: building all jars");
        Files.delete(top.resolve("agent/target/errand-agent.jar"));
        assertThat(called("ready")).contains("errand: building all jars");
        assertThat(builds).hasContent("built\nbuilt\nbuilt");
    }

    @Test
    void build_thatFails_isTold_andTriedAgain() throws Exception {
        Files.createFile(directory.resolve("broken"));
        for (int i = 0; i < 2; i++) {
            Process process = new ProcessBuilder("sh", top.resolve("errand").toString(), "ready")
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("errand: the build failed: see above")
                    .doesNotContain("-jar ");
            assertThat(process.waitFor()).isEqualTo(1);
        }
    }

    /** A JVM takes one collector. */
    @Test
    void collectorOfTheUser_replacesOurs() throws Exception {
        for (String command : List.of("run", "explain", "agent")) {
            assertThat(called(Map.of("ERRAND_CACHE", "", "ERRAND_JAVA_OPTS", "-XX:+UseG1GC"), command))
                    .contains("-XX:+UseG1GC")
                    .doesNotContain("Parallel", "Serial");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "17.0.11, gnu, Eclipse, false", "17.0.12, gnu, Eclipse, true", "17.0.20, gnu, Eclipse, true",
        "21, gnu, Eclipse, false", "21.0.3, gnu, Eclipse, false", "21.0.4, gnu, Eclipse, true",
        "21.0.10, gnu, Eclipse, true", "22.0.2, gnu, Eclipse, false", "23, gnu, Eclipse, true",
        "25.0.3, gnu, Eclipse, true", "25.0.3, musl, Eclipse, false", "25.0.3, gnu, Oracle, false"
    })
    void memoryOfTheCompiler_isGivenBackByJavasThatCan(String version, String libc, String maker, boolean given)
            throws Exception {
        Files.writeString(
                java.resolve("release"),
                "IMPLEMENTOR=\"" + maker + " X\"\nJAVA_VERSION=\"" + version + "\"\nLIBC=\"" + libc + "\"\n");
        assertGivesMemoryBack(given);
    }

    @Test
    void memoryOfTheCompiler_ofAJavaThatSaysNothing_stays() throws Exception {
        Files.delete(java.resolve("release"));
        assertGivesMemoryBack(false);
    }

    private void assertGivesMemoryBack(boolean given) throws Exception {
        for (String script : List.of("errand", "deploy/dist/errand")) {
            Files.copy(Checkout.path(script), top.resolve("errand"), StandardCopyOption.REPLACE_EXISTING);
            String called = called(Map.of("ERRAND_CACHE", ""), "run");
            assertThat(called).contains("-XX:+UseParallelGC");
            assertThat(called.contains("-XX:TrimNativeHeapInterval=60000")).isEqualTo(given);
        }
    }

    /** The archive's script has the same options as the clone's, and no build. */
    @Test
    void archivesScript_runsTheSame() throws Exception {
        Path dist = Files.createDirectories(directory.resolve("dist/lib")).getParent();
        Files.copy(Checkout.path("deploy/dist/errand"), dist.resolve("errand"));
        assertThat(Files.readAllLines(dist.resolve("errand"))).hasSizeLessThanOrEqualTo(40);
        Files.writeString(dist.resolve("lib/help.txt"), "help");
        Path clone = top;
        for (String command : List.of("run", "explain", "export", "agent", "mcp-serve", "check")) {
            top = clone;
            String ours = called(Map.of("ERRAND_CACHE", ""), command)
                    .lines()
                    .reduce((first, last) -> last)
                    .orElseThrow();
            top = dist;
            assertThat(called(Map.of("ERRAND_CACHE", ""), command))
                    .isEqualTo(ours.replace(clone + "/deploy/dist/", dist + "/lib/")
                            .replace(clone + "/gateway/target/", dist + "/lib/")
                            .replace(clone + "/agent/target/", dist + "/lib/")
                            .replace(clone.toString(), dist.toString()));
        }
        Files.delete(java.resolve("bin/java"));
        assertThat(called("--help")).isEqualTo("help");
    }

    /** What cmd would read wrongly without a word: ends of lines, labels, paths with spaces, words with an ampersand. */
    @Test
    void archivesScriptForWindows_isReadAsItStands() throws Exception {
        String text = Files.readString(Checkout.path("deploy/dist/errand.bat"));
        assertThat(text).endsWith("\r\n");
        assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
        List<String> lines = text.lines().toList();
        assertThat(lines).hasSizeLessThanOrEqualTo(40);
        assertThat(found("goto (\\w+)", text))
                .hasSizeGreaterThan(5)
                .allSatisfy(label -> assertThat(lines).contains(":" + label));
        assertThat(lines).allSatisfy(line -> {
            // Every second part stands in quotes.
            String[] parts = line.split("\"", -1);
            assertThat(parts.length % 2).as(line).isOne();
            for (int i = 0; i < parts.length; i += 2) {
                assertThat(parts[i]).as(line).doesNotContain("%java", "%JAVA_HOME", "%lib", "%top");
            }
            assertThat(line)
                    .satisfiesAnyOf(
                            one -> assertThat(one).doesNotContain("%*"),
                            one -> assertThat(one).startsWith("\"%java%\"").endsWith(" %*"));
        });
        String ours = Files.readString(Checkout.path("deploy/dist/errand"));
        assertThat(found("in \\(([a-z -]+)\\)", text))
                .isEqualTo(found("\n  ([a-z| -]+)\\) args=", ours).stream()
                        .map(words -> words.replace(" | ", " "))
                        .toList());
        assertThat(lines.get(lines.indexOf(":help") - 1)).isEqualTo("exit /b %errorlevel%");
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(one -> one.group(1))
                .toList();
    }

    /** Without Java, without jars, and so without a build. */
    @Test
    void help_version_andCompletion_needNothing() throws Exception {
        Files.delete(jar);
        Files.writeString(top.resolve("pom.xml"), "<project>\n  <version>1.2.3-SNAPSHOT</version>\n</project>\n");
        Files.delete(java.resolve("bin/java"));
        assertThat(called("--help")).isEqualTo(HelpText.read("help.txt").strip());
        assertThat(called()).isEqualTo(HelpText.read("help.txt").strip());
        assertThat(called("--version")).isEqualTo("errand 1.2.3-SNAPSHOT");
        assertThat(called("completion", "bash"))
                .isEqualTo(HelpText.read("completion.bash").strip());
    }

    /** Newer than the sources, so that the script builds nothing. */
    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60)));
    }

    private static void program(Path file, String commands) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private String called(String... words) throws Exception {
        return called(Map.of("ERRAND_CACHE", cache.toString()), words);
    }

    /** How the script calls Java. */
    private String called(Map<String, String> environment, String... words) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of("sh", top.resolve("errand").toString()), Stream.of(words))
                        .toList());
        builder.environment().put("JAVA_HOME", java.toString());
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said.strip();
    }

    private boolean isReady() throws IOException {
        return find("ready").isPresent();
    }

    /** A file in the cache whose name ends so. */
    private Optional<Path> find(String end) throws IOException {
        try (Stream<Path> found = Files.exists(cache) ? Files.walk(cache) : Stream.empty()) {
            return found.filter(file -> file.getFileName().toString().endsWith(end))
                    .findFirst();
        } catch (UncheckedIOException e) {
            // A file went away while the folder was read.
            return Optional.empty();
        }
    }

    private Path awaited(String end) throws Exception {
        for (int i = 0; i < 600 && find(end).isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return find(end).orElseThrow();
    }

    private void makeCache() throws Exception {
        assertThat(called("explain", "d-1")).contains("-jar " + jar);
        awaited("ready");
    }

    @Test
    void command_thatServesOnce_makesNoCache() throws Exception {
        assertThat(called("ready")).contains("-jar " + jar);
        assertThat(called("check", "--config", "x")).contains("-jar " + jar);
        assertThat(isReady()).isFalse();
    }

    @Test
    void everyCommand_startsFromTheCache_onceItIsThere() throws Exception {
        makeCache();
        for (String command : List.of("ready", "explain", "task", "prove", "audit", "run", "check")) {
            assertThat(called(command))
                    .contains("-XX:SharedArchiveFile=" + cache)
                    .contains("-jar " + cache)
                    .doesNotContain("-jar " + jar);
        }
    }

    @Test
    void cacheThatCannotBeMade_isToldOnce_andTriedAgainAfterADay() throws Exception {
        Path tries = directory.resolve("tries");
        program(top.resolve("deploy/start-cache"), "echo one >>'" + tries + "'; echo 'no room' >&2; exit 1");
        String told = "errand: no start cache could be made";
        assertThat(called("explain", "d-1")).doesNotContain(told);
        awaited(".failed.new");
        assertThat(called("ready")).doesNotContain(told);
        assertThat(called("explain", "d-1")).contains(told, "-jar " + jar);
        Path reason = awaited(".failed");
        assertThat(reason).hasContent("no room");
        assertThat(called("explain", "d-1")).doesNotContain(told).contains("-jar " + jar);
        assertThat(tries).hasContent("one");

        Files.setLastModifiedTime(reason, FileTime.from(Instant.now().minus(25, ChronoUnit.HOURS)));
        assertThat(called("explain", "d-1")).doesNotContain(told);
        awaited(".failed.new");
        assertThat(tries).hasContent("one\none");
        assertThat(called("run")).contains(told);

        program(top.resolve("deploy/start-cache"), MAKES);
        write(jar, "another build");
        makeCache();
        assertThat(called("explain", "d-1")).doesNotContain(told).contains("-jar " + cache);
    }

    @Test
    void makingThatIsInterrupted_isNoFailure() throws Exception {
        Path tries = directory.resolve("tries");
        program(top.resolve("deploy/start-cache"), "echo one >>'" + tries + "'; exit 130");
        Files.createFile(tries);
        for (int i = 1; i <= 2; i++) {
            called("explain", "d-1");
            for (int wait = 0; wait < 600 && Files.size(tries) < 4 * i; wait++) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        assertThat(tries).hasContent("one\none");
        assertThat(find(".failed.new")).isEmpty();
    }

    @Test
    void anotherBuild_ofTheSameLength_doesNotStartFromTheCacheOfTheOneBefore() throws Exception {
        makeCache();
        write(jar, "B build");
        assertThat(called("ready")).contains("-jar " + jar).doesNotContain("SharedArchiveFile");
    }

    @Test
    void emptyCache_doesWithout() throws Exception {
        makeCache();
        assertThat(called(Map.of("ERRAND_CACHE", ""), "explain", "d-1"))
                .contains("-jar " + jar)
                .doesNotContain("SharedArchiveFile");
    }

    @Test
    void commandsThatReadLogs_haveAHeapThatGrowsWithWhatIsKept() throws Exception {
        for (String command : List.of("audit", "learn", "replay", "explain", "task", "prove", "verify-log")) {
            assertThat(called(Map.of("ERRAND_CACHE", ""), command))
                    .contains("-XX:+UseSerialGC", "@" + top.resolve("deploy/dist/logs.args"))
                    .doesNotContain("Parallel");
        }
        assertThat(called(Map.of("ERRAND_CACHE", ""), "run"))
                .contains("-XX:+UseParallelGC", "@" + top.resolve("deploy/dist/gateway.args"));
    }
}
