package dev.errand.state.redis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A real master with a replica, and three real sentinels that fail over within about two seconds. For one thread. */
public final class RedisSentinels implements AutoCloseable {
    /** What the sentinels call the master. */
    public static final String MASTER = "errand";

    private final String password;
    private final List<RedisProcess> servers = new ArrayList<>();
    private final List<Process> sentinels = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();

    /** @param password of the servers and the sentinels; empty for none */
    public RedisSentinels(Path directory, String password) throws Exception {
        this.password = password;
        String[] secured = password.isEmpty()
                ? new String[] {}
                : new String[] {"requirepass " + password, "masterauth " + password};
        RedisProcess master = new RedisProcess(directory.resolve("master"), secured).password(password);
        servers.add(master);
        List<String> lines = new ArrayList<>(List.of(secured));
        lines.add("replicaof 127.0.0.1 " + master.port());
        lines.add("repl-diskless-sync-delay 0");
        servers.add(new RedisProcess(directory.resolve("replica"), lines.toArray(String[]::new)).password(password));
        for (int i = 0; i < 3; i++) {
            sentinel(Files.createDirectories(directory.resolve("sentinel-" + i)), master.port());
        }
        RedisProcess.until(
                "the replica follows",
                () -> master.info("replication", "slave0").contains("state=online"));
        for (int port : ports) {
            RedisProcess.until("the sentinels know each other", () -> {
                String told = ask(port, "SENTINEL MASTER " + MASTER);
                return told.contains("num-slaves\n1\n") && told.contains("num-other-sentinels\n2\n");
            });
        }
    }

    private void sentinel(Path directory, int master) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> lines = new ArrayList<>(List.of(
                "bind 127.0.0.1",
                "port " + port,
                "dir \"" + directory.toAbsolutePath() + "\"",
                "sentinel monitor " + MASTER + " 127.0.0.1 " + master + " 2",
                "sentinel down-after-milliseconds " + MASTER + " 700",
                "sentinel failover-timeout " + MASTER + " 2000"));
        if (!password.isEmpty()) {
            lines.add("sentinel auth-pass " + MASTER + " " + password);
            lines.add("requirepass " + password);
        }
        Path configuration = Files.write(directory.resolve("sentinel.conf"), lines);
        String other = System.getProperty("errand.test.redis", "");
        Path binary = other.isEmpty() ? RedisProcess.usual() : Path.of(other);
        sentinels.add(new ProcessBuilder(binary.toString(), configuration.toString(), "--sentinel")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start());
        ports.add(port);
    }

    /** As {@code errand.state.redis} has it, without a password. */
    public String url(String master) {
        return ports.stream()
                        .map(port -> "127.0.0.1:" + port)
                        .collect(Collectors.joining(",", "redis-sentinel://", "#"))
                + master;
    }

    /** The server that the sentinels name now. */
    public RedisProcess master() throws IOException {
        String port = ask(ports.get(0), "SENTINEL GET-MASTER-ADDR-BY-NAME " + MASTER)
                .strip()
                .replaceAll("(?s).*\n", "");
        return servers.stream()
                .filter(server -> port.equals("" + server.port()))
                .findFirst()
                .orElseThrow(() -> new IOException("the sentinels name port " + port));
    }

    /** What a sentinel answers, a value a line. */
    private String ask(int port, String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            String asked = (password.isEmpty() ? "" : "AUTH " + password + "\r\n") + command + "\r\nQUIT\r\n";
            socket.getOutputStream().write(asked.getBytes(StandardCharsets.US_ASCII));
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            StringBuilder values = new StringBuilder();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.startsWith("$") && !line.startsWith("*") && !line.startsWith("+")) {
                    values.append(line).append('\n');
                }
            }
            return values.toString();
        } catch (java.net.ConnectException notYet) {
            return "";
        }
    }

    @Override
    public void close() throws Exception {
        for (Process sentinel : sentinels) {
            sentinel.destroyForcibly().waitFor();
        }
        for (RedisProcess server : servers) {
            server.close();
        }
    }
}
