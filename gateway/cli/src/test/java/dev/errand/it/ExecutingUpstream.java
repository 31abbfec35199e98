package dev.errand.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.errand.FreePort;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * An API in a process of its own, which can be killed. It executes each request whose body it has whole: it writes the request's
 * path to a file, and answers a while later with some kilobytes. It starts again on the same port.
 */
final class ExecutingUpstream implements AutoCloseable {
    private static final int WORK_MILLIS = 300;
    private static final int ANSWER_BYTES = 20_000;

    private final Path executed;
    private final int port;
    private Process process;

    ExecutingUpstream(Path directory) throws IOException, InterruptedException {
        executed = Files.createFile(directory.resolve("executed"));
        port = FreePort.next();
        start();
    }

    int port() {
        return port;
    }

    /** How often a request of a path that ends so was executed. */
    long executed(String end) throws IOException {
        return Files.readAllLines(executed).stream()
                .filter(path -> path.endsWith(end))
                .count();
    }

    /** {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
    }

    /** Starts it where it was killed. */
    void startAgain() throws IOException, InterruptedException {
        process.waitFor();
        start();
    }

    private void start() throws IOException, InterruptedException {
        process = ServerProcess.start(new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Xmx32m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ExecutingUpstream.class.getName(),
                        Integer.toString(port),
                        executed.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        for (int i = 0; i < 600 && !answers(); i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }

    /**
     * The process.
     *
     * @param arguments its port, and the file of what it executed
     */
    public static void main(String[] arguments) throws IOException {
        Path executed = Path.of(arguments[1]);
        HttpServer server = HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> execute(exchange, executed));
        server.start();
    }

    private static void execute(HttpExchange exchange, Path executed) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            Files.write(
                    executed,
                    List.of(exchange.getRequestURI().getPath()),
                    StandardCharsets.UTF_8,
                    StandardOpenOption.APPEND,
                    StandardOpenOption.DSYNC);
            try {
                TimeUnit.MILLISECONDS.sleep(WORK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(200, ANSWER_BYTES);
            exchange.getResponseBody().write("x".repeat(ANSWER_BYTES).getBytes(StandardCharsets.US_ASCII));
        }
    }
}
