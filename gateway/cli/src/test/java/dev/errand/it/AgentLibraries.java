package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The libraries of {@code clients}, packed as their ecosystems pack them (a wheel, an npm tarball) and unpacked beside the
 * software that {@code .ci/servers} fetches, so that tests use what a user would install. Each is packed once. For one thread.
 */
final class AgentLibraries {
    private static final Path CLIENTS = RunningGateway.repository().resolve("clients");

    private final Path directory;
    private @Nullable Path wheel;
    private @Nullable Path tarball;

    /** @param directory of the tests */
    AgentLibraries(Path directory) {
        this.directory = directory;
    }

    /** A Python with the clients of {@code gateway/cli/src/test/clients/agent-requirements.txt}, without our library. */
    static Path python() {
        return RealServer.program("agent-python", "agent-python/bin/python");
    }

    /** The modules of npm: jose, the official MCP client, and TypeScript. */
    static Path modules() {
        return RealServer.program("agent-node", "agent-node/node_modules");
    }

    /** The directory with the packed Python library. */
    Path wheel() throws Exception {
        if (wheel == null) {
            wheel = packWheel();
        }
        return wheel;
    }

    /** The directory whose {@code node_modules} hold the packed Node library and what it needs. */
    Path tarball() throws Exception {
        if (tarball == null) {
            tarball = packTarball();
        }
        return tarball;
    }

    private Path packWheel() throws Exception {
        Path wheels = Files.createDirectories(directory.resolve("wheels"));
        Path unpacked = directory.resolve("python-packages");
        String pip = python().resolveSibling("pip").toString();
        List<String> quiet = List.of("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index");
        run(
                List.of(pip, "wheel"),
                quiet,
                List.of(
                        "--no-build-isolation",
                        "-w",
                        wheels.toString(),
                        CLIENTS.resolve("python").toString()));
        run(
                List.of(pip, "install"),
                quiet,
                List.of("--target", unpacked.toString(), only(wheels).toString()));
        return unpacked;
    }

    private Path packTarball() throws Exception {
        Path tarballs = Files.createDirectories(directory.resolve("tarballs"));
        Path home = Files.createDirectories(directory.resolve("node"));
        Path modules = Files.createDirectories(home.resolve("node_modules"));
        List<String> pack = List.of("npm", "pack", "--silent", "--offline", "--pack-destination", tarballs.toString());
        run(pack, List.of(CLIENTS.resolve("node").toString()));
        try (Stream<Path> fetched = Files.list(modules())) {
            for (Path module : fetched.toList()) {
                Files.createSymbolicLink(modules.resolve(module.getFileName()), module);
            }
        }
        run(List.of("tar", "xzf", only(tarballs).toString(), "-C", modules.toString()));
        Files.move(modules.resolve("package"), modules.resolve("errand-agent"));
        return home;
    }

    private static Path only(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    @SafeVarargs
    private static void run(List<String>... parts) throws Exception {
        succeeds(new ProcessBuilder(Stream.of(parts).flatMap(List::stream).toList()));
    }

    /** Runs Python with the packed library; what it said. */
    ServerProcess.Outcome python(Path work, String... arguments) throws Exception {
        return ServerProcess.end(pythonBuilder(work, arguments), "");
    }

    /** Python with the packed library. */
    ProcessBuilder pythonBuilder(Path work, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(python().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(work.toFile());
        builder.environment().putAll(Map.of("PYTHONPATH", wheel().toString(), "PYTHONDONTWRITEBYTECODE", "1"));
        return builder;
    }

    /** What a command said that succeeded. */
    static String succeeds(ProcessBuilder command) throws Exception {
        ServerProcess.Outcome outcome = ServerProcess.end(command, "");
        assertThat(outcome.exit())
                .as(() -> String.join(" ", command.command()) + ": " + outcome.text())
                .isZero();
        return outcome.text();
    }
}
