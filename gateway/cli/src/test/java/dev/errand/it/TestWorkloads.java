package dev.errand.it;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;

/** A SPIFFE trust domain whose bundle a {@link RunningGateway} trusts; signs JWT-SVIDs. */
record TestWorkloads(String trustDomain, TestKey key) {
    static final String RELEASE_BOT = "spiffe://example.org/agent/release-bot";

    static TestWorkloads exampleOrg() {
        return new TestWorkloads("example.org", TestKey.p256("svid-1"));
    }

    /** @param authorities the certificates that X.509-SVIDs must lead to */
    String bundle(X509Certificate... authorities) {
        StringBuilder bundle = new StringBuilder("{\"spiffe_sequence\":1,\"spiffe_refresh_hint\":300,\"keys\":[")
                .append(key.publicJwk(",\"kid\":\"" + key.kid() + "\",\"use\":\"jwt-svid\""));
        for (X509Certificate authority : authorities) {
            bundle.append(",{\"kty\":\"EC\",\"use\":\"x509-svid\",\"x5c\":[\"")
                    .append(base64(authority))
                    .append("\"]}");
        }
        return bundle.append("]}").toString();
    }

    private static String base64(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new AssertionError(e);
        }
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
