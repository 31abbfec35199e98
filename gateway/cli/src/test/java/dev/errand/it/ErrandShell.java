package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * A shell in a directory of its own, for commands as a page has them: {@code errand} and {@code ./errand} are the classes of this
 * build, and the gateway that they start has ports of its own.
 */
final class ErrandShell implements AutoCloseable {
    private static final String ALL_RAN = "all-of-it-ran";
    private static final Duration LONGEST = Duration.ofSeconds(240);

    private final Path directory;
    private final int port;
    private final int operator;
    private Process running;

    ErrandShell(Path directory) throws IOException {
        this.directory = directory;
        port = FreePort.next();
        operator = FreePort.next();
        String java = "'" + System.getProperty("java.home") + File.separator + "bin" + File.separator + "java'";
        String agent = System.getProperty(
                "errand.agent",
                RunningGateway.repository()
                        .resolve("agent/target/errand-agent.jar")
                        .toString());
        Path script = directory.resolve("errand");
        Files.writeString(script, """
                #!/bin/sh
                if [ "$1" = agent ]; then
                  shift
                  exec %s -Xmx64m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp '%s' dev.errand.agent.Agent "$@"
                fi
                exec %s -Xmx256m $ERRAND_OPTIONS -cp "$ERRAND_CLASSES" dev.errand.cli.Errand "$@"
                """.formatted(java, agent, java));
        assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    int port() {
        return port;
    }

    int operator() {
        return operator;
    }

    private Process process(String commands, String output) throws IOException {
        return ServerProcess.start(builder(commands)
                .redirectOutput(directory.resolve(output).toFile())
                .redirectError(directory.resolve(output + ".err").toFile()));
    }

    private ProcessBuilder builder(String commands) {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", commands).directory(directory.toFile());
        builder.environment().put("ERRAND_CLASSES", StartArchive.CLASS_PATH);
        builder.environment().put("ERRAND_OPTIONS", String.join(" ", StartArchive.options()));
        builder.environment().merge("PATH", directory.toString(), (path, own) -> own + File.pathSeparator + path);
        return builder;
    }

    /** What the commands printed, first on standard output, then on standard error; they may fail. */
    String ran(String commands) throws Exception {
        Process process = process(commands, "shell");
        assertThat(process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return read("shell") + read("shell.err");
    }

    /** What the commands printed. Each of them must succeed. */
    String succeeded(String commands) throws Exception {
        String said = ran("set -euo pipefail\n" + commands + "\necho " + ALL_RAN + "\n");
        assertThat(said).contains(ALL_RAN);
        return said.replace(ALL_RAN + "\n", "\n");
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    /** Begins commands; their output is the process's own. */
    Process begin(String commands) throws IOException {
        return ServerProcess.start(builder(commands));
    }

    /** Makes a configuration by this command, with the port of this test. */
    void init(String command) throws Exception {
        assertThat(ran(command + " --port " + port)).contains("a configuration for this machine");
    }

    /** Starts the gateway by this command; the line by which it says that it is ready. */
    String run(String command) throws Exception {
        // It ends at once: nobody calls it any more.
        String ends = " --errand.drain=0s --spring.reactor.netty.shutdown-quiet-period=0s";
        running = process("exec " + command + " --management.server.port=" + operator + ends, "run");
        Instant deadline = Instant.now().plus(LONGEST);
        while (!read("run").contains("errand is ready")) {
            assertThat(running.isAlive()).as(read("run") + read("run.err")).isTrue();
            assertThat(Instant.now()).isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(200);
        }
        return read("run")
                .lines()
                .filter(line -> line.startsWith("errand is ready"))
                .findFirst()
                .orElseThrow();
    }

    /** The commands of a page with the ports of this test. */
    String ported(String commands) {
        String gateway = "http://127.0.0.1:" + port;
        return commands.replace("http://127.0.0.1:8080", gateway)
                .replace("https://gateway.example.org", gateway)
                .replace("http://127.0.0.1:9090", "http://127.0.0.1:" + operator)
                .replace("token start -q", "token start -q --gateway " + gateway)
                .replace("./errand agent", "./errand agent --gateway " + gateway);
    }

    @Override
    public void close() throws InterruptedException {
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroy);
            running.destroy();
            running.waitFor(30, TimeUnit.SECONDS);
        }
    }
}
