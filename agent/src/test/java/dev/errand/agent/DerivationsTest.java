package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.agent.call.GatewayAddress;
import dev.errand.agent.call.HeldTask;
import dev.errand.holder.AgentKey;
import dev.errand.holder.Proofs;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DerivationsTest {
    private static final String ORIGIN = "http://127.0.0.1:9";
    private static final String PATH = "/derive-secret";

    private final AgentKey parentKey = AgentKey.generate();
    private final AgentKey childKey = AgentKey.generate();
    private final String parent = parent();
    private final Derivations derivations = new Derivations(
            new HeldTask(parentKey, parent, List.of(), "https://gateway.example.org"),
            GatewayAddress.parse("--gateway", "http://127.0.0.1:8080"),
            PATH,
            ORIGIN,
            2,
            Clock.systemUTC());

    private String parent() {
        long now = Instant.now().getEpochSecond();
        return parentKey.sign(json("{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}"), json("""
                {"jti":"root","iss":"https://gateway.example.org","iat":%d,"exp":%d,"cnf":{"jwk":%s},"del_depth":0,
                 "del_max_depth":2,"authorization_details":[
                  {"type":"attenuating_agent_token","tools":{"vault:kv.read":{"resource":{"constraint_type":
                   "path_containment","root":"secret/ci"}}}},{"type":"errand_task","calls":10,"children":2}]}
                """.formatted(
                        now, now + 600, Jcs.canonical(parentKey.publicJwk()))));
    }

    private static JsonObject json(String text) {
        try {
            return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(text, e);
        }
    }

    private JsonObject post(String members, int status) {
        return post(members, status, Proofs.dpop(childKey, "POST", ORIGIN + PATH, null, null, Instant.now()));
    }

    private JsonObject post(String members, int status, String proof) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, PATH);
        request.headers().set("DPoP", proof);
        String body = "{\"jwk\":" + Jcs.canonical(childKey.publicJwk()) + members + "}";
        FullHttpResponse answer = derivations.answer(request, body.getBytes(StandardCharsets.UTF_8));
        String text = answer.content().toString(StandardCharsets.UTF_8);
        answer.release();
        assertThat(answer.status().code()).as(text).isEqualTo(status);
        assertThat(answer.headers().get("Content-Type"))
                .isEqualTo(status == 200 ? "application/json" : "application/problem+json");
        return json(text);
    }

    @Test
    void child_isDerived_withTheParentsBoundsWhereNothingIsSaid() {
        JsonObject answer = post("", 200);
        assertThat(answer.string("chain")).isEqualTo(parent);
        assertThat(answer.string("gateway")).isEqualTo("http://127.0.0.1:8080");
        assertThat(answer.string("issuer")).isEqualTo("https://gateway.example.org");
        JsonObject claims = Proofs.payload(String.valueOf(answer.string("token")));
        assertThat(Jcs.canonical(claims)).contains("\"calls\":10", "\"children\":2", "secret/ci");
        long lifetime =
                Long.parseLong(Jcs.canonical(claims.get("exp"))) - Long.parseLong(Jcs.canonical(claims.get("iat")));
        assertThat(lifetime).isEqualTo(300);
    }

    @ParameterizedTest
    @ValueSource(longs = {100_000, Long.MAX_VALUE})
    void child_livesNoLongerThanItsParent(long lifetime) {
        JsonObject claims = Proofs.payload(
                String.valueOf(post(",\"lifetime\":" + lifetime, 200).string("token")));
        assertThat(claims.get("exp")).isEqualTo(Proofs.payload(parent).get("exp"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ",\"calls\":11|task:calls",
                ",\"calls\":-1|task:calls",
                ",\"calls\":\"1\"|task:calls",
                ",\"children\":3|task:children",
                ",\"lifetime\":0|task:lifetime",
                ",\"allow\":{\"vault:kv.write\":{}}|4p1",
                ",\"allow\":{\"vault:kv.read\":{}}|4p2",
                ",\"allow\":{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"secret/x\"}}}|4p4",
                ",\"allow\":[]|task:allow",
                ",\"limits\":[]|task:limits",
            })
    void child_thatWouldNotVerify_isRefusedAndCountsNot(String members, String step) {
        for (int i = 0; i < 3; i++) {
            assertThat(post(members, 400).string("step")).isEqualTo(step);
        }
        post("", 200);
        post("", 200);
        assertThat(post("", 400).string("step")).isEqualTo("task:children");
    }

    @Test
    void proof_isTheChilds_forThisUrl_andGoodOnce() {
        String other = Proofs.dpop(AgentKey.generate(), "POST", ORIGIN + PATH, null, null, Instant.now());
        assertThat(post("", 400, other).string("step")).isEqualTo("task:proof");
        String elsewhere = Proofs.dpop(childKey, "POST", ORIGIN + "/other", null, null, Instant.now());
        assertThat(post("", 400, elsewhere).string("step")).isEqualTo("task:proof");
        String old = Proofs.dpop(
                childKey, "POST", ORIGIN + PATH, null, null, Instant.now().minusSeconds(60));
        assertThat(post("", 400, old).string("step")).isEqualTo("task:proof");
        String proof = Proofs.dpop(childKey, "POST", ORIGIN + PATH, null, null, Instant.now());
        post("", 200, proof);
        assertThat(post("", 400, proof).string("step")).isEqualTo("task:proof");
    }

    @Test
    void path_isSecret() {
        assertThat(derivations.isAt(PATH)).isTrue();
        assertThat(derivations.isAt(PATH + "x")).isFalse();
        assertThat(derivations.isAt("/")).isFalse();
    }
}
