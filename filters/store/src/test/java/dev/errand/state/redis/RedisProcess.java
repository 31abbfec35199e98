package dev.errand.state.redis;

import dev.errand.FreePort;
import dev.errand.state.redis.link.RedisAddress;
import dev.errand.state.redis.link.RedisBinary;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A redis-server with a configuration of its own, which can be stopped, killed and started again, and told what to do.
 * {@code -Derrand.test.redis=…} names another server to run, such as Valkey's. For one thread.
 */
public final class RedisProcess implements AutoCloseable {
    private final Path directory;
    private final int port;
    private final List<String> lines;
    private final @Nullable Path program;
    private String user = "";
    private String password = "";
    private Process process;

    /** @param lines of its configuration, besides port and directory; append-only unless they say otherwise */
    public RedisProcess(Path directory, String... lines) throws Exception {
        this(null, directory, lines);
    }

    /** @param program the server's; null for the usual one */
    public RedisProcess(@Nullable Path program, Path directory, String... lines) throws Exception {
        this.program = program;
        this.directory = Files.createDirectories(directory).toAbsolutePath();
        this.port = FreePort.next();
        this.lines = List.of(lines);
        start();
    }

    /** The usual program, unpacked once: a file that is written cannot be run while any process is started beside. */
    private static final class Usual {
        static final Path PROGRAM = find();

        private static Path find() {
            try {
                return RedisBinary.find(Path.of("target/redis"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The usual server. */
    public static Path usual() {
        return Usual.PROGRAM;
    }

    /** Starts it again, on what it wrote. */
    public void start() throws Exception {
        String other = System.getProperty("errand.test.redis", "");
        Path usual = other.isEmpty() ? Usual.PROGRAM : Path.of(other);
        Path binary = program == null ? usual : program;
        List<String> all = new ArrayList<>(List.of(
                "bind 127.0.0.1",
                "port " + port,
                "dir \"" + directory + "\"",
                "save \"\"",
                "appendonly yes",
                "loglevel warning"));
        all.addAll(lines);
        Path configuration = Files.write(directory.resolve("redis.conf"), all);
        process = new ProcessBuilder(binary.toString(), configuration.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("redis.log").toFile())
                .start();
        until("the server answers", () -> {
            try {
                return command("PING").equals("PONG");
            } catch (IOException notYet) {
                return String.valueOf(notYet.getMessage()).startsWith("NOAUTH");
            }
        });
    }

    /** Waits until it holds, at most 20 seconds. */
    public static void until(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within 20 seconds: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** What is waited for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    public int port() {
        return port;
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** Its address, with its password. */
    public RedisAddress address() {
        return RedisAddress.parse(List.of(url()));
    }

    public String url() {
        return url(port);
    }

    /** Its address behind another port of loopback. */
    public String url(int through) {
        return "redis://" + (password.isEmpty() ? "" : user + ":" + password + "@") + "127.0.0.1:" + through;
    }

    /** The user of its ACL, with the password, that {@link #command} and {@link #url} use from now on. */
    public RedisProcess as(String name, String secret) {
        user = name;
        return password(secret);
    }

    /** The password that {@link #command} and {@link #url} use from now on; the server is told by its configuration. */
    public RedisProcess password(String secret) {
        password = secret;
        return this;
    }

    /** Sends it a signal: STOP, CONT. */
    public void signal(String name) throws Exception {
        if (new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor() != 0) {
            throw new IOException("no signal to " + process.pid());
        }
    }

    /** Kills it by SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** What it printed. */
    public String log() throws IOException {
        return Files.readString(directory.resolve("redis.log"));
    }

    /** The commands of its append-only file since that was last rewritten, as words. */
    public List<String> appended() throws IOException {
        List<String> words = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(each -> each.toString().matches(".*appendonly.*\\.aof"))
                    .filter(each -> !each.toString().endsWith(".base.aof"))
                    .sorted()
                    .toList()) {
                InputStream in = new BufferedInputStream(Files.newInputStream(file));
                for (in.mark(1); in.read() >= 0; in.mark(1)) {
                    in.reset();
                    words.add(answer(in).split("\n", 2)[0].toUpperCase(Locale.ROOT));
                }
            }
        }
        return words;
    }

    /** A field of its INFO, or the empty text. */
    public String info(String section, String field) throws IOException {
        Matcher matcher = Pattern.compile("(?m)^" + field + ":(.*?)\r?$").matcher(command("INFO", section));
        return matcher.find() ? matcher.group(1) : "";
    }

    /** Its answer to one command as text; an {@link IOException} for an error, and if it does not answer. */
    public String command(String... words) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            if (!password.isEmpty()) {
                send(
                        socket.getOutputStream(),
                        user.isEmpty() ? new String[] {"AUTH", password} : new String[] {"AUTH", user, password});
                answer(in);
            }
            send(socket.getOutputStream(), words);
            return answer(in);
        }
    }

    private static void send(OutputStream out, String... words) throws IOException {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String answer(InputStream in) throws IOException {
        String line = line(in);
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '-' -> throw new IOException(rest);
            case '$' -> rest.equals("-1") ? "" : text(in, Integer.parseInt(rest));
            case '*' -> {
                StringBuilder all = new StringBuilder();
                for (int i = 0; i < Integer.parseInt(rest); i++) {
                    all.append(answer(in)).append('\n');
                }
                yield all.toString();
            }
            default -> rest;
        };
    }

    private static String text(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length + 2);
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the server closed the connection");
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
