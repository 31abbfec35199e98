package dev.errand.gateway.cli.login;

import dev.errand.bytes.Base64Url;
import dev.errand.bytes.Sha256;
import java.security.SecureRandom;
import java.util.Map;

/**
 * A proof key of one login (RFC 7636, S256): who began it also ends it. Immutable.
 *
 * @param verifier 256 random bits, told to the token endpoint alone
 */
record Pkce(String verifier) {
    private static final SecureRandom RANDOM = new SecureRandom();

    static Pkce fresh() {
        return new Pkce(random());
    }

    /** 256 random bits, unpadded base64url. */
    static String random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return Base64Url.encode(bytes);
    }

    void begin(Map<String, String> parameters) {
        parameters.put("code_challenge", Sha256.base64UrlOf(verifier));
        parameters.put("code_challenge_method", "S256");
    }

    void end(Map<String, String> form) {
        form.put("code_verifier", verifier);
    }

    @Override
    public String toString() {
        return "Pkce";
    }
}
