package dev.errand.state.redis.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The content of the file {@code redis.running} in a server's directory, by which the next start finds the server.
 *
 * @param port on 127.0.0.1
 * @param password random, for this server only
 * @param pid the server's process id
 * @param owner the process id of its owner, which stops the server when the owner ends
 */
public record RunningRedis(int port, String password, long pid, long owner) {
    private static final String FILE = "redis.running";
    private static final Path TCP = Path.of("/proc/net/tcp");
    private static final int TIMEOUT_MILLIS = 1000;

    /** The server that the directory's file describes, or null. */
    public static @Nullable RunningRedis read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return null;
        }
        List<String> lines = Files.readAllLines(file);
        try {
            return lines.size() != 4
                    ? null
                    : new RunningRedis(
                            Integer.parseInt(lines.get(0)),
                            lines.get(1),
                            Long.parseLong(lines.get(2)),
                            Long.parseLong(lines.get(3)));
        } catch (NumberFormatException damaged) {
            return null;
        }
    }

    void write(Path directory) throws IOException {
        Path fresh = Files.createTempFile(
                directory,
                "redis",
                ".running",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, List.of("" + port, password, "" + pid, "" + owner));
        Files.move(fresh, directory.resolve(FILE), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    static void delete(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(FILE));
    }

    boolean isOwnedByLivingOther() {
        return owner != ProcessHandle.current().pid()
                && ProcessHandle.of(owner).map(ProcessHandle::isAlive).orElse(false);
    }

    /**
     * The process, if it is alive and a redis-server: the operating system may have given the pid to another program.
     */
    @Nullable ProcessHandle process() {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info()
                        .command()
                        .map(command -> command.contains("redis") || command.contains("valkey"))
                        .orElse(false))
                .orElse(null);
    }

    /**
     * Whether it is this server that listens on the port, and no program that took the port while the server was down. Where the
     * operating system has no {@code /proc}, whether the server is alive. Blocks.
     */
    boolean listens() {
        return process() != null && (!Files.exists(TCP) || sockets().anyMatch(socketsOf(pid)::contains));
    }

    /** The sockets that listen on the port, as a link in {@code /proc/PID/fd} names them. */
    private Stream<String> sockets() {
        try {
            String address = "0100007F:%04X".formatted(port);
            return Files.readAllLines(TCP, StandardCharsets.US_ASCII).stream()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(field -> field.length > 9 && field[1].equals(address) && field[3].equals("0A"))
                    .map(field -> "socket:[" + field[9] + "]");
        } catch (IOException unreadable) {
            return Stream.empty();
        }
    }

    private static Set<String> socketsOf(long process) {
        Set<String> names = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc", "" + process, "fd"))) {
            for (Path file : files.toList()) {
                names.add(Files.readSymbolicLink(file).toString());
            }
        } catch (IOException ended) {
            // What was read before counts.
        }
        return names;
    }

    /** Whether the server accepts our password and answers. The password goes to no other program. Blocks. */
    boolean answers() {
        if (!listens()) {
            return false;
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(("AUTH " + password + "\r\nPING\r\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            byte[] answer = in.readNBytes("+OK\r\n+PONG\r\n".length());
            return new String(answer, StandardCharsets.US_ASCII).equals("+OK\r\n+PONG\r\n");
        } catch (IOException silent) {
            return false;
        }
    }
}
