package dev.errand.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A server of one repository, {@code acme/app.git}, which can be fetched: git's smart HTTP (gitprotocol-http(5)) before the
 * installed {@code git upload-pack}. It is there for pages that put a server of git behind the gateway.
 */
final class GitOverHttp implements AutoCloseable {
    private static final String SERVICE = "git-upload-pack";

    private final Path repositories;
    private final Predicate<String> admits;
    private final HttpServer server;

    /** Makes the repository in a folder, with one commit that has the file {@code README}. */
    GitOverHttp(Path folder) throws IOException, InterruptedException {
        this(folder, authorization -> true);
    }

    /** The same, which answers requests only if their {@code Authorization}, empty if there is none, is admitted. */
    GitOverHttp(Path folder, Predicate<String> admits) throws IOException, InterruptedException {
        this.admits = admits;
        repositories = folder;
        Path copy = Files.createDirectories(folder.resolve("copy"));
        Files.writeString(copy.resolve("README"), "of the server\n");
        git(copy, "init", "-q");
        git(copy, "add", "README");
        git(copy, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Begin");
        git(copy, "clone", "-q", "--bare", ".", folder.resolve("acme/app.git").toString());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        server.createContext("/acme/app.git/", this::answer);
        server.start();
    }

    /** Whether git is installed. */
    static boolean isPossible() {
        try {
            return new ProcessBuilder("git", "--version").start().waitFor() == 0;
        } catch (IOException none) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static void git(Path directory, String... words) throws IOException, InterruptedException {
        Process process = start(directory, List.of(words), false);
        process.getInputStream().readAllBytes();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError("git " + String.join(" ", words));
        }
    }

    private static Process start(Path directory, List<String> words, boolean piped) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("git");
        builder.command().addAll(words);
        builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        builder.environment().put("HOME", directory.toString());
        builder.directory(directory.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        if (!piped) {
            process.getOutputStream().close();
        }
        return process;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String target = exchange.getRequestURI().toString();
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (!admits.test(authorization == null ? "" : authorization)) {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        } else if (target.equals("/acme/app.git/info/refs?service=" + SERVICE)) {
            String line = "# service=" + SERVICE + "\n";
            byte[] head = String.format(Locale.ROOT, "%04x%s0000", line.length() + 4, line)
                    .getBytes(StandardCharsets.US_ASCII);
            answer(exchange, "advertisement", head, "--advertise-refs");
        } else if (target.equals("/acme/app.git/" + SERVICE)) {
            answer(exchange, "result", new byte[0]);
        } else {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        }
    }

    private void answer(HttpExchange exchange, String kind, byte[] head, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("upload-pack", "--stateless-rpc"));
        words.addAll(List.of(options));
        words.add("acme/app.git");
        Process process = start(repositories, words, true);
        try (OutputStream in = process.getOutputStream();
                InputStream body = exchange.getRequestBody()) {
            body.transferTo(in);
        }
        exchange.getResponseHeaders().set("Content-Type", "application/x-" + SERVICE + "-" + kind);
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody();
                InputStream made = process.getInputStream()) {
            out.write(head);
            made.transferTo(out);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
