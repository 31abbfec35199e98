package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code errand run} in a process of its own, which can be killed and started again on the same port and directory. */
final class GatewayProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120);

    private final Path directory;
    private final List<String> jvm;
    private final List<String> properties;
    private final int port;
    private Process process;

    /** Starts it; returns once it answers. */
    GatewayProcess(RunningGateway.Builder builder) throws Exception {
        this(builder, List.of("-Xmx256m"));
    }

    /** With these options of its Java. */
    GatewayProcess(RunningGateway.Builder builder, List<String> jvm) throws Exception {
        this.jvm = jvm;
        port = freePort();
        builder.property("server.port", Integer.toString(port));
        directory = builder.prepare();
        properties = builder.arguments();
        process = run();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    Path log() {
        return directory.resolve("data/provenance");
    }

    Path directory() {
        return directory;
    }

    Process process() {
        return process;
    }

    /** What it printed so far. */
    String output() throws IOException {
        return Files.readString(directory.resolve("gateway.out"), StandardCharsets.ISO_8859_1);
    }

    /** {@code kill -9}, then a start on the same directory. */
    void killAndStartAgain() throws Exception {
        process.destroyForcibly().waitFor();
        process = run();
    }

    /** Ends it as an operator would. */
    void stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private Process run() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(jvm);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "dev.errand.gateway.cli.Errand",
                "run",
                "--config",
                directory.toString()));
        command.addAll(properties);
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("gateway.out").toFile()))
                .start();
        Instant deadline = Instant.now().plus(START);
        while (!answers()) {
            assertThat(started.isAlive()).as("the gateway runs").isTrue();
            assertThat(Instant.now()).as("the gateway answers in time").isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return started;
    }

    private boolean answers() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
