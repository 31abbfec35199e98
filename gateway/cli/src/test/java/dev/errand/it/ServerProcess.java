package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A server that is not ours, in a process of its own that ends with its test; what it says is kept in a file. */
final class ServerProcess implements AutoCloseable {
    /** Less than a test may take, so that what hangs is named. */
    private static final int MINUTES = 4;

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    /** One thread for all: Envoy asks the kernel to end it with the thread that started it, and a thread of a test is over soon. */
    private static final ExecutorService STARTING = Executors.newSingleThreadExecutor(run -> {
        Thread thread = new Thread(run, "starts-servers");
        thread.setDaemon(true);
        return thread;
    });

    static {
        // What a test that failed at its start left behind ends with the tests.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(process -> {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                })));
    }

    private final Process process;
    private final Path output;

    ServerProcess(Path output, Map<String, String> environment, String... command) throws IOException {
        this.output = output;
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        process = start(builder);
    }

    /** Starts a process that ends with this JVM at the latest. */
    static Process start(ProcessBuilder builder) throws IOException {
        Process process;
        try {
            process = STARTING.submit(builder::start).get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException io ? io : new IOException(failed.getCause());
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
        RUNNING.add(process);
        process.onExit().thenAccept(RUNNING::remove);
        return process;
    }

    /** Fails, with what the server said, if it does not run any more. */
    void assertAlive() {
        assertThat(process.isAlive()).as(this::said).isTrue();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Its exit status, once it has ended by itself within so many seconds. */
    int ends(int seconds) throws InterruptedException {
        assertThat(process.waitFor(seconds, TimeUnit.SECONDS)).as(this::said).isTrue();
        return process.exitValue();
    }

    /** All that it said so far. */
    String said() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /**
     * What a command came to.
     *
     * @param text all that it said
     */
    record Outcome(int exit, String text) {}

    /** What a command said that succeeded. */
    static String run(String... command) throws IOException, InterruptedException {
        Outcome outcome = end(new ProcessBuilder(command), "");
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        return outcome.text();
    }

    /**
     * Runs a command to its end, for minutes at most; it and all that it started are ended if it takes longer. Its words go
     * through a file, not a pipe: a process that it leaves behind would keep that open.
     */
    static Outcome end(ProcessBuilder command, String input) throws IOException, InterruptedException {
        Path words = Files.createTempFile("errand-it", ".out");
        try {
            Process process = start(command.redirectErrorStream(true).redirectOutput(words.toFile()));
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException notRead) {
                // A command may end without a look at its input; its outcome tells.
                assertThat(notRead).hasMessageContaining("Broken pipe");
            }
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(
                        "not done in " + MINUTES + " minutes: " + command.command() + ": " + Files.readString(words));
            }
            return new Outcome(process.exitValue(), Files.readString(words));
        } finally {
            Files.delete(words);
        }
    }

    /** Ends it and all that it started. */
    @Override
    public void close() {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
    }
}
