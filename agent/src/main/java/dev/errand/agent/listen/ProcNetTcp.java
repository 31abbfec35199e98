package dev.errand.agent.listen;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the kernel's tables of TCP sockets (proc(5): {@code /proc/net/tcp}, {@code tcp6}). Each table is read once for all
 * connections that are asked for. A table that cannot be read has no entries.
 */
final class ProcNetTcp implements SocketOwners {
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};
    private static final String BEFORE = ": ";

    /** The places of fields after the two addresses. */
    private static final int USER = 4;

    private static final int INODE = 6;

    private final Path folder;

    ProcNetTcp() {
        this(Path.of("/proc/self/net"));
    }

    /** @param folder has the tables */
    ProcNetTcp(Path folder) {
        this.folder = folder;
    }

    @Override
    public Map<Connection, Integer> of(Collection<Connection> connections) {
        Map<Connection, Integer> users = new HashMap<>();
        read("tcp", connections, false, users);
        // A socket of IPv6 that speaks IPv4 stands in the table of IPv6.
        read("tcp6", connections, true, users);
        return users;
    }

    private void read(
            String table, Collection<Connection> connections, boolean mapped, Map<Connection, Integer> users) {
        Map<String, Connection> wanted = new HashMap<>();
        for (Connection each : connections) {
            if (mapped || each.peerAddress() instanceof Inet4Address) {
                wanted.put(addresses(each, mapped), each);
            }
        }
        // All addresses of one table have the same length.
        int length = wanted.keySet().stream().mapToInt(String::length).max().orElse(0);
        try (BufferedReader lines = Files.newBufferedReader(folder.resolve(table), StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int start = line.indexOf(BEFORE) + BEFORE.length();
                int end = start + length;
                Connection found = end < line.length() ? wanted.get(line.substring(start, end)) : null;
                if (found != null) {
                    Integer user = user(line.substring(end).strip().split(" +"));
                    if (user != null) {
                        users.put(found, user);
                    }
                }
            }
        } catch (IOException unreadable) {
            // Its connections are not found.
        }
    }

    private static @Nullable Integer user(String[] fields) {
        return fields.length <= INODE || fields[INODE].equals("0") ? null : number(fields[USER]);
    }

    private static @Nullable Integer number(String text) {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException other) {
            return null;
        }
    }

    /** The two addresses of the peer's socket, as a table writes them. */
    private static String addresses(Connection connection, boolean mapped) {
        return address(connection.peer(), mapped) + ' ' + address(connection.own(), mapped);
    }

    private static String address(InetSocketAddress at, boolean mapped) {
        byte[] bytes = at.getAddress().getAddress();
        ByteBuffer all = ByteBuffer.allocate(MAPPED.length + bytes.length);
        if (mapped && bytes.length == Integer.BYTES) {
            all.put(MAPPED);
        }
        all.put(bytes).flip().order(ByteOrder.nativeOrder());
        StringBuilder text = new StringBuilder();
        while (all.hasRemaining()) {
            text.append(String.format("%08X", all.getInt()));
        }
        return text.append(String.format(":%04X", at.getPort())).toString();
    }
}
