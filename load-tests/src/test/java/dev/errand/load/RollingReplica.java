package dev.errand.load;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One replica of {@link Rolling}, on ports and a log of its own, which is stopped and started again as an operator would. */
final class RollingReplica implements AutoCloseable {
    private static final long START_SECONDS = 240;
    private static final long STOP_SECONDS = 120;

    private final Path directory;
    private final int traffic;
    private final int management;
    private final List<String> arguments;
    private Process process;

    /** @param arguments of {@code run}, for every build */
    RollingReplica(Path directory, int traffic, int management, List<String> arguments) {
        this.directory = directory;
        this.traffic = traffic;
        this.management = management;
        this.arguments = List.copyOf(arguments);
    }

    int port() {
        return traffic;
    }

    Path log() {
        return directory.resolve("provenance");
    }

    /** Starts a build, and waits until it is ready. */
    void start(Path jar, List<String> more) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx300m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                jar.toString(),
                "run"));
        command.addAll(arguments);
        command.addAll(List.of(
                "--server.address=127.0.0.1",
                "--server.port=" + traffic,
                "--management.server.port=" + management,
                "--errand.provenance.directory=" + log(),
                "--errand.operator.token=file:" + directory.resolve("operator-token")));
        command.addAll(more);
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("out").toFile()))
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!isReady()) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new IOException("a replica does not start: " + Files.readString(directory.resolve("out")));
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    /** Ends it by SIGTERM, and waits until it is gone. */
    void stop() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("a replica does not end within " + STOP_SECONDS + " s");
        }
    }

    /** What a balancer's probe finds. */
    boolean isReady() {
        try {
            HttpURLConnection probe =
                    (HttpURLConnection) URI.create("http://127.0.0.1:" + management + "/actuator/health/readiness")
                            .toURL()
                            .openConnection();
            probe.setConnectTimeout(1_000);
            probe.setReadTimeout(1_000);
            return probe.getResponseCode() == 200;
        } catch (IOException away) {
            return false;
        }
    }

    /** Waits until no live task has a record of a newer format than the one that this replica writes, as an operator does. */
    void awaitNoneLeft() throws IOException, InterruptedException {
        String token = Files.readString(directory.resolve("operator-token")).strip();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            HttpURLConnection metrics =
                    (HttpURLConnection) URI.create("http://127.0.0.1:" + management + "/actuator/prometheus")
                            .toURL()
                            .openConnection();
            metrics.setRequestProperty("Authorization", "Bearer " + token);
            String told = new String(metrics.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (told.lines().anyMatch(line -> line.matches("errand_state_format_left(\\{.*})? 0\\.0"))) {
                return;
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException("records of a newer format are left");
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
