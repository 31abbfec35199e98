package dev.errand.load;

import dev.errand.jose.Sha256;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonString;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A task that runs, and the key that holds it. Thread-safe. */
final class StartedTask {
    private static final String PROCESS = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
    private static final AtomicLong PROOFS = new AtomicLong();

    private final Signer holder;
    private final String header;
    private final String token;
    private final String tokenHash;

    StartedTask(Signer holder, String token) {
        this.holder = holder;
        this.header = proofHeader(holder);
        this.token = token;
        this.tokenHash = Sha256.base64UrlOf(token);
    }

    /** The header of every DPoP proof by this key. */
    static String proofHeader(Signer holder) {
        return holder.header(Map.<String, JsonValue>of("typ", new JsonString("dpop+jwt"), "jwk", holder.publicJwk()));
    }

    /** The members that make a proof fresh. */
    static String fresh(long issuedAtSeconds) {
        return "{\"jti\":\"" + PROCESS + "-" + PROOFS.incrementAndGet() + "\",\"iat\":" + issuedAtSeconds;
    }

    String authorization() {
        return "DPoP " + token;
    }

    /** A proof that was never used, for a URL without characters that JSON escapes. */
    String proof(String method, String url, long issuedAtSeconds) {
        return holder.sign(
                header,
                fresh(issuedAtSeconds) + ",\"htm\":\"" + method + "\",\"htu\":\"" + url + "\",\"ath\":\"" + tokenHash
                        + "\"}");
    }
}
