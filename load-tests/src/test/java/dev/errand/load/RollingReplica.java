package dev.errand.load;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
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
    void start(Path jar) throws IOException, InterruptedException {
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

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
