package dev.errand.gateway.it;

import java.time.Instant;

/** A SPIFFE trust domain whose bundle a {@link RunningGateway} trusts; signs JWT-SVIDs. */
record TestWorkloads(String trustDomain, TestKey key) {
    static final String RELEASE_BOT = "spiffe://example.org/agent/release-bot";

    static TestWorkloads exampleOrg() {
        return new TestWorkloads("example.org", TestKey.p256("svid-1"));
    }

    String bundle() {
        return "{\"spiffe_sequence\":1,\"spiffe_refresh_hint\":300,\"keys\":["
                + key.publicJwk(",\"kid\":\"" + key.kid() + "\",\"use\":\"jwt-svid\"") + "]}";
    }

    /** A JWT-SVID of that workload for that audience, good for five minutes. */
    String svid(String subject, String audience) {
        long now = Instant.now().getEpochSecond();
        return sign("{\"sub\":\"" + subject + "\",\"aud\":\"" + audience + "\",\"iat\":" + now + ",\"exp\":"
                + (now + 300) + "}");
    }

    String sign(String claims) {
        return key.jws("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"" + key.kid() + "\"}", claims);
    }
}
