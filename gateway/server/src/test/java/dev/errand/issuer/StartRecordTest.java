package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.denial.StartReason;
import dev.errand.issuer.StartRequests.Call;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.jose.NewKeyFile;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.RecordJson;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.token.KeyUse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What a start leaves behind: one record, one count and, where it was refused, one line; and what its caller learns. */
class StartRecordTest {
    private static final String SAME = "the client, the proof or the subject_token does not verify";

    private final Logger logger = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("dev.errand.start");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @TempDir
    Path directory;

    private IssuerServer server;

    @BeforeEach
    void start() throws Exception {
        server = IssuerServer.start(directory);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
        server.close();
    }

    private static JsonObject json(ProvenanceRecord record) {
        try {
            return Json.parseObject(RecordJson.line(record));
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(e);
        }
    }

    private List<JsonObject> starts() {
        return server.records.stream()
                .map(StartRecordTest::json)
                .filter(record -> "start".equals(record.string("kind")))
                .toList();
    }

    private JsonObject only() {
        assertThat(starts()).hasSize(1);
        return starts().get(0);
    }

    private double count(String template, String outcome, String reason) {
        var counter = server.meters
                .find("errand.starts")
                .tags("template", template, "outcome", outcome, "reason", reason)
                .counter();
        return counter == null ? 0 : counter.count();
    }

    static List<RefusedStarts.Kind> kinds() {
        return RefusedStarts.kinds().toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusedStart_isFoundByItsReason_inRecordLineAndMetric(RefusedStarts.Kind kind) {
        Call call = StartRequests.start();
        kind.broken().accept(call);
        Reply reply = call.send(server);

        JsonObject record = only();
        String reason = kind.reason().code();
        assertThat(record.string("outcome")).isEqualTo("refused");
        assertThat(record.string("reason")).isEqualTo(reason);
        assertThat(record.string("error")).isEqualTo(reply.error());
        assertThat(record.get("task")).isEqualTo(JsonNull.NULL);
        assertThat(record.get("expires")).isEqualTo(JsonNull.NULL);
        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.WARN);
            assertThat(line.getFormattedMessage()).startsWith("start refused reason=" + reason + " error=");
        });
        String template = record.string("template");
        assertThat(count(template == null ? "" : template, "refused", reason)).isEqualTo(1);
    }

    @Test
    void kinds_areMoreThanTheTwentyFiveThatAreAskedFor() {
        Set<StartReason> reasons = new HashSet<>();
        kinds().forEach(kind -> reasons.add(kind.reason()));
        assertThat(reasons).hasSizeGreaterThanOrEqualTo(25);
    }

    /** RFC 6749 and RFC 9449 give each credential a code of its own; all else is the same byte for byte. */
    @Test
    void unverifiedStarts_areAnsweredAlike() {
        Map<String, String> bodies = new HashMap<>();
        RefusedStarts.unverified().forEach(kind -> {
            Call call = StartRequests.start();
            kind.broken().accept(call);
            Reply reply = call.send(server);
            assertThat(reply.body().string("error_description"))
                    .as(kind.toString())
                    .isEqualTo(SAME);
            String body = reply.status() + " " + reply.raw().body();
            assertThat(bodies.computeIfAbsent(reply.error(), error -> body))
                    .as(kind.toString())
                    .isEqualTo(body);
        });
        assertThat(bodies).containsOnlyKeys("invalid_client", "invalid_dpop_proof", "invalid_request");
    }

    @Test
    void grantedStart_isRecordedWithAllThatItGrants() {
        Call call = StartRequests.start();
        call.details("[{\"type\":\"errand_start\",\"template\":\"release\",\"parameters\":{\"service\":\"payments\"},"
                + "\"instruction\":{\"source\":\"human\",\"ref\":\"REL-42\"}}]");
        Reply reply = call.send(server);
        assertThat(reply.status()).as(reply.raw().body()).isEqualTo(200);

        JsonObject record = only();
        assertThat(record.members().keySet())
                .containsExactly(
                        "kind",
                        "time",
                        "outcome",
                        "error",
                        "reason",
                        "task",
                        "template",
                        "revision",
                        "parameters",
                        "human",
                        "agent",
                        "instruction",
                        "expires",
                        "consent",
                        "gateway");
        assertThat(record.string("outcome")).isEqualTo("granted");
        assertThat(record.get("error")).isEqualTo(JsonNull.NULL);
        assertThat(record.get("reason")).isEqualTo(JsonNull.NULL);
        assertThat(record.string("task")).isEqualTo(reply.body().string("task_id"));
        assertThat(record.string("template")).isEqualTo("release");
        assertThat(record.string("revision")).startsWith("sha-256:");
        assertThat(record.object("parameters").string("service")).isEqualTo("payments");
        assertThat(record.object("human").string("sub")).isEqualTo("user:7f3c");
        assertThat(record.string("agent")).isEqualTo(IssuerServer.AGENT);
        assertThat(record.object("instruction").string("integrity")).isEqualTo("untrusted");
        assertThat(record.string("expires")).isGreaterThan(record.string("time"));
        assertThat(count("release", "granted", "")).isEqualTo(1);
        assertThat(lines.list).isEmpty();
    }

    @Test
    void startByATokenWithWhichSomebodyActs_isRefused_andItsRecordNamesTheHuman() {
        Call call = StartRequests.start();
        call.human.put("act", Map.of("sub", "spiffe://example.org/agent/other"));
        Reply reply = call.send(server);
        assertThat(reply.error()).isEqualTo("invalid_request");
        assertThat(reply.body().string("error_description")).contains("send the token that the human got");
        JsonObject record = only();
        assertThat(record.string("reason")).isEqualTo("request");
        assertThat(record.object("human").string("sub")).isEqualTo("user:7f3c");
    }

    @Test
    void repeatedStart_isNoStartOfItsOwn_andAnotherByItsTokenIsRefused() {
        Call call = StartRequests.start();
        assertThat(call.send(server).status()).isEqualTo(200);
        assertThat(call.again().send(server).status()).isEqualTo(200);
        assertThat(starts()).hasSize(1);

        Call other = StartRequests.start();
        other.form.put("subject_token", call.form.get("subject_token"));
        assertThat(other.send(server).error()).isEqualTo("invalid_grant");
        JsonObject record = starts().get(1);
        assertThat(record.string("reason")).isEqualTo("used");
        assertThat(record.object("human").string("sub")).isEqualTo("user:7f3c");
        assertThat(record.object("parameters").string("service")).isEqualTo("payments");
    }

    @Test
    void proofThatWasUsed_isToldAsAnyOther() {
        Call call = StartRequests.start();
        assertThat(call.send(server).status()).isEqualTo(200);
        Reply again = call.send(server);
        assertThat(again.body().string("error_description")).isEqualTo(SAME);
        assertThat(starts().get(1).string("reason")).isEqualTo("proof-used");
    }

    @Test
    void startsBeyondTheTemplatesBound_areRefusedByName() {
        String seldom = "[{\"type\":\"errand_start\",\"template\":\"seldom\"}]";
        assertThat(StartRequests.start().details(seldom).send(server).status()).isEqualTo(200);
        Reply refused = StartRequests.start().details(seldom).send(server);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.body().string("error_description")).contains("too often");
        assertThat(starts().get(1).string("reason")).isEqualTo("starts");
        assertThat(count("seldom", "refused", "starts")).isEqualTo(1);
    }

    @Test
    void nonceAndRate_haveTheirReasons(@TempDir Path other) throws Exception {
        try (IssuerServer nonce = new IssuerServer(other, true, 1, new InMemoryTaskStore(), new InMemoryStartStore())) {
            assertThat(StartRequests.start().send(nonce).error()).isEqualTo("use_dpop_nonce");
            Set<String> reasons = new HashSet<>();
            for (int i = 0; i < 50 && !reasons.contains("rate"); i++) {
                StartRequests.start().send(nonce);
                nonce.records.forEach(record -> reasons.add(json(record).string("reason")));
            }
            assertThat(reasons).containsExactlyInAnyOrder("nonce", "rate");
        }
    }

    @Test
    void replicaWithoutTheIssuingKey_saysSo(@TempDir Path other) throws Exception {
        Path file = other.resolve("edge.jwks");
        NewKeyFile.of(EnumSet.of(KeyUse.TXN, KeyUse.MESSAGE, KeyUse.LOG), KeyAlgorithm.ED25519)
                .write(file);
        try (IssuerServer edge =
                new IssuerServer(KeyRing.load(file), false, 100, new InMemoryTaskStore(), new InMemoryStartStore())) {
            assertThat(StartRequests.start().send(edge).status()).isEqualTo(503);
            assertThat(json(edge.records.get(0)).string("reason")).isEqualTo("key");
        }
    }

    @Test
    void logThatCannotBeWritten_startsNothing() {
        server.recording = false;
        Call call = StartRequests.start();
        Reply refused = call.send(server);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.raw().headers().firstValue("Retry-After")).contains("1");
        assertThat(count("release", "refused", "log")).isEqualTo(1);

        server.recording = true;
        assertThat(call.again().send(server).status())
                .as("the human's token was not used up")
                .isEqualTo(200);
    }

    @Test
    void startWhoseRecordFails_givesTheHumansTokenBack() {
        server.full = true;
        Call call = StartRequests.start();
        Reply refused = call.send(server);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.error()).isEqualTo("temporarily_unavailable");
        assertThat(count("release", "refused", "log")).isEqualTo(1);

        server.full = false;
        Reply again = call.again().send(server);
        assertThat(again.status()).as(String.valueOf(again.error())).isEqualTo(200);
        JsonObject record = only();
        assertThat(record.string("outcome")).isEqualTo("granted");
        Reply repeated = call.again().send(server);
        assertThat(repeated.status()).isEqualTo(200);
        assertThat(repeated.body().string("access_token"))
                .as("the same start again")
                .isEqualTo(again.body().string("access_token"));
        assertThat(starts()).hasSize(1);
    }

    @Test
    void flood_isRecordedAndLoggedAHundredTimesASecond_andThenCounted() throws Exception {
        List<Thread> threads = new ArrayList<>();
        long begun = System.nanoTime();
        for (int i = 0; i < 8; i++) {
            threads.add(new Thread(() -> {
                for (int n = 0; n < 75; n++) {
                    Call call = StartRequests.start();
                    call.form.put("scope", "all");
                    call.send(server);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds() + 2;
        assertThat(count("", "refused", "scope")).isEqualTo(600);
        assertThat(starts()).hasSizeLessThanOrEqualTo((int) Math.min(600, 100 * seconds));
        assertThat(lines.list).hasSameSizeAs(starts());
        if (starts().size() < 600) {
            server.flush();
            JsonObject counted = starts().get(starts().size() - 1);
            assertThat(counted.members().keySet()).containsExactly("kind", "time", "outcome", "count", "gateway");
            assertThat(counted.string("outcome")).isEqualTo("refused");
        }
    }
}
