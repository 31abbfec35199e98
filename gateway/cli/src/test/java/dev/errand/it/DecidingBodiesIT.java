package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Bodies that are read to decide: a deadline, and bounds of those that are waited for (CONTRACT-2 section 17). */
class DecidingBodiesIT {
    private static final String PATH = "/etcd/v3/kv/range";
    private static final String BODY = "{\"key\":\"ZmxhZ3MvYQ==\"}";
    private static final Duration SOON = Duration.ofSeconds(20);

    /** Three bodies of one task, five of one human, seven in all; three refusals of one kind would end a task. */
    private static final Map<String, String> BOUNDS = Map.of(
            "errand.bodies.per-task", "3",
            "errand.bodies.per-human", "5",
            "errand.bodies.at-once", "7",
            "errand.bodies.deadline", "8s",
            "server.http2.enabled", "true");

    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    private static RawUpstream upstream;
    private static RunningGateway gateway;

    private final List<Socket> slow = new ArrayList<>();

    @BeforeAll
    static void start() {
        upstream = new RawUpstream();
        RunningGateway.Builder builder = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .file("application.yaml", FrontedServer.application("etcd", upstream.uri(), List.of()))
                .file(
                        "tasks/work.yaml",
                        FrontedServer.template(FrontedServer.everything("etcd"))
                                .replace("denials: 10000", "denials: 3"));
        BOUNDS.forEach(builder::property);
        gateway = builder.start();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @AfterEach
    void leave() throws Exception {
        for (Socket socket : slow) {
            socket.close();
        }
        await().atMost(SOON).until(() -> waiting() == 0);
    }

    private static double waiting() {
        return gateway.context()
                .getBean(io.micrometer.core.instrument.MeterRegistry.class)
                .get("errand.bodies.waiting")
                .gauge()
                .value();
    }

    private static TestAgent task(TestHuman human) {
        return TestAgent.start(
                gateway,
                TestKey.ed25519("agent"),
                human.token(),
                WORKLOADS,
                "{\"template\":\"work\",\"parameters\":{}}");
    }

    private static String head(TestAgent agent, String framing) {
        return "POST " + PATH + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: DPoP "
                + agent.token() + "\r\nDPoP: " + agent.dpop("POST", PATH) + "\r\n" + framing + "\r\n\r\n";
    }

    private static Socket open(String text) throws IOException {
        Socket socket = new Socket("127.0.0.1", gateway.port());
        socket.setSoTimeout((int) SOON.toMillis());
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** A call whose body is there but for its last byte. */
    private Socket openSlow(TestAgent agent) throws IOException {
        Socket socket = open(head(agent, "Content-Length: " + BODY.length()) + BODY.substring(0, BODY.length() - 1));
        slow.add(socket);
        return socket;
    }

    private void holdSlow(TestAgent agent, int count) throws IOException {
        double before = waiting();
        for (int i = 0; i < count; i++) {
            openSlow(agent);
        }
        await().atMost(SOON).until(() -> waiting() == before + count);
    }

    private static RawHttp.Response answer(Socket socket) throws IOException {
        return RawHttp.parse(socket.getInputStream());
    }

    private static RawHttp.Response quick(TestAgent agent) throws IOException {
        try (Socket socket = open(head(agent, "Content-Length: " + BODY.length()) + BODY)) {
            return answer(socket);
        }
    }

    private static void assertTooMany(RawHttp.Response answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(429);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
        assertThat(answer.body()).contains("\"code\":\"rate-exceeded\"");
    }

    @Test
    void bodies_ofATask_beyondItsBound_areRefusedAndCountForNothing() throws Exception {
        TestAgent agent = task(HUMAN);
        holdSlow(agent, 3);
        for (int i = 0; i < 4; i++) {
            assertTooMany(answer(openSlow(agent)));
        }
        assertThat(waiting()).isEqualTo(3);
        // The task runs: four refusals that counted would have ended it, and what arrives at once is not waited for.
        assertThat(quick(agent).status()).isEqualTo(200);
        slow.get(0).getOutputStream().write('}');
        assertThat(answer(slow.get(0)).status()).isEqualTo(200);
        holdSlow(agent, 1);
        slow.get(1).close();
        await().atMost(SOON).until(() -> waiting() == 2);
        holdSlow(agent, 1);
    }

    @Test
    void bodies_ofAHuman_andOfAll_areBounded() throws Exception {
        holdSlow(task(HUMAN), 3);
        TestAgent second = task(HUMAN);
        holdSlow(second, 2);
        assertTooMany(answer(openSlow(second)));
        TestHuman other = new TestHuman(HUMAN.issuer(), "bob", HUMAN.key());
        holdSlow(task(other), 2);
        assertTooMany(answer(openSlow(task(other))));
        assertThat(quick(second).status()).isEqualTo(200);
    }

    /** Whoever caught requests, and has no key, sends their heads again and keeps the bodies back. */
    @Test
    void usedProofs_sentAgainWithoutTheirBodies_takeNoPlace_andFewRecords() throws Exception {
        TestAgent agent = task(HUMAN);
        List<String> caught = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String head = head(agent, "Content-Length: " + BODY.length());
            caught.add(head);
            try (Socket socket = open(head + BODY)) {
                assertThat(answer(socket).status()).isEqualTo(200);
            }
        }
        int before = gateway.records().size();
        long begun = System.nanoTime();
        for (int i = 0; i < 400; i++) {
            try (Socket socket = open(caught.get(i % 2))) {
                RawHttp.Response answer = answer(socket);
                assertThat(answer.status()).as(answer.body()).isEqualTo(401);
                assertThat(answer.body()).contains("7i");
            }
        }
        long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds() + 2;
        assertThat(waiting()).isZero();
        assertThat(gateway.records().size() - before).isLessThanOrEqualTo((int) (101 * seconds));
        holdSlow(agent, 3);
    }

    /** A proof that waits for its body is unused: its repetitions wait in no place of their own. */
    @Test
    void unusedProof_sentAgain_hasOnePlace() throws Exception {
        TestAgent agent = task(HUMAN);
        String caught = head(agent, "Content-Length: " + BODY.length());
        slow.add(open(caught));
        await().atMost(SOON).until(() -> waiting() == 1);
        for (int i = 0; i < 5; i++) {
            try (Socket socket = open(caught)) {
                assertTooMany(answer(socket));
            }
        }
        holdSlow(agent, 2);
        slow.get(0).getOutputStream().write(BODY.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(answer(slow.get(0)).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void connections_thatAreReset_areNoFaultOfOurs(boolean verified) throws Exception {
        TestAgent agent = task(HUMAN);
        ListAppender<ILoggingEvent> written = new ListAppender<>();
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        written.start();
        root.addAppender(written);
        try {
            String form = "POST /oauth2/token HTTP/1.1\r\nHost: x\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\na=b";
            for (int i = 0; i < 200; i++) {
                Socket socket = open(verified ? head(agent, "Content-Length: " + BODY.length()) : form);
                socket.setSoLinger(true, 0);
                socket.close();
            }
            await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> waiting() == 0);
        } finally {
            root.detachAppender(written);
        }
        assertThat(List.copyOf(written.list))
                .noneMatch(event -> event.getThrowableProxy() != null
                        && event.getThrowableProxy().getClassName().endsWith("IllegalStateException"))
                .noneMatch(event -> event.getFormattedMessage().contains("decision-unavailable"));
    }

    /** Forms of strangers have places of their own. One address has an eighth of them, and at least one. */
    @Test
    void bodiesAndForms_thatDoNotCome_areRefusedAtTheDeadline() throws Exception {
        TestAgent agent = task(HUMAN);
        long begun = System.nanoTime();
        List<Socket> bodies =
                List.of(open(head(agent, "Content-Length: 22")), open(head(agent, "Transfer-Encoding: chunked")));
        slow.addAll(bodies);
        List<Socket> forms = openForms();
        assertThat(quick(agent).status()).isEqualTo(200);
        upstream.forget();
        for (Socket socket : bodies) {
            RawHttp.Response answer = answer(socket);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(7));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("\"code\":\"malformed-request\"");
            assertThat(answer.header("Connection")).isEqualToIgnoringCase("close");
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThat(upstream.connections()).isEmpty();
        List<Integer> statuses = new ArrayList<>();
        for (Socket socket : forms) {
            RawHttp.Response answer = answer(socket);
            statuses.add(answer.status());
            if (answer.status() == 400) {
                assertThat(answer.body()).contains("invalid_request");
            }
        }
        assertThat(statuses).containsExactlyInAnyOrder(400, 429, 429, 429, 429, 429, 429);
    }

    private List<Socket> openForms() throws IOException {
        String head = "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: 20\r\n\r\n";
        List<Socket> forms = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            forms.add(open(head + "a=b"));
        }
        slow.addAll(forms);
        // No metric tells of forms: another one is asked until the one place of this address is taken.
        await().atMost(SOON).untilAsserted(() -> {
            try (Socket socket = open(head + "a=b")) {
                RawHttp.Response answer = answer(socket);
                assertThat(answer.status()).isEqualTo(429);
                assertThat(answer.header("Retry-After")).isEqualTo("1");
            }
        });
        return forms;
    }

    @Test
    void body_withAMalformedChunk_isMalformedAndNotSent() throws Exception {
        upstream.forget();
        TestAgent agent = task(HUMAN);
        String chunk = Integer.toHexString(BODY.length()) + "\r\n" + BODY + "\r\nzz\r\n";
        try (Socket socket = open(head(agent, "Transfer-Encoding: chunked") + chunk)) {
            RawHttp.Response answer = answer(socket);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("\"code\":\"malformed-request\"");
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void body_thatIsLarge_arrivesByteForByte() throws Exception {
        upstream.forget();
        TestAgent agent = task(HUMAN);
        String large = "{\"key\":\"" + "QUJD".repeat(200_000) + "\"}";
        try (Socket socket = open(head(agent, "Content-Length: " + large.length()) + large)) {
            assertThat(answer(socket).status()).isEqualTo(200);
        }
        assertThat(upstream.bytes()).endsWith("\r\n\r\n" + large);
        try (Socket socket = open(head(agent, "Transfer-Encoding: chunked") + Integer.toHexString(large.length())
                + "\r\n" + large + "\r\n0\r\n\r\n")) {
            assertThat(answer(socket).status()).isEqualTo(200);
        }
        assertThat(upstream.bytes()).endsWith("\r\n\r\n" + large);
        try (Socket socket = open(head(agent, "Content-Length: 2000000"))) {
            assertThat(answer(socket).status()).isEqualTo(400);
        }
    }

    @Test
    void http2Streams_areBoundedAlike_andFreedWhenTheyAreReset() {
        TestAgent agent = task(HUMAN);
        try (RawHttp2 connection = RawHttp2.cleartext(gateway.port())) {
            List<RawHttp2.Stream> streams = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                streams.add(http2(connection, agent));
            }
            await().atMost(SOON).until(() -> waiting() == 3);
            RawHttp2.Stream fourth = connection.end(http2(connection, agent));
            assertThat(fourth.status()).isEqualTo(429);
            connection.reset(streams.get(0));
            await().atMost(SOON).until(() -> waiting() == 2);
            connection.data(streams.get(1), "}", true);
            assertThat(connection.end(streams.get(1)).status()).isEqualTo(200);
        }
    }

    private static RawHttp2.Stream http2(RawHttp2 connection, TestAgent agent) {
        RawHttp2.Stream stream = connection.send(
                "POST",
                PATH,
                false,
                "content-type",
                "application/json",
                "authorization",
                "DPoP " + agent.token(),
                "dpop",
                agent.dpop("POST", PATH));
        connection.data(stream, BODY.substring(0, BODY.length() - 1), false);
        return stream;
    }
}
