package dev.errand.it;

import dev.errand.FreePort;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * MCP's own software from npm, installed once into the user's cache: the reference server, the official client and the
 * conformance suite, with the Node that they need.
 */
final class McpServers implements AutoCloseable {
    private static final List<String> PACKAGES = List.of(
            "@modelcontextprotocol/sdk@1.32.2",
            "@modelcontextprotocol/server-everything@2026.8.31",
            "@modelcontextprotocol/conformance@0.2.0-alpha.12",
            "node@22.23.3");

    /** Looks of 100 ms. */
    private static final int START_LOOKS = 600;

    private final Path directory;
    private final Process server;
    private final int port;

    McpServers(Path logs) throws Exception {
        directory = installed();
        for (String script : List.of("errand.mjs", "client.mjs", "bearer.mjs")) {
            try (var in = Objects.requireNonNull(McpServers.class.getResourceAsStream("/mcp/" + script))) {
                Files.copy(in, directory.resolve(script), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        port = FreePort.next();
        ProcessBuilder builder = node(List.of(
                        "node_modules/@modelcontextprotocol/server-everything/dist/index.js", "streamableHttp"))
                .redirectErrorStream(true)
                .redirectOutput(logs.resolve("everything.log").toFile());
        builder.environment().put("PORT", Integer.toString(port));
        server = ServerProcess.start(builder);
        for (int looks = 0; !listens(); looks++) {
            if (server.waitFor(100, TimeUnit.MILLISECONDS) || looks > START_LOOKS) {
                server.destroyForcibly();
                throw new AssertionError("the reference server of MCP does not start: "
                        + Files.readString(logs.resolve("everything.log")));
            }
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static Path installed() throws Exception {
        Path directory = RealServer.cache().resolve("mcp");
        Files.createDirectories(directory);
        Path mark = directory.resolve("installed");
        String wanted = String.join("\n", PACKAGES);
        if (!Files.exists(mark) || !Files.readString(mark).equals(wanted)) {
            List<String> command = new ArrayList<>(List.of(
                    "npm",
                    "install",
                    "--prefix",
                    directory.toString(),
                    "--no-audit",
                    "--no-fund",
                    "--fetch-timeout=60000",
                    "--fetch-retries=2"));
            command.addAll(PACKAGES);
            ServerProcess.Outcome npm = install(command, directory);
            if (npm.exit() != 0) {
                throw new AssertionError("there is no software of MCP, and " + String.join(" ", command)
                        + " ended with status " + npm.exit() + ": " + npm.text());
            }
            Files.writeString(mark, wanted);
        }
        return directory;
    }

    /** Takes a few minutes at most: then npm is ended, and that is the failure. */
    private static ServerProcess.Outcome install(List<String> command, Path directory) throws InterruptedException {
        try {
            return ServerProcess.end(new ProcessBuilder(command).directory(directory.toFile()), "");
        } catch (IOException noProgram) {
            throw new AssertionError(
                    "there is no software of MCP, and npm does not run: " + noProgram.getMessage(), noProgram);
        }
    }

    private ProcessBuilder node(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(directory.resolve("node_modules/.bin/node").toString());
        command.addAll(arguments);
        return new ProcessBuilder(command).directory(directory.toFile());
    }

    String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** Runs a script to its end; what it printed. */
    String run(Path logs, Map<String, String> environment, List<String> arguments) throws Exception {
        Path out = Files.createTempFile(logs, "node", ".log");
        ProcessBuilder builder = node(arguments).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().putAll(environment);
        Process process = ServerProcess.start(builder);
        if (!process.waitFor(150, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IOException("not done in 150 seconds: " + Files.readString(out));
        }
        return Files.readString(out);
    }

    @Override
    public void close() throws InterruptedException {
        server.destroy();
        if (!server.waitFor(10, TimeUnit.SECONDS)) {
            server.destroyForcibly();
        }
    }
}
