package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.KeyRing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Podman with settings and storage of its own, and the image of {@code deploy/Dockerfile} in it, once for all tests of a JVM. The
 * images that {@code deploy} names and no registry is asked for are made of Debian's packages, and imported under those names.
 */
final class Containers {
    /** The image that {@code deploy/image} made. */
    static final String IMAGE = "localhost/errand:0.1.0";

    /** The companion's image, which {@code deploy/image --agent} made. */
    static final String AGENT = "localhost/errand-agent:0.1.0";

    /** As {@code deploy/Dockerfile} names the two images that it is built from, without their digests. */
    static final String JDK = "docker.io/library/eclipse-temurin:17-jdk";

    private static final String BASE = "gcr.io/distroless/cc-debian12:nonroot";

    private static @Nullable Containers shared;

    /** A demo is run in the build, from which the JVM's class data is made. */
    private static final int MINUTES = 9;

    private final Path directory;
    private Path archive;
    private final Map<String, String> environment = new HashMap<>();

    private Containers(Path directory) throws Exception {
        this.directory = directory;
        archive = directory.resolve("image.tar");
        Path storage = Files.writeString(
                directory.resolve("storage.conf"),
                "[storage]\ndriver = \"vfs\"\ngraphroot = \"%1$s/root\"\nrunroot = \"%1$s/run\"\n"
                        .formatted(directory));
        // For a machine without systemd, and where no limit may be raised.
        Path settings = Files.writeString(directory.resolve("containers.conf"), """
                [containers]
                default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
                [engine]
                cgroup_manager = "cgroupfs"
                events_logger = "file"
                runtime = "runc"
                [network]
                network_config_dir = "%s"
                """.formatted(
                        Files.createDirectory(directory.resolve("networks"))));
        environment.put("CONTAINERS_STORAGE_CONF", storage.toString());
        environment.put("CONTAINERS_CONF", settings.toString());
        environment.put("BUILDAH_ISOLATION", "chroot");
        environment.put("ERRAND_BUILDER", "buildah");
        // What is here in the place of those images has other digests.
        environment.put(
                "ERRAND_BUILD_OPTIONS",
                "--layers=false --build-arg BUILD_DIGEST= --build-arg JDK_DIGEST= --build-arg BASE_DIGEST=");
        environment.put("TMPDIR", directory.toString());
    }

    /** Makes it at the first use; it ends with this JVM. */
    static synchronized Containers shared() throws Exception {
        Containers containers = shared;
        if (containers == null) {
            containers = new Containers(Files.createTempDirectory("errand-containers"));
            Runtime.getRuntime().addShutdownHook(new Thread(containers::end));
            containers.image();
            shared = containers;
        }
        return containers;
    }

    /** Takes the image of an archive that is there ({@code -Derrand.image=FILE}), or builds it. */
    private void image() throws Exception {
        String given = System.getProperty("errand.image", "");
        if (!given.isEmpty()) {
            archive = Path.of(given);
            String loaded = run("podman", "load", "-i", given).strip();
            run("podman", "tag", loaded.substring(loaded.lastIndexOf(' ') + 1), IMAGE);
            return;
        }
        imported("jdk", JDK);
        imported("base", BASE);
        build("", IMAGE, archive.toString());
    }

    /** Builds the companion's image, on the same Java, and gives its archive. */
    Path agent() throws Exception {
        if (!System.getProperty("errand.image", "").isEmpty()) {
            imported("jdk", JDK);
            imported("base", BASE);
        }
        Path agent = directory.resolve("agent.tar");
        build(" --build-arg JDK=" + JDK, "--agent", AGENT, agent.toString());
        return agent;
    }

    private void build(String options, String... arguments) throws Exception {
        Path words = directory.resolve("build.log");
        List<String> command = new ArrayList<>(
                List.of(RunningGateway.repository().resolve("deploy/image").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.environment().merge("ERRAND_BUILD_OPTIONS", options, String::concat);
        Process build = ServerProcess.start(builder.redirectErrorStream(true).redirectOutput(words.toFile()));
        boolean done = build.waitFor(MINUTES, TimeUnit.MINUTES);
        build.descendants().forEach(ProcessHandle::destroyForcibly);
        build.destroyForcibly();
        assertThat(done && build.exitValue() == 0).as(Files.readString(words)).isTrue();
    }

    /** Where the image lies as an archive. */
    Path archive() {
        return archive;
    }

    /** Imports an archive of {@code .ci/servers containers} under a name. */
    void imported(String archive, String name) throws Exception {
        run(
                "podman",
                "import",
                RealServer.program("containers", "containers-1/" + archive + ".tar")
                        .toString(),
                name);
    }

    Path directory() {
        return directory;
    }

    /** What a command came to, which may fail. */
    ServerProcess.Outcome end(Map<String, String> more, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.environment().putAll(more);
        return ServerProcess.end(builder, "");
    }

    /** What a command said that succeeds. */
    String run(String... command) throws IOException, InterruptedException {
        return run(Map.of(), command);
    }

    String run(Map<String, String> more, String... command) throws IOException, InterruptedException {
        ServerProcess.Outcome outcome = end(more, command);
        assertThat(outcome.exit())
                .as(String.join(" ", command) + ": " + outcome.text())
                .isZero();
        return outcome.text();
    }

    /** The bytes of an archive, and of its compressed form. */
    static long[] sizes(Path archive) throws IOException {
        long[] sizes = {Files.size(archive), 0};
        OutputStream counted = new OutputStream() {
            @Override
            public void write(int one) {
                sizes[1]++;
            }

            @Override
            public void write(byte[] many, int from, int length) {
                sizes[1] += length;
            }
        };
        try (InputStream in = Files.newInputStream(archive);
                OutputStream out = new GZIPOutputStream(counted, 1 << 16)) {
            in.transferTo(out);
        }
        return sizes;
    }

    /** What podman knows of an image or container, by a template of Go. */
    String inspect(String name, String template) throws IOException, InterruptedException {
        return run("podman", "inspect", "--format", template, name).strip();
    }

    /** The names of an image's files, as tar lists them. */
    List<String> files(String image, String options) throws IOException, InterruptedException {
        String container = run("podman", "create", image, "none").strip();
        Path export = directory.resolve("export.tar");
        run("podman", "export", "-o", export.toString(), container);
        List<String> files = run("tar", "--numeric-owner", options, export.toString())
                .lines()
                .toList();
        Files.delete(export);
        return files;
    }

    /**
     * A directory with what a container mounts: {@code etc}, {@code keys} and {@code log}, of the user 10001 but the first.
     *
     * @param configuration a directory that is moved there
     */
    Path machine(Path configuration) throws Exception {
        Path machine = Files.createTempDirectory(directory, "machine");
        Path etc = machine.resolve("etc");
        Files.move(configuration, etc);
        Path keys = Files.createDirectory(machine.resolve("keys"));
        Path log = Files.createDirectory(machine.resolve("log"));
        KeyRing.createIfAbsent(keys.resolve("keys.jwks"));
        Path token = Files.writeString(keys.resolve("operator-token"), "0123456789abcdef0123456789abcdef");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        run("chmod", "-R", "a+rX", etc.toString());
        run("chown", "-R", "10001:10001", keys.toString(), log.toString());
        return machine;
    }

    private void end() {
        try {
            List<String> command = new ArrayList<>(List.of("podman", "rm", "-f", "-a", "-t", "0"));
            end(Map.of(), command.toArray(new String[0]));
            end(Map.of(), "podman", "rmi", "-a", "-f");
            end(Map.of(), "umount", "-l", directory.resolve("root/vfs").toString());
            end(Map.of(), "rm", "-rf", directory.toString());
        } catch (IOException | InterruptedException e) {
            System.err.println("containers are left below " + directory + ": " + e);
        }
    }
}
