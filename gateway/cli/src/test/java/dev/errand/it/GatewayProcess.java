package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code errand run} in a process of its own, which can be killed and started again on the same port and directory. */
final class GatewayProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(120);

    private final Path directory;
    private final List<String> properties;
    private final Launch launch;
    private final int port;
    private Process process;

    /**
     * How the process is launched.
     *
     * @param program the virtual machine's arguments that name what runs
     * @param environment variables besides those of this process
     * @param files how many it may have open, 0 for as many as this process
     */
    record Launch(List<String> program, Map<String, String> environment, int files) {
        Launch(List<String> program, Map<String, String> environment) {
            this(program, environment, 0);
        }

        Launch withFiles(int most) {
            return new Launch(program, environment, most);
        }

        /** From the classes of this build. */
        static Launch classes(List<String> options, Map<String, String> environment) {
            List<String> program = new ArrayList<>(options);
            program.addAll(List.of("-cp", StartArchive.CLASS_PATH, "dev.errand.cli.Errand"));
            return new Launch(program, environment);
        }

        /** From the jar that users get, as this build packaged it. */
        static Launch jar(String... options) {
            List<String> program = new ArrayList<>(List.of("-Xmx256m"));
            // The demo's jar is built later; the embedded store's programs lie in this one alike.
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .filter(path -> path.contains("embedded-redis"))
                    .forEach(path -> program.add("-Derrand.demo.jar=" + path));
            program.addAll(List.of(options));
            program.addAll(List.of(
                    "-jar",
                    RunningGateway.repository()
                            .resolve("gateway/target/errand.jar")
                            .toString()));
            return new Launch(program, Map.of());
        }
    }

    /** Starts it; returns once it is ready. */
    GatewayProcess(RunningGateway.Builder builder) throws Exception {
        this(builder, Launch.classes(List.of("-Xmx256m"), Map.of()));
    }

    /** Starts it so; returns once it is ready. */
    GatewayProcess(RunningGateway.Builder builder, Launch launch) throws Exception {
        this.launch = launch;
        port = FreePort.next();
        builder.property("server.port", Integer.toString(port));
        directory = builder.prepare();
        properties = builder.arguments();
        boolean ready = false;
        try {
            run();
            ready = true;
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    URI address() {
        boolean tls = properties.stream().anyMatch(property -> property.startsWith("--server.ssl.key-store="));
        return URI.create((tls ? "https" : "http") + "://127.0.0.1:" + port);
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
        return Files.readString(printed(), StandardCharsets.ISO_8859_1);
    }

    private Path printed() {
        return directory.resolve("gateway.out");
    }

    /** {@code kill -9}, then a start on the same directory. */
    void killAndStartAgain() throws Exception {
        process.destroyForcibly().waitFor();
        run();
    }

    /** Ends it as an operator would. */
    void stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private void run() throws Exception {
        List<String> command = new ArrayList<>();
        if (launch.files() > 0) {
            command.addAll(List.of("bash", "-c", "ulimit -n " + launch.files() + " && exec \"$@\"", "bash"));
        }
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        boolean classes = launch.program().contains(StartArchive.CLASS_PATH);
        List<String> options = classes ? StartArchive.gatewayOptions() : StartArchive.SHORT_LIFE;
        command.addAll(options);
        command.add("-Dkeystore.pkcs12.keyPbeIterationCount=1");
        command.addAll(launch.program());
        command.addAll(List.of("run", "--config", directory.toString()));
        command.addAll(properties);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(printed().toFile()));
        builder.environment().putAll(launch.environment());
        long before = Files.exists(printed()) ? readyLines() : 0;
        process = ServerProcess.start(builder);
        Instant deadline = Instant.now().plus(START);
        while (readyLines() <= before) {
            assertThat(process.isAlive()).as("the gateway runs: %s", output()).isTrue();
            assertThat(Instant.now())
                    .as("the gateway is ready in time: %s", output())
                    .isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
        }
        StartArchive.started(options);
    }

    /** How often it said that all its ports answer and its store does. */
    private long readyLines() throws IOException {
        return output().lines()
                .filter(line -> line.startsWith("errand is ready"))
                .count();
    }

    /** Kills it and the redis-server that it may have started, which outlives it, and takes its directory away. */
    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        Path redis = directory.resolve("data/redis");
        for (ProcessHandle server : ProcessHandle.allProcesses().toList()) {
            // Started from a copy of the program in that directory, and known by nothing else: it may have been
            // adopted.
            if (server.info().command().orElse("").startsWith(redis + File.separator)) {
                server.destroyForcibly();
            }
        }
        RunningGateway.delete(directory);
    }
}
