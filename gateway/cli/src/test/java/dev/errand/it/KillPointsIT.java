package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the gateway, of the companion and of the upstream, and a reset of every connection, at each of ten points of
 * a call that writes. The upstream executes the call at most once, and what the tool is told is true.
 */
@Tag("faults")
class KillPointsIT {
    private static final String END = "that-is-all";
    private static final String BODY = "{\"data\":{\"a\":\"" + "b".repeat(20_000) + END + "\"}}";

    /** The points, by name: on the way to the gateway, then on the way to the upstream and back. */
    private static final Map<String, At> POINTS = points();

    /** {@code -Derrand.kill.points=true}: the gateway is killed at all of them, and not at every third; each is a new start. */
    private static final boolean ALL = Boolean.getBoolean("errand.kill.points");

    private static final int EVERY = 3;

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    private static Path directory;

    private static ExecutingUpstream upstream;
    private static GatewayProcess gateway;
    private static TripRelay toGateway;
    private static TripRelay toUpstream;

    private record At(boolean beforeGateway, TripRelay.Point point) {}

    private static Map<String, At> points() {
        Map<String, At> points = new LinkedHashMap<>();
        points.put("first byte to the gateway", new At(true, TripRelay.Point.sent(1)));
        points.put("within the head to the gateway", new At(true, TripRelay.Point.sent(400)));
        points.put("within the body to the gateway", new At(true, TripRelay.Point.sent(9_000)));
        points.put("whole body to the gateway", new At(true, TripRelay.Point.sentAll(END + "\"}}")));
        points.put("first byte to the upstream", new At(false, TripRelay.Point.sent(1)));
        points.put("within the body to the upstream", new At(false, TripRelay.Point.sent(9_000)));
        points.put("whole body to the upstream", new At(false, TripRelay.Point.sentAll(END + "\"}}")));
        points.put("first byte of the answer", new At(false, TripRelay.Point.answered(1)));
        points.put("within the answer", new At(false, TripRelay.Point.answered(9_000)));
        points.put("within the answer to the tool", new At(true, TripRelay.Point.answered(9_000)));
        return points;
    }

    @BeforeAll
    static void start() throws Exception {
        upstream = new ExecutingUpstream(directory);
        toUpstream = new TripRelay(upstream.port());
        RunningGateway.Builder builder = RunningGateway.with().trusting(HUMAN, WORKLOADS);
        for (String route : new String[] {"vault", "ci", "k8s"}) {
            builder.property(route + ".uri", toUpstream.uri().toString());
        }
        gateway = new GatewayProcess(builder);
        toGateway = new TripRelay(gateway.address().getPort());
    }

    @AfterAll
    static void stop() throws Exception {
        toGateway.close();
        gateway.close();
        toUpstream.close();
        upstream.close();
    }

    @Test
    void gateway_thatIsKilled_executesOnce() throws Exception {
        calls("gateway", ALL ? 1 : EVERY, companion -> gateway.process().destroyForcibly(), gateway::killAndStartAgain);
    }

    @Test
    void companion_thatIsKilled_executesOnce() throws Exception {
        calls("companion", 1, companion -> companion.signal("KILL"), () -> {});
    }

    @Test
    void upstream_thatIsKilled_executesOnce() throws Exception {
        calls("upstream", 1, companion -> upstream.kill(), upstream::startAgain);
    }

    @Test
    void connections_thatAreReset_executeOnce() throws Exception {
        calls(
                "reset",
                1,
                companion -> {
                    toGateway.reset();
                    toUpstream.reset();
                },
                () -> {});
    }

    /** A call at each of these points, with what happens there and what mends it. */
    private static void calls(String fault, int every, Fault happens, Mend mend) throws Exception {
        List<String> points = List.copyOf(POINTS.keySet());
        List<CallAt> calls = new ArrayList<>();
        for (int i = 0; i < points.size(); i += every) {
            CallAt call = new CallAt(points.get(i), fault);
            call.with(happens);
            mend.run();
            calls.add(call);
        }
        // What is on its way may still arrive.
        TimeUnit.MILLISECONDS.sleep(700);
        for (CallAt call : calls) {
            call.isTrue();
        }
    }

    private interface Mend {
        void run() throws Exception;
    }

    private interface Fault {
        void happen(RunningClient companion) throws Exception;
    }

    /** One call of one companion, with what happens at its point. */
    private static final class CallAt {
        private final String point;
        private final String name;
        private @Nullable HttpResponse<String> answer;

        CallAt(String point, String fault) {
            this.point = point + ", " + fault;
            this.name = fault + "-" + point.replace(' ', '-');
        }

        void with(Fault fault) throws Exception {
            At at = POINTS.get(point.substring(0, point.indexOf(',')));
            try (RunningClient companion = Companion.explore(
                            toGateway.uri(), HUMAN, WORKLOADS, directory, "--wait", "5s")
                    .begins()) {
                Tool tool = new Tool(companion);
                TripRelay relay = at.beforeGateway() ? toGateway : toUpstream;
                relay.at(at.point(), () -> {
                    try {
                        fault.happen(companion);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                CompletableFuture<HttpResponse<String>> call = tool.write(name);
                try {
                    answer = call.get(60, TimeUnit.SECONDS);
                } catch (ExecutionException broken) {
                    assertThat(broken).as(point).hasCauseInstanceOf(IOException.class);
                }
                assertThat(relay.isTripped()).as(point + " was reached").isTrue();
            }
        }

        void isTrue() throws Exception {
            long executed = upstream.executed(name);
            assertThat(executed).as(point).isLessThanOrEqualTo(1);
            if (answer == null) {
                return;
            }
            String sent = answer.headers().firstValue("Errand-Sent").orElse("");
            if (answer.statusCode() == 200) {
                assertThat(executed).as(point).isEqualTo(1);
            } else if (sent.equals("no")) {
                assertThat(executed).as(point).isZero();
            } else {
                assertThat(sent).as(point + ": " + answer.statusCode()).isIn("maybe", "yes");
            }
        }
    }

    /** What the tool calls with. */
    private static final class Tool {
        private final HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String agent;

        Tool(RunningClient companion) throws InterruptedException {
            agent = companion
                    .says("no_proxy=")
                    .lines()
                    .filter(line -> line.startsWith("ERRAND_AGENT="))
                    .findFirst()
                    .orElseThrow()
                    .substring("ERRAND_AGENT=".length());
        }

        CompletableFuture<HttpResponse<String>> write(String name) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(agent + "/vault/v1/secret/data/docs/payments/" + name))
                    .POST(BodyPublishers.ofString(BODY))
                    .timeout(Duration.ofSeconds(50))
                    .build();
            return client.sendAsync(request, BodyHandlers.ofString());
        }
    }
}
