package dev.errand.state.redis.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Starts a real redis-server for users who have none: on 127.0.0.1 only, with a random password, its data in a
 * directory of its own. With append-only persistence it survives the death of this process: the next start on the same
 * directory adopts a server that still answers, replaces one that does not, and in both cases finds the tasks again.
 * Only the owner stops it. Starting and closing block, so neither may run on an event loop.
 */
public final class EmbeddedRedis implements AutoCloseable {
    /** A server answers once it has read its file. 256 MB take 1.5 s, and the file may be several times as large. */
    private static final long START_MILLIS = 60_000;

    private static final int ATTEMPTS = 3;

    private final Path directory;
    private final RunningRedis running;
    private final boolean owned;

    private EmbeddedRedis(Path directory, RunningRedis running, boolean owned) {
        this.directory = directory;
        this.running = running;
        this.owned = owned;
    }

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
        try (FileChannel channel = FileChannel.open(
                        home.resolve("redis.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock alone = channel.lock()) {
            RunningRedis earlier = RunningRedis.read(home);
            if (earlier != null) {
                EmbeddedRedis adopted = adopt(home, earlier);
                if (adopted != null) {
                    return adopted;
                }
            }
            return new EmbeddedRedis(home, launch(home, port, earlier, appendOnly), true);
        }
    }

    private static @Nullable EmbeddedRedis adopt(Path home, RunningRedis earlier) throws IOException {
        ProcessHandle process = earlier.process();
        if (process == null) {
            return null;
        }
        if (earlier.answers()) {
            if (earlier.isOwnedByLivingOther()) {
                return new EmbeddedRedis(home, earlier, false);
            }
            RunningRedis ours = new RunningRedis(
                    earlier.port(),
                    earlier.password(),
                    earlier.pid(),
                    ProcessHandle.current().pid());
            ours.write(home);
            return new EmbeddedRedis(home, ours, true);
        }
        // Two servers must never write one append-only file.
        process.destroyForcibly();
        awaitEnd(earlier, process);
        return null;
    }

    private static RunningRedis launch(Path home, int port, @Nullable RunningRedis earlier, boolean appendOnly)
            throws IOException {
        // A new server keeps the password of one that died, so that other replicas find it again by themselves.
        String password = earlier == null ? newPassword() : earlier.password();
        Path binary = RedisBinary.find(home);
        IOException last = new IOException("redis-server was not started");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                int at = port != 0 ? port : earlier != null && attempt == 0 ? earlier.port() : freePort();
                return launchOnce(binary, home, at, password, appendOnly);
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

    private static RunningRedis launchOnce(Path binary, Path home, int port, String password, boolean appendOnly)
            throws IOException {
        Path log = home.resolve("redis.log");
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
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
        while (process.isAlive() && System.nanoTime() - end < 0) {
            if (running.answers()) {
                return running;
            }
            pause();
        }
        process.destroyForcibly();
        RunningRedis.delete(home);
        throw new IOException("redis-server did not start on 127.0.0.1:" + port + ": see " + log);
    }

    /** The address to connect to; contains the password. */
    public RedisAddress address() {
        return RedisAddress.parse(List.of("redis://:" + running.password() + "@127.0.0.1:" + running.port()));
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
        if (!owned) {
            return;
        }
        ProcessHandle process = running.process();
        try {
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
