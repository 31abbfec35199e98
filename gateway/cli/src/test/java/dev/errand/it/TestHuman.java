package dev.errand.it;

import java.time.Instant;
import java.util.UUID;

/** A human with an identity provider of their own, whose key a {@link RunningGateway} trusts. */
record TestHuman(String issuer, String subject, TestKey key) {
    static TestHuman releaseManager() {
        return new TestHuman("https://idp.example.org", "user:7f3c", TestKey.ed25519("idp-1"));
    }

    /** The key set that the identity provider publishes. */
    String jwks() {
        return "{\"keys\":[" + key.publicJwk(",\"kid\":\"" + key.kid() + "\",\"use\":\"sig\"") + "]}";
    }

    /** A fresh token for one start, good for ten minutes. */
    String token() {
        return token("release-managers", "");
    }

    /** A fresh token of a member of that group, with more claims such as {@code ,"may_act":{}} behind the others. */
    String token(String group, String more) {
        long now = Instant.now().getEpochSecond();
        return sign("{\"iss\":\"" + issuer + "\",\"sub\":\"" + subject + "\",\"aud\":\"errand\",\"iat\":" + now
                + ",\"exp\":" + (now + 600) + ",\"auth_time\":" + (now - 60) + ",\"acr\":\"urn:example:mfa\",\"jti\":\""
                + UUID.randomUUID() + "\",\"groups\":[\"" + group + "\"]" + more + "}");
    }

    String sign(String claims) {
        return key.jws("{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"" + key.kid() + "\"}", claims);
    }
}
