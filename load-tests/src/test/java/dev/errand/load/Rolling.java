package dev.errand.load;

import dev.errand.state.redis.RedisProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A rolling restart as a load test, see {@code load-tests/rolling}: three replicas on one Redis are replaced one after the
 * other while agents call, start tasks, hold streams and keep connections. It prints what was lost, what was executed twice or
 * without an answer, and whether every log verifies. Exit status 1 where any of it is not as it should be.
 */
final class Rolling {
    private static final int REPLICAS = 3;

    private final Path work;
    private final Path build;
    private final List<RollingReplica> replicas = new ArrayList<>();
    private RollingClients clients;

    private Rolling(Path work, Path build) {
        this.work = work;
        this.build = build;
    }

    /**
     * @param arguments the directory to work in, whose {@code config} {@link LoadConfig} completed; this build's jar; the rounds;
     *     the calls a second
     */
    public static void main(String[] arguments) throws Exception {
        Path work = Path.of(arguments[0]).toAbsolutePath();
        boolean good = new Rolling(work, Path.of(arguments[1]).toAbsolutePath())
                .run(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        System.exit(good ? 0 : 1);
    }

    private boolean run(int rounds, int rate) throws Exception {
        Path config = work.resolve("config");
        command(build, "keys", "new", work.resolve("keys.jwks").toString());
        try (RollingUpstream upstream = new RollingUpstream();
                RedisProcess redis = new RedisProcess(work.resolve("redis"), "maxmemory-policy noeviction")) {
            List<String> common = List.of(
                    "--config",
                    config.toString(),
                    "--upstream.uri=http://127.0.0.1:" + upstream.port(),
                    "--errand.state.redis=" + redis.url(),
                    // A machine that is busy with the other replicas' starts must not look like a store that is away.
                    "--errand.state.timeout=3s",
                    "--errand.keys=file:" + work.resolve("keys.jwks"));
            for (int i = 0; i < REPLICAS; i++) {
                replicas.add(new RollingReplica(work.resolve("replica-" + i), free(), free(), common));
            }
            for (RollingReplica replica : replicas) {
                replica.start(build);
            }
            Target target = new Target(
                    "",
                    "https://gateway.example.org",
                    Signer.read(config.resolve("idp.jwk")),
                    Signer.read(config.resolve("workloads.jwk")));
            clients = new RollingClients(replicas, target, rate);
            clients.begin("0 warm-up");
            Thread.sleep(5_000);
            for (int round = 1; round <= rounds; round++) {
                roll(round + " restart");
            }
            clients.phase("9 at the end");
            Thread.sleep(3_000);
            clients.close();
            for (RollingReplica replica : replicas) {
                replica.stop();
            }
            return report(upstream);
        } finally {
            replicas.forEach(RollingReplica::close);
        }
    }

    private void roll(String phase) throws Exception {
        clients.phase(phase);
        for (RollingReplica replica : replicas) {
            replica.stop();
            replica.start(build);
            Thread.sleep(2_000);
        }
        System.err.println("rolling: done: " + phase);
    }

    private boolean report(RollingUpstream upstream) throws Exception {
        Map<String, Integer> executions = upstream.executions();
        Map<String, Long> outcomes = clients.outcomes();
        long lost = outcomes.entrySet().stream()
                .filter(outcome -> outcome.getKey().contains("LOST"))
                .mapToLong(Map.Entry::getValue)
                .sum();
        long twice = executions.values().stream().filter(times -> times > 1).count();
        long unanswered = executions.keySet().stream()
                .filter(call -> !clients.isAnswered(call))
                .count();
        System.out.println("| phase and outcome | how often |\n|---|---|");
        outcomes.forEach((what, count) -> System.out.println("| " + what + " | " + count + " |"));
        System.out.println("\ncalls executed: " + executions.size() + "; lost: " + lost + "; executed twice: " + twice
                + "; executed without an answer: " + unanswered);
        boolean whole = true;
        for (RollingReplica replica : replicas) {
            whole &= command(
                    build,
                    "verify-log",
                    replica.log().toString(),
                    "--keys",
                    work.resolve("keys.jwks").toString());
        }
        System.out.println("every log verifies: " + (whole ? "yes" : "NO"));
        return lost == 0 && twice == 0 && unanswered == 0 && whole;
    }

    private static boolean command(Path jar, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-jar",
                jar.toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                        .start()
                        .waitFor()
                == 0;
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
