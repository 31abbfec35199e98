package dev.errand.state.histories;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The driver's side of a {@link ReplicaProgram}, which it kills, pauses and starts again. Used by one thread. */
final class Replica implements AutoCloseable {
    static final String GONE = "gone";

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final List<String> urls;
    private final Path log;
    private Map<Long, CompletableFuture<Reply>> asked = new ConcurrentHashMap<>();
    private Process process;
    private PrintStream in;

    /**
     * What came back.
     *
     * @param nanos when the replica answered, by the clock that all processes of the machine share
     * @param text {@link #GONE} where the replica was killed
     */
    record Reply(long nanos, String text) {
        boolean is(String first) {
            return text.startsWith(first);
        }

        /** Whether the step may have been made or not. */
        boolean isUnknown() {
            return is("away") || is(GONE);
        }
    }

    Replica(List<String> urls, Path log) throws Exception {
        this.urls = urls;
        this.log = log;
        start();
    }

    void start() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ReplicaProgram.class.getName()));
        command.addAll(urls);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        Map<Long, CompletableFuture<Reply>> mine = new ConcurrentHashMap<>();
        asked = mine;
        CompletableFuture<Void> ready = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(out, mine, ready), "replica-reader");
        reader.setDaemon(true);
        reader.start();
        ready.get(180, TimeUnit.SECONDS);
    }

    private static void read(
            BufferedReader out, Map<Long, CompletableFuture<Reply>> asked, CompletableFuture<Void> ready) {
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.equals("ready")) {
                    ready.complete(null);
                    continue;
                }
                String[] words = line.split(" ", 3);
                CompletableFuture<Reply> waiting = asked.remove(Long.parseLong(words[0]));
                if (waiting != null) {
                    waiting.complete(new Reply(Long.parseLong(words[1]), words[2]));
                }
            }
        } catch (IOException ended) {
            // As an end of the stream.
        }
        ready.completeExceptionally(new IllegalStateException("the replica ended before it was ready"));
        asked.values().forEach(waiting -> waiting.complete(new Reply(System.nanoTime(), GONE)));
    }

    /** Asks for a step of a task. */
    CompletableFuture<Reply> ask(String task, String step) {
        long number = NUMBERS.incrementAndGet();
        CompletableFuture<Reply> waiting = new CompletableFuture<>();
        asked.put(number, waiting);
        in.println(number + " " + task + " " + step);
        if (!process.isAlive()) {
            waiting.complete(new Reply(System.nanoTime(), GONE));
        }
        return waiting;
    }

    void clock(long millis) {
        in.println("clock " + millis);
    }

    void signal(String name) throws Exception {
        if (new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor() != 0) {
            throw new IOException("no signal to " + process.pid());
        }
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
