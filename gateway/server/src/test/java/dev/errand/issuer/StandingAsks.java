package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.issuer.StartRequests.Call;
import dev.errand.issuer.StartRequests.Reply;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.ProvenanceRecord.Standing;
import dev.errand.state.StandingErrand;
import dev.errand.state.StandingErrands.Found;
import dev.errand.task.TaskState;
import dev.errand.task.record.TaskGlance;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import dev.errand.token.Human;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Asks for standing errands, lets a human allow them, and starts their runs, at an issuer in memory. */
abstract class StandingAsks {
    static final Human HUMAN = new Human(IssuerServer.IDP, "user:7f3c");
    static final String UNTIL = Instant.now()
            .plus(Duration.ofDays(30))
            .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
            .toString();
    static final String RUNS = "{\"runs\":30,\"until\":\"" + UNTIL + "\",\"calls\":250}";

    @TempDir
    Path directory;

    IssuerServer server;
    final TestKey holder = TestKeys.of(JwsAlgorithm.ED25519);
    /** How many calls the tasks made that are over. */
    final Map<String, Long> over = new HashMap<>();

    @BeforeEach
    void open() throws Exception {
        server = IssuerServer.start(directory);
        server.glances = task -> {
            Long calls = over.get(task);
            return Optional.of(new TaskGlance(
                    calls == null ? TaskState.ACTIVE : TaskState.COMPLETED,
                    null,
                    1,
                    0,
                    0,
                    Long.MAX_VALUE,
                    calls == null ? 0 : calls));
        };
    }

    @AfterEach
    void close() {
        server.close();
    }

    static String details(String runs) {
        return "[{\"type\":\"errand_start\",\"template\":\"nightly\",\"parameters\":{\"service\":\"payments\"},"
                + "\"standing\":" + runs + "}]";
    }

    Reply ask(String details) {
        Call call = new Call(DeviceAuthorization.PATH);
        call.form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe");
        call.form.put("client_assertion", StartRequests.svid(IssuerServer.SPIRE_KEY, StartRequests.svidClaims()));
        call.holder = holder;
        return call.details(details).send(server);
    }

    Call get(JsonObject asked) {
        Call call = new Call("/oauth2/token");
        call.form.put("grant_type", DeviceGrant.GRANT_TYPE);
        call.form.put("device_code", asked.string("device_code"));
        call.form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe");
        call.form.put("subject_token", "");
        call.holder = holder;
        return call;
    }

    /** The answer to Get of a request that a human allowed. */
    Reply allowed(String runs) {
        JsonObject asked = ask(details(runs)).body();
        String first = String.valueOf(asked.string("user_code")).substring(0, 4);
        JsonObject claims = TestKeys.object(StartRequests.json(StartRequests.humanClaims()));
        String digest = server.asked
                .see(first, HUMAN, claims)
                .block()
                .orElseThrow()
                .request()
                .digest();
        assertThat(server.asked.decide(first, digest, true, HUMAN, claims).block())
                .isTrue();
        Reply got = get(asked).send(server);
        Reply again = get(asked).send(server);
        assertThat(again.token()).isEqualTo(got.token());
        assertThat(again.body().object("standing")).isEqualTo(got.body().object("standing"));
        return got;
    }

    static String token(Reply got) {
        return got.body().object("standing").string("token");
    }

    static Call run(String token) {
        Call call = StartRequests.start();
        call.form.remove("authorization_details");
        call.form.put("subject_token", token);
        call.form.put("subject_token_type", IssuerServer.ISSUER + "/token-type/standing");
        return call;
    }

    Reply sent(String token) {
        return run(token).send(server);
    }

    static void assertRefused(Reply reply, String reason) {
        assertThat(reply.status()).as(reply.raw().body()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("invalid_grant");
        assertThat(reply.body().string("error_description")).isEqualTo(reason);
    }

    void end(Reply reply, long calls) {
        over.put(reply.body().string("task_id"), calls);
    }

    static long number(JsonObject json, String name) {
        return ((JsonNumber) json.get(name)).asLong();
    }

    static JsonObject bounds(JsonObject root) {
        return (JsonObject)
                ((JsonArray) root.get("authorization_details")).values().get(1);
    }

    List<Standing> records() {
        return server.records.stream()
                .filter(Standing.class::isInstance)
                .map(Standing.class::cast)
                .toList();
    }

    StandingErrand errand(Reply got) {
        return server.errands
                .find(got.body().object("standing").string("id"))
                .block()
                .map(Found::errand)
                .orElseThrow();
    }

    static Template template(String text) {
        return new TemplateParser().parse(text).orElseThrow();
    }
}
