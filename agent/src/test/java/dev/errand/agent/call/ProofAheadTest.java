package dev.errand.agent.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.holder.AgentKey;
import dev.errand.holder.Proofs;
import dev.errand.json.JsonValue.JsonObject;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProofAheadTest {
    private final ProofAhead proofs = new ProofAhead(new CallProof(AgentKey.generate(), "token", Clock.systemUTC()));

    @Test
    void proofs_areEachTheirCalls_andGoodOnce() throws Exception {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            String method = i % 7 == 0 ? "POST" : "GET";
            String url = "https://g/" + (i / 20);
            String nonce = i < 100 ? null : "n" + i / 50;
            JsonObject claims = Proofs.payload(proofs.sign(method, url, nonce));
            assertThat(claims.string("htm")).isEqualTo(method);
            assertThat(claims.string("htu")).isEqualTo(url);
            assertThat(claims.string("nonce")).isEqualTo(nonce);
            assertThat(ids.add(claims.string("jti"))).isTrue();
            TimeUnit.MILLISECONDS.sleep(i % 3);
        }
    }

    @Test
    void proof_thatWaitedTooLong_isNotUsed() throws Exception {
        for (int i = 0; i < 3; i++) {
            proofs.sign("GET", "https://g/a", null);
        }
        TimeUnit.MILLISECONDS.sleep(2_100);
        long now = Clock.systemUTC().instant().getEpochSecond();
        JsonObject claims = Proofs.payload(proofs.sign("GET", "https://g/a", null));
        assertThat(Long.parseLong(dev.errand.json.Jcs.canonical(claims.get("iat"))))
                .isGreaterThanOrEqualTo(now);
    }
}
