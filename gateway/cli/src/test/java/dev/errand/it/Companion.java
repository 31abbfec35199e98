package dev.errand.it;

import dev.errand.json.Jcs;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code errand agent} as a process of its own, before a gateway of a test: its jar, or the class path that the property
 * {@code errand.agent} names.
 *
 * @param environment of the companion, besides the test's own
 * @param options what stands before {@code --}
 */
record Companion(Map<String, String> environment, List<String> options) {
    /** A companion of an existing token: that of the holder. */
    static Companion of(FrontedServer fronted, Path directory, String... more) throws IOException {
        return of(fronted.gateway(), fronted.agent(), directory, more);
    }

    static Companion of(RunningGateway gateway, TestAgent agent, Path directory, String... more) throws IOException {
        Path folder = Files.createTempDirectory(directory, "companion");
        Path token = Files.writeString(folder.resolve("token"), agent.token());
        Path key = Files.writeString(
                folder.resolve("key.jwk"), Jcs.canonical(agent.key().jwk()));
        List<String> options =
                new ArrayList<>(List.of("--gateway", gateway.address().toString()));
        options.addAll(List.of("--token", "@" + token, "--key", key.toString()));
        if (!agent.ancestors().isEmpty()) {
            Path chain = Files.writeString(folder.resolve("chain"), String.join(", ", agent.ancestors()));
            options.addAll(List.of("--chain", "@" + chain));
        }
        options.addAll(List.of(more));
        return new Companion(Map.of("HOME", directory.toString()), List.copyOf(options));
    }

    /** A companion that starts an {@code explore} of the documents of {@code payments}. */
    static Companion explore(URI gateway, TestHuman human, TestWorkloads workloads, Path directory, String... more)
            throws IOException {
        Path folder = Files.createTempDirectory(directory, "start");
        Path subject = Files.writeString(folder.resolve("human.jwt"), human.token());
        String svid = workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER);
        List<String> options = new ArrayList<>(List.of("--gateway", gateway.toString()));
        options.addAll(List.of("--template", "explore", "--param", "project=payments"));
        options.addAll(List.of("--subject-token", "@" + subject));
        options.addAll(List.of("--svid", "@" + Files.writeString(folder.resolve("agent.svid"), svid)));
        options.addAll(List.of(more));
        return new Companion(Map.of("HOME", directory.toString()), options);
    }

    /** The same with one more variable in its environment. */
    Companion with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new Companion(more, options);
    }

    /** The same with more options. */
    Companion and(String... more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return new Companion(environment, all);
    }

    /** {@code errand mcp-serve} before a server over stdio. */
    static List<String> mcpServe(int port, Path token, List<String> server) {
        List<String> line = program();
        line.addAll(List.of("mcp-serve", "--listen", "127.0.0.1:" + port, "--token", token.toString(), "--"));
        line.addAll(server);
        return line;
    }

    private static List<String> program() {
        List<String> line = new ArrayList<>();
        line.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        // As the gateway of the test: paranoid, but where the time is measured.
        String leaks = System.getProperty("io.netty.leakDetection.level", "simple");
        line.addAll(List.of(
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m", "-Dio.netty.leakDetection.level=" + leaks));
        line.addAll(List.of("-cp", classPath(), "dev.errand.agent.Agent"));
        return line;
    }

    /** The command line, with COMMAND and its arguments. */
    List<String> command(String... command) {
        List<String> line = program();
        line.addAll(options);
        if (command.length > 0) {
            line.add("--");
            line.addAll(List.of(command));
        }
        return line;
    }

    private static String classPath() {
        return System.getProperty(
                "errand.agent",
                RunningGateway.repository()
                        .resolve("agent/target/errand-agent.jar")
                        .toString());
    }

    /** Runs COMMAND below the companion to its end. */
    ServerProcess.Outcome run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command(command));
        builder.environment().putAll(environment);
        return ServerProcess.end(builder, "");
    }

    /** Begins a companion that goes on. */
    RunningClient begins(String... command) throws Exception {
        return new RunningClient(environment, command(command).toArray(String[]::new));
    }
}
