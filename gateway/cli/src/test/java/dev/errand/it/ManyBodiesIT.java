package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.AgentClient;
import dev.errand.holder.Proofs;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Hundreds of large bodies that are read to decide, at a gateway with little memory; another agent's calls go on. */
class ManyBodiesIT {
    private static final String PATH = "/etcd/v3/kv/range";
    private static final int BODIES = 500;
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestHuman OTHER = new TestHuman(HUMAN.issuer(), "bob", HUMAN.key());
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();
    private static final TestKey KEY = TestKey.ed25519("agent");
    private static final byte[] LARGE =
            ("{\"key\":\"" + "QUJD".repeat(250_000) + "\"}").getBytes(StandardCharsets.ISO_8859_1);

    private static RawUpstream upstream;
    private static GatewayProcess gateway;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RawUpstream();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("application.yaml", FrontedServer.application("etcd", upstream.uri(), List.of()))
                .file(
                        "tasks/work.yaml",
                        FrontedServer.template(FrontedServer.everything("etcd"))
                                .replace("{calls: 1000000}", "{calls: 1000000, task: [{capacity: 3, per: 60s}]}"))
                .file(
                        "tasks/other.yaml",
                        FrontedServer.template(FrontedServer.everything("etcd"))
                                .replace("template: work", "template: other"));
        gateway = new GatewayProcess(
                builder, GatewayProcess.Launch.classes(List.of("-Xmx192m", "-XX:MaxDirectMemorySize=64m"), Map.of()));
    }

    @AfterAll
    static void stop() throws Exception {
        gateway.close();
        upstream.close();
    }

    private static String task(TestHuman human, String template) {
        return String.valueOf(new AgentClient(gateway.address(), RunningGateway.ISSUER, TestAgent.HTTP)
                .start(
                        KEY.agent(),
                        new AgentClient.Start(
                                human.token(),
                                "jwt",
                                WORKLOADS.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                                Jws.object("{\"template\":\"" + template + "\",\"parameters\":{}}"),
                                null))
                .string("access_token"));
    }

    private static Socket open(String token, int length) throws IOException {
        Socket socket = new Socket("127.0.0.1", gateway.address().getPort());
        socket.setSoTimeout(60_000);
        String proof = Proofs.dpop(KEY.agent(), "POST", RunningGateway.ISSUER + PATH, token, null, Instant.now());
        String head = "POST " + PATH + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Authorization: DPoP " + token + "\r\nDPoP: " + proof + "\r\nContent-Length: " + length + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** What a body comes to of which so many bytes are sent; 0 for a connection that ended without an answer. */
    private static int send(String token, int bytes, int patienceMillis) throws IOException {
        try (Socket socket = open(token, LARGE.length)) {
            try {
                socket.getOutputStream().write(LARGE, 0, bytes);
            } catch (IOException refusedMeanwhile) {
                // The answer may be there all the same.
            }
            socket.setSoTimeout(patienceMillis);
            return RawHttp.parse(socket.getInputStream()).status();
        } catch (IOException noAnswer) {
            return 0;
        }
    }

    /** How long a call takes whose body arrives at once. */
    private static Duration quick(String token) throws IOException {
        long begun = System.nanoTime();
        try (Socket socket = open(token, 22)) {
            socket.getOutputStream().write("{\"key\":\"ZmxhZ3MvYQ==\"}".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(RawHttp.parse(socket.getInputStream()).status()).isEqualTo(200);
        }
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Test
    void hundredsOfBodies_underALimitOfThreeCalls_neitherFillMemoryNorHoldUpOthers() throws Exception {
        String flooding = task(HUMAN, "work");
        String other = task(OTHER, "other");
        quick(other);
        ExecutorService clients = Executors.newFixedThreadPool(100);
        try {
            // Half of them arrive whole, half keep back their last byte until they are refused, or for two seconds.
            List<Callable<Integer>> calls = IntStream.range(0, BODIES)
                    .<Callable<Integer>>mapToObj(
                            i -> () -> send(flooding, LARGE.length - i % 2, i % 2 == 0 ? 15_000 : 2_000))
                    .toList();
            List<Future<Integer>> sent = new ArrayList<>();
            calls.forEach(call -> sent.add(clients.submit(call)));
            List<Duration> waits = new ArrayList<>();
            while (sent.stream().anyMatch(call -> !call.isDone())) {
                waits.add(quick(other));
            }
            Map<Integer, Integer> answers = new TreeMap<>();
            for (Future<Integer> call : sent) {
                answers.merge(call.get(), 1, Integer::sum);
            }
            System.out.println("answers " + answers + ", the other agent's calls " + waits.size() + ", longest "
                    + waits.stream().max(Duration::compareTo).orElseThrow());
            assertThat(answers).containsKey(429);
            assertThat(answers.getOrDefault(200, 0)).isBetween(1, 6);
            assertThat(waits).isNotEmpty().allMatch(wait -> wait.compareTo(Duration.ofSeconds(10)) < 0);
        } finally {
            clients.shutdownNow();
        }
        assertThat(gateway.process().isAlive()).isTrue();
        assertThat(gateway.output()).doesNotContain("OutOfMemory").doesNotContain("OutOfDirectMemory");
    }
}
