package dev.errand.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A run of a command line that goes on until it ends or is closed, such as one that follows a log. */
final class RunningClient implements AutoCloseable {
    private static final int SECONDS = 30;
    private static final int LOOK_MILLIS = 50;

    private final Path output;
    private final ServerProcess process;

    RunningClient(Map<String, String> environment, String... command) throws IOException {
        output = Files.createTempFile("errand-it", ".out");
        process = new ServerProcess(output, environment, command);
    }

    /** Waits until it has said this, and gives all that it said until then. */
    String says(String text) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!process.said().contains(text)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("it did not say '" + text + "': " + process.said());
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        return process.said();
    }

    /** Waits until it has ended by itself, and gives its exit status. */
    int ends() throws InterruptedException {
        return process.ends(SECONDS);
    }

    /** Sends it a signal, by its name without {@code SIG}. */
    void signal(String name) throws IOException, InterruptedException {
        ServerProcess.run("kill", "-s", name, Long.toString(process.pid()));
    }

    boolean isRunning() {
        return process.isAlive();
    }

    @Override
    public void close() throws IOException {
        process.close();
        Files.delete(output);
    }
}
