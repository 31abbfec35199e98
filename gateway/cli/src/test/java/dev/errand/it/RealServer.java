package dev.errand.it;

import dev.errand.FreePort;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real server as a process of its own on a free port of loopback. What is missing on this machine {@code .ci/servers}
 * fetches; where it cannot, that is a failure, never a skip.
 */
final class RealServer implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(120);

    private final Process process;
    private final Path output;
    private final int port;

    private RealServer(Process process, Path output, int port) {
        this.process = process;
        this.output = output;
        this.port = port;
    }

    /** Debian's docker-registry, which logs how it understood each request. */
    static RealServer registry(Path directory) {
        fetch("registry");
        int port = FreePort.next();
        Path config = write(directory.resolve("registry.yml"), """
                        version: 0.1
                        log: {level: debug, formatter: json, accesslog: {disabled: true}}
                        storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                        http: {addr: "127.0.0.1:%d", secret: of-this-test}
                        """.formatted(directory.resolve("registry"), port));
        return start(directory, "registry", port, "/v2/", Map.of(), "docker-registry", "serve", config.toString());
    }

    /** Debian's etcd, alone. */
    static RealServer etcd(Path directory) {
        fetch("etcd");
        int port = FreePort.next();
        String client = "http://127.0.0.1:" + port;
        String peer = "http://127.0.0.1:" + FreePort.next();
        return start(
                directory,
                "etcd",
                port,
                "/health",
                Map.of(),
                "etcd",
                "--data-dir=" + directory.resolve("etcd"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer);
    }

    /** Adobe's S3Mock. */
    static RealServer s3mock(Path directory) {
        fetch("s3mock");
        int port = FreePort.next();
        return start(
                directory,
                "s3mock",
                port,
                "/favicon.ico",
                Map.of(),
                java(),
                "-Xmx400m",
                "-Dserver.port=" + FreePort.next(),
                "-Dhttp.port=" + port,
                "-jar",
                cache().resolve("s3mock.jar").toString());
    }

    /** S3Proxy, which checks Signature Version 4 by this identity and secret. */
    static RealServer s3proxy(Path directory, String identity, String secret) {
        fetch("s3proxy");
        int port = FreePort.next();
        Path objects = directory.resolve("s3proxy");
        Path config = write(directory.resolve("s3proxy.properties"), """
                        s3proxy.endpoint=http://127.0.0.1:%d
                        s3proxy.authorization=aws-v4
                        s3proxy.identity=%s
                        s3proxy.credential=%s
                        jclouds.provider=filesystem-nio2
                        jclouds.filesystem.basedir=%s
                        """.formatted(port, identity, secret, objects));
        try {
            Files.createDirectories(objects);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return start(
                directory,
                "s3proxy",
                port,
                "/",
                Map.of(),
                java(),
                "-Xmx400m",
                "-jar",
                cache().resolve("s3proxy.jar").toString(),
                "--properties",
                config.toString());
    }

    /** fabric8's mock of an apiserver. */
    static RealServer kubernetes(Path directory) {
        fetch("kubernetes");
        int port = FreePort.next();
        return start(
                directory,
                "kubernetes",
                port,
                "/version",
                Map.of(),
                java(),
                "-Xmx300m",
                "-cp",
                cache().resolve("kubernetes") + File.separator + "*",
                RunningGateway.repository()
                        .resolve("gateway/cli/src/test/servers/KubernetesMock.java")
                        .toString(),
                Integer.toString(port));
    }

    /** The reference server of the Model Context Protocol, over streamable HTTP. */
    static RealServer everything(Path directory) {
        fetch("everything");
        int port = FreePort.next();
        return start(
                directory,
                "everything",
                port,
                "/mcp",
                Map.of("PORT", Integer.toString(port)),
                "node",
                cache().resolve("everything/node_modules/@modelcontextprotocol/server-everything/dist/index.js")
                        .toString(),
                "streamableHttp");
    }

    /** The Python that has the clients of {@code gateway/cli/src/test/clients/requirements.txt}. */
    static Path python() {
        fetch("python");
        return cache().resolve("python/bin/python");
    }

    /** The module of jose, a library of JWTs for Node. */
    static Path jose() {
        fetch("jose");
        return cache().resolve("jose/node_modules/jose/dist/webapi/index.js");
    }

    /** Debian's browser, with the program that drives it. */
    static void chromium() {
        fetch("chromium");
    }

    /** The script of axe-core, which looks for what people with an aid cannot use. */
    static Path axe() {
        fetch("axe");
        return cache().resolve("axe/node_modules/axe-core/axe.min.js");
    }

    /**
     * A program that {@code .ci/servers} builds.
     *
     * @param server the script's name for it
     * @param path below the cache, without a version
     */
    static Path program(String server, String path) {
        fetch(server);
        return cache().resolve(path);
    }

    /** Where {@code .ci/servers} puts what it fetches. */
    static Path cache() {
        String home = System.getenv("XDG_CACHE_HOME");
        return (home == null || home.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(home))
                .resolve("errand");
    }

    /** Has the script fetch a server; does nothing where it is there. */
    static void fetch(String name) {
        try {
            ServerProcess.Outcome outcome = ServerProcess.end(
                    new ProcessBuilder(
                            RunningGateway.repository().resolve(".ci/servers").toString(), name),
                    "");
            if (outcome.exit() != 0) {
                throw new AssertionError(
                        "there is no " + name + ", and .ci/servers " + name + " says: " + outcome.text());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A server as a process of its own, ready once it answers at that path at all (for an empty one: once it listens); an error of one line where it does not. */
    static RealServer start(
            Path directory, String name, int port, String ready, Map<String, String> environment, String... command) {
        return start(READY, directory, name, port, ready, environment, command);
    }

    /** As above, with the longest time that it may take. */
    static RealServer start(
            Duration longest,
            Path directory,
            String name,
            int port,
            String ready,
            Map<String, String> environment,
            String... command) {
        if (isTaken(port)) {
            // Whoever listens there would be taken for the server.
            throw new AssertionError(name + " does not start: port " + port + " is in use");
        }
        try {
            Path output = directory.resolve(name + ".log");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .directory(directory.toFile());
            builder.environment().putAll(environment);
            RealServer server = new RealServer(ServerProcess.start(builder), output, port);
            server.await(name, ready, longest);
            return server;
        } catch (IOException e) {
            throw new AssertionError(name + " does not start: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until it answers at all. */
    private void await(String name, String path, Duration longest) throws InterruptedException {
        Instant deadline = Instant.now().plus(longest);
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri() + path))
                .timeout(Duration.ofSeconds(10).compareTo(longest) < 0 ? Duration.ofSeconds(10) : longest)
                .build();
        while (true) {
            try {
                if (path.isEmpty()) {
                    new Socket("127.0.0.1", port).close();
                } else {
                    TestAgent.HTTP.send(request, BodyHandlers.discarding());
                }
                return;
            } catch (IOException notYet) {
                if (!process.isAlive()) {
                    throw new AssertionError(name + " does not start: status " + process.exitValue() + ", " + said());
                }
                if (Instant.now().isAfter(deadline)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new AssertionError(
                            name + " is not ready after " + longest.toMillis() + " ms: " + said(), notYet);
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    /** Its last words, and where the others are. */
    private String said() {
        List<String> lines = log();
        lines.removeIf(String::isBlank);
        return (lines.isEmpty() ? "it said nothing" : '\'' + lines.get(lines.size() - 1) + '\'') + " (" + output + ')';
    }

    private static boolean isTaken(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return !socket.isBound();
        } catch (IOException taken) {
            return true;
        }
    }

    String uri() {
        return "http://127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    /** What it printed so far; its last line may not be whole. */
    List<String> log() {
        try {
            return new ArrayList<>(Files.readAllLines(output, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path output() {
        return output;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
