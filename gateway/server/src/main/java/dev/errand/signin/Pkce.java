package dev.errand.signin;

import dev.errand.token.Base64Url;
import dev.errand.token.Sha256;
import java.security.SecureRandom;
import java.util.Map;

/**
 * The proof key of one login (RFC 7636, S256): only the client that began the login can end it. Immutable.
 *
 * @param verifier 256 bits that nobody can guess, sent to the token endpoint only
 */
public record Pkce(String verifier) {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** A proof key of random bits. */
    public static Pkce fresh() {
        return new Pkce(random());
    }

    /** 256 random bits, unpadded base64url. */
    public static String random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return Base64Url.encode(bytes);
    }

    /** Adds the parameters for the authorization endpoint. */
    public void begin(Map<String, String> parameters) {
        parameters.put("code_challenge", Sha256.base64UrlOf(verifier));
        parameters.put("code_challenge_method", "S256");
    }

    /** Adds the parameter for the token endpoint. */
    public void end(Map<String, String> form) {
        form.put("code_verifier", verifier);
    }

    @Override
    public String toString() {
        return "Pkce";
    }
}
