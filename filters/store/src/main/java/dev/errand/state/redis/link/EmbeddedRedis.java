package dev.errand.state.redis.link;

import dev.errand.json.Printable;
import io.lettuce.core.RedisCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Starts a real redis-server for users who have none: on 127.0.0.1 only, with a random password, its data in a
 * directory of its own. With append-only persistence it survives the death of this process: the next start on the same
 * directory adopts a server that still answers, replaces one that does not, and in both cases finds the tasks again.
 * Only the owner stops it. Starting and closing block, so neither may run on an event loop.
 */
public final class EmbeddedRedis implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);

    /** How long another process may take to start a server on the directory. */
    private static final long START_MILLIS = 60_000;

    /** How often it is told that a server has not answered yet. */
    private static final long TELL_MILLIS = 10_000;

    private static final int ATTEMPTS = 3;
    private static final String LOG_FILE = "redis.log";
    private static final int LAST_BYTES = 2_048;
    private static final int LAST_CHARACTERS = 300;
    private static final long LOOK_MILLIS = 1_000;
    private static final long LOCK_MILLIS = 10_000;

    /** A server that ends more often than this within {@link #RESTARTS_WITHIN} is not started again. */
    private static final int MOST_RESTARTS = 5;

    private static final Duration RESTARTS_WITHIN = Duration.ofMinutes(1);

    private final Path directory;
    private final boolean appendOnly;
    private final Deque<Long> restarts = new ArrayDeque<>();
    private volatile RunningRedis running;
    // guarded by this
    private boolean owned;
    private volatile boolean closed;

    private EmbeddedRedis(Path directory, boolean appendOnly, Server server) {
        this.directory = directory;
        this.appendOnly = appendOnly;
        this.running = server.running();
        this.owned = server.owned();
    }

    /** @param owned whether this process stops it */
    private record Server(RunningRedis running, boolean owned) {}

    /**
     * Starts a server, or adopts the one that runs on the directory.
     *
     * @param directory for its data; created if it does not exist
     * @param port to listen on, or 0 for a free one; an adopted server keeps its port
     * @param appendOnly whether the data survives the server's end
     * @throws IOException if no server can be started; the message says what to do
     */
    public static EmbeddedRedis start(Path directory, int port, boolean appendOnly) throws IOException {
        Path home = Files.createDirectories(directory).toAbsolutePath();
        try (FileChannel channel = lockFile(home);
                FileLock alone = lock(channel)) {
            return new EmbeddedRedis(
                    home, appendOnly, adoptOrLaunch(home, RunningRedis.read(home), port, appendOnly, () -> false));
        }
    }

    private static Server adoptOrLaunch(
            Path home, @Nullable RunningRedis earlier, int port, boolean appendOnly, BooleanSupplier over)
            throws IOException {
        Server adopted = earlier == null ? null : adopt(home, earlier);
        return adopted != null ? adopted : new Server(launch(home, port, earlier, appendOnly, over), true);
    }

    private static FileChannel lockFile(Path home) throws IOException {
        return FileChannel.open(home.resolve("redis.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Waits for the lock of the directory, which another process, or another object of this one, may have. */
    private static FileLock lock(FileChannel channel) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS + LOCK_MILLIS);
        while (true) {
            FileLock lock = null;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException ofThisProcess) {
                // Tried again below.
            }
            if (lock != null) {
                return lock;
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException("another process has held redis.lock in its directory for "
                        + (START_MILLIS + LOCK_MILLIS) / 1_000 + " s: end that process, and start this one again");
            }
            pause();
        }
    }

    /**
     * From now on, starts the server again on its files if it ends: at the same address, with the same password. A gateway that shares
     * the directory may do so first; then its server is used.
     *
     * @param lost gets one sentence if it cannot be started again, at most once
     */
    public void restartIfItEnds(Consumer<String> lost) {
        Thread watch = new Thread(() -> watch(lost), "errand-redis-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private void watch(Consumer<String> lost) {
        try {
            ProcessHandle watched = null;
            Future<?> end = CompletableFuture.completedFuture(null);
            while (!closed) {
                ProcessHandle process = running.process();
                if (process == null) {
                    restart();
                    continue;
                }
                if (!process.equals(watched)) {
                    watched = process;
                    end = process.onExit();
                }
                awaitEnd(end);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException failed) {
            if (!closed) {
                lost.accept("the embedded Redis has ended and cannot be started again: " + failed.getMessage());
            }
        }
    }

    /** Waits until the server has ended; looking at the process itself, which costs more, is left to once in that time. */
    private static void awaitEnd(Future<?> end) throws IOException, InterruptedException {
        try {
            end.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            pause();
        } catch (TimeoutException lives) {
            // It is looked at again: of an adopted server that became a zombie the end is not told.
        } catch (ExecutionException untold) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private synchronized void restart() throws IOException {
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        restarts.removeIf(time -> now - time > RESTARTS_WITHIN.toNanos());
        if (restarts.size() >= MOST_RESTARTS) {
            throw new IOException("it ended " + (MOST_RESTARTS + 1) + " times within a minute: "
                    + lastLine(directory.resolve(LOG_FILE)));
        }
        restarts.add(now);
        try (FileChannel channel = lockFile(directory);
                FileLock alone = lock(channel)) {
            RunningRedis newest = RunningRedis.read(directory);
            if (newest != null
                    && !(newest.port() == running.port() && newest.password().equals(running.password()))) {
                throw new IOException("another gateway has started it at another address");
            }
            Server server = adoptOrLaunch(
                    directory, newest == null ? running : newest, running.port(), appendOnly, () -> closed);
            running = server.running();
            owned = server.owned();
        }
        LOG.warn(
                "the embedded Redis had ended: it was started again on its files after {} ms",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - now));
    }

    private static @Nullable Server adopt(Path home, RunningRedis earlier) throws IOException {
        ProcessHandle process = earlier.process();
        if (process == null) {
            return null;
        }
        if (earlier.answers()) {
            if (earlier.isOwnedByLivingOther()) {
                return new Server(earlier, false);
            }
            RunningRedis ours = new RunningRedis(
                    earlier.port(),
                    earlier.password(),
                    earlier.pid(),
                    ProcessHandle.current().pid());
            ours.write(home);
            return new Server(ours, true);
        }
        // Two servers must never write one append-only file.
        process.destroyForcibly();
        awaitEnd(earlier, process);
        return null;
    }

    /** @param over whether the server is no longer wanted */
    private static RunningRedis launch(
            Path home, int port, @Nullable RunningRedis earlier, boolean appendOnly, BooleanSupplier over)
            throws IOException {
        // A new server keeps the password of one that died, so that other replicas find it again by themselves.
        String password = earlier == null ? newPassword() : earlier.password();
        Path binary = RedisBinary.find(home);
        IOException last = new IOException("redis-server was not started");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                int at = port != 0 ? port : earlier != null && attempt == 0 ? earlier.port() : freePort();
                return launchOnce(binary, home, at, password, appendOnly, over);
            } catch (IOException failed) {
                last = failed;
            }
        }
        throw last;
    }

    private static String newPassword() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    private static RunningRedis launchOnce(
            Path binary, Path home, int port, String password, boolean appendOnly, BooleanSupplier over)
            throws IOException {
        Path log = home.resolve(LOG_FILE);
        Process process = new ProcessBuilder(binary.toString(), "-")
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()))
                .start();
        try (var in = process.getOutputStream()) {
            // On standard input: everyone on the machine could see a password among the arguments.
            in.write(String.join(
                            "\n",
                            List.of(
                                    "bind 127.0.0.1",
                                    "port " + port,
                                    "requirepass " + password,
                                    "daemonize no",
                                    "dir \"" + home + "\"",
                                    "save \"\"",
                                    "appendonly " + (appendOnly ? "yes" : "no"),
                                    "appendfsync everysec",
                                    // A call appends about a kilobyte, and a rewrite of the file takes a second of a
                                    // processor. At the default, 64 MB, that is every few seconds. 256 MB are read in
                                    // 1.5 s.
                                    "auto-aof-rewrite-min-size 256mb",
                                    "maxmemory-policy noeviction",
                                    // Each call leaves a key that expires. With the defaults, the server deletes the
                                    // keys of a tenth of a second at once and answers no call meanwhile.
                                    "hz 50",
                                    "activerehashing no",
                                    "loglevel warning",
                                    ""))
                    .getBytes(StandardCharsets.UTF_8));
        }
        RunningRedis running = new RunningRedis(
                port, password, process.pid(), ProcessHandle.current().pid());
        running.write(home);
        // It answers once it has read its file: 256 MB take 1.5 s, more on a busy machine. If it cannot start, it ends.
        long begun = System.nanoTime();
        long told = 0;
        while (process.isAlive() && !over.getAsBoolean()) {
            if (running.answers()) {
                return running;
            }
            long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            if (waited - told > TELL_MILLIS) {
                told = waited;
                LOG.warn(
                        "the embedded Redis runs, and does not answer yet after {} s: it reads its data, or this machine is busy",
                        waited / 1_000);
            }
            pause();
        }
        process.destroyForcibly();
        RunningRedis.delete(home);
        throw new IOException("redis-server did not start on 127.0.0.1:" + port + ": " + lastLine(log));
    }

    /** The last line that the server wrote, and where; of a long file only the end is read. */
    private static String lastLine(Path log) {
        try (SeekableByteChannel file = Files.newByteChannel(log)) {
            file.position(Math.max(0, file.size() - LAST_BYTES));
            ByteBuffer end = ByteBuffer.allocate(LAST_BYTES);
            while (end.hasRemaining() && file.read(end) >= 0) {
                continue;
            }
            String text = new String(end.array(), 0, end.position(), StandardCharsets.UTF_8).strip();
            String last = Printable.line(text.substring(text.lastIndexOf('\n') + 1), LAST_CHARACTERS);
            return (text.isEmpty() ? "it wrote nothing" : "\"" + last + "\"") + " (" + log + ")";
        } catch (IOException unreadable) {
            return "see " + log;
        }
    }

    /** The address to connect to. Each connection gets the password only after a look at who listens there. */
    public RedisAddress address() {
        RedisAddress address = RedisAddress.parse(List.of("redis://127.0.0.1:" + running.port()));
        address.nodes()
                .forEach(node -> node.setCredentialsProvider(
                        () -> Mono.fromCallable(this::credentials).subscribeOn(Schedulers.boundedElastic())));
        return address;
    }

    private RedisCredentials credentials() throws IOException {
        RunningRedis now = running;
        // Another gateway that shares the directory may have started it again.
        RunningRedis newest = now.listens() ? now : RunningRedis.read(directory);
        if (newest == null || newest.port() != now.port() || !newest.listens()) {
            throw new IOException("the embedded Redis does not run, or another program has its port " + now.port());
        }
        return RedisCredentials.just(null, newest.password());
    }

    public int port() {
        return running.port();
    }

    /** The server's process id. */
    public long pid() {
        return running.pid();
    }

    /** Stops the server if this process owns it, and waits until its data is written. */
    @Override
    public void close() {
        closed = true;
        stop();
    }

    private synchronized void stop() {
        if (!owned) {
            return;
        }
        // Another gateway that shares the directory starts the server again, but not before its file is gone.
        try (FileChannel channel = lockFile(directory);
                FileLock alone = lock(channel)) {
            ProcessHandle process = running.process();
            if (process != null) {
                process.destroy();
                awaitEnd(running, process);
            }
            RunningRedis.delete(directory);
        } catch (IOException left) {
            // The next start recognises a stale file.
            return;
        }
    }

    private static void awaitEnd(RunningRedis running, ProcessHandle process) throws IOException {
        boolean killed = false;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!hasEnded(running, process)) {
            if (System.nanoTime() - end > 0) {
                if (killed || !process.destroyForcibly()) {
                    throw new IOException("redis-server " + process.pid() + " cannot be stopped");
                }
                killed = true;
                end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            }
            pause();
        }
    }

    /**
     * Whether the server has ended. An ended one that was adopted may be a zombie: alive for Java, but without a
     * program.
     */
    private static boolean hasEnded(RunningRedis running, ProcessHandle process) {
        boolean ours = process.parent()
                .map(parent -> parent.equals(ProcessHandle.current()))
                .orElse(false);
        return !process.isAlive() || (!ours && running.process() == null);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(10);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for redis-server", interrupted);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
