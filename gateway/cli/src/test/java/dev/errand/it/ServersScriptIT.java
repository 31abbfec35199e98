package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code .ci/servers} where nothing can be had: one clear last line and a status of failure, never a hang. No network. */
@EnabledOnOs(OS.LINUX)
class ServersScriptIT {
    private static final String CLOSED = "http://127.0.0.1:1";
    /** All that the script itself calls. */
    private static final List<String> TOOLS = List.of(
            "bash", "cat", "chmod", "cmp", "cp", "cut", "dirname", "env", "find", "grep", "head", "ln", "mkdir",
            "mktemp", "mv", "paste", "rm", "sed", "sleep", "sort", "tail", "tee", "timeout", "touch", "tr");

    @TempDir
    private Path directory;

    private Path bin;
    private Path cache;

    @BeforeEach
    void arrange() throws IOException {
        bin = Files.createDirectory(directory.resolve("bin"));
        cache = directory.resolve("cache");
        for (String tool : TOOLS) {
            Path found = Stream.of("/usr/bin", "/bin")
                    .map(path -> Path.of(path, tool))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            Files.createSymbolicLink(bin.resolve(tool), found);
        }
    }

    /** A program that the script finds. */
    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(bin.resolve(name), "#!" + bin.resolve("bash") + "\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> fails(Map<String, String> environment, String path, String... names) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                bin.resolve("bash").toString(),
                RunningGateway.repository().resolve(".ci/servers").toString()));
        command.addAll(List.of(names));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PATH", path);
        builder.environment().put("XDG_CACHE_HOME", cache.toString());
        builder.environment().putAll(environment);
        Instant begun = Instant.now();
        ServerProcess.Outcome outcome = ServerProcess.end(builder, "");
        assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(90));
        assertThat(outcome.exit()).as(outcome.text()).isNotZero();
        return outcome.text().lines().toList();
    }

    private String last(Map<String, String> environment, String... names) throws Exception {
        List<String> lines = fails(environment, bin.toString(), names);
        return lines.get(lines.size() - 1);
    }

    private void nothingIsHad() throws IOException {
        try (Stream<Path> left = Files.walk(cache)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void unknownName_isRefused() throws Exception {
        assertThat(last(Map.of(), "mainframe")).endsWith("there is no server 'mainframe'");
    }

    @Test
    void missingToolchain_isNamed() throws Exception {
        assertThat(last(Map.of(), "oras"))
                .isEqualTo("servers: oras: could not be had: there is no Go toolchain: install Go");
        assertThat(last(Map.of(), "everything"))
                .isEqualTo("servers: everything: could not be had: there is no 'npm' on this machine");
        assertThat(last(Map.of(), "python"))
                .isEqualTo("servers: python: could not be had: there is no 'python3' on this machine");
        assertThat(last(Map.of(), "skopeo"))
                .isEqualTo("servers: skopeo: could not be had: there is no 'apt-get' on this machine");
        nothingIsHad();
    }

    @Test
    void downloadThatHangs_isEnded() throws Exception {
        program("npm", "sleep 61.38");
        assertThat(last(Map.of("ERRAND_SERVERS_SECONDS", "1"), "jose"))
                .isEqualTo("servers: jose: could not be had: 'npm' was ended after 1 seconds");
        nothingIsHad();
    }

    @Test
    void downloadThatFails_isItsOwnWords_andTheNextIsNotTried() throws Exception {
        program("apt-get", "echo 'E: Unable to fetch some archives' >&2; [ \"$2\" = update ] || exit 100");
        assertThat(last(Map.of(), "skopeo", "mainframe"))
                .isEqualTo("servers: skopeo: could not be had: E: Unable to fetch some archives");
    }

    @Test
    void offline_nothingIsFetched() throws Exception {
        program("npm", "echo fetched >&2; exit 1");
        assertThat(last(Map.of("ERRAND_SERVERS_OFFLINE", "1"), "jose"))
                .isEqualTo("servers: jose: could not be had: it is not here yet");
        nothingIsHad();
    }

    @Test
    void advice_isNotTheReason() throws Exception {
        program(
                "npm",
                "printf 'npm error code E404\\nnpm error A complete log of this run can be found in: x\\n' >&2; exit 1");
        assertThat(last(Map.of(), "jose")).isEqualTo("servers: jose: could not be had: npm error code E404");
    }

    @Test
    void buildThatFails_leavesNothing() throws Exception {
        program("go", "case $1 in env) echo go1.99 ;; get) ;; *) echo 'main.go:1:1: no' >&2; exit 1 ;; esac");
        assertThat(last(Map.of(), "minio")).isEqualTo("servers: minio: could not be had: main.go:1:1: no");
        nothingIsHad();
    }

    /** The real tools, where they are on this machine, with registries that nobody listens at. */
    @Test
    void unreachableRegistries_endInOneLine() throws Exception {
        Map<String, String> poisoned = Map.of(
                "GOPROXY",
                CLOSED,
                "GOFLAGS",
                "-modcacherw",
                "GOMODCACHE",
                directory.resolve("modules").toString(),
                "PIP_INDEX_URL",
                CLOSED,
                "PIP_FIND_LINKS",
                "",
                "PIP_CONFIG_FILE",
                "/dev/null",
                "NPM_CONFIG_REGISTRY",
                CLOSED,
                "NPM_CONFIG_CACHE",
                directory.resolve("npm").toString());
        // These make a folder for Python before they ask.
        Map<String, String> elsewhere = new HashMap<>(poisoned);
        elsewhere.put("XDG_CACHE_HOME", directory.resolve("cache-of-python").toString());
        List<String> names = List.of("oras", "jose", "gitea", "vault", "python");
        // Each waits for its registry, so all are asked at once.
        ExecutorService threads = Executors.newFixedThreadPool(names.size());
        try {
            Map<String, Future<List<String>>> said = new LinkedHashMap<>();
            for (String name : names) {
                Map<String, String> environment = name.endsWith("python") ? elsewhere : poisoned;
                said.put(name, threads.submit(() -> fails(environment, System.getenv("PATH"), name)));
            }
            for (String name : names) {
                List<String> lines = said.get(name).get();
                String last = lines.get(lines.size() - 1);
                assertThat(last).startsWith("servers: " + name + ": could not be had: ");
                if (!name.endsWith("python")) {
                    assertThat(last).containsAnyOf("refused", "REFUSED", "there is no");
                }
            }
        } finally {
            threads.shutdownNow();
        }
        nothingIsHad();
    }
}
