package dev.errand.upstream;

import dev.errand.jose.SigningKey;
import dev.errand.jose.SigningKeys;
import dev.errand.json.Utf8Text;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Signs a request to an upstream (RFC 9421): method, authority, path, query and transaction token, and the content's
 * digest if there is one. Thread-safe; signing is CPU work and never blocks.
 */
public record RequestSigner(SigningKeys keys) {
    /** The label and the {@code tag} of our signatures. */
    public static final String LABEL = "errand";

    /** {@code expires - created}. */
    public static final long LIFETIME_SECONDS = 60;

    static final String COMPONENTS = "(\"@method\" \"@authority\" \"@path\" \"@query\" \"txn-token\")";
    static final String COMPONENTS_WITH_DIGEST =
            "(\"@method\" \"@authority\" \"@path\" \"@query\" \"txn-token\" \"content-digest\")";

    /**
     * The two fields that carry a signature.
     *
     * @param signatureInput the value of {@code Signature-Input}
     * @param signature the value of {@code Signature}
     */
    public record Fields(String signatureInput, String signature) {}

    /**
     * Signs the request as it will be sent.
     *
     * @param txnToken the value of {@code Txn-Token}
     * @param contentDigest the value of {@code Content-Digest}; null if the body was not read, which is then not
     *     covered
     */
    public Fields sign(OutgoingRequest request, String txnToken, @Nullable String contentDigest, Instant now) {
        SigningKey key = keys.messageKey();
        long created = now.getEpochSecond();
        String parameters = (contentDigest == null ? COMPONENTS : COMPONENTS_WITH_DIGEST)
                + ";created=" + created
                + ";expires=" + (created + LIFETIME_SECONDS)
                + ";keyid=\"" + key.id() + '"'
                + ";alg=\"" + algorithm(key.algorithm()) + '"'
                + ";tag=\"" + LABEL + '"';
        Utf8Text base = base(
                request.method(),
                request.authority(),
                request.path(),
                request.query(),
                txnToken,
                contentDigest,
                parameters);
        byte[] signature = base.read(key::sign);
        return new Fields(
                LABEL + "=" + parameters, LABEL + "=:" + Base64.getEncoder().encodeToString(signature) + ":");
    }

    /** The name that RFC 9421 section 6.2.2 registers for a JWS algorithm. */
    static String algorithm(String jws) {
        return switch (jws) {
            case "Ed25519" -> "ed25519";
            case "ES256" -> "ecdsa-p256-sha256";
            default -> throw new IllegalArgumentException("no HTTP signature algorithm for " + jws);
        };
    }

    /** The signature base (RFC 9421 section 2.5). */
    static Utf8Text base(
            String method,
            String authority,
            String path,
            String query,
            String txnToken,
            @Nullable String contentDigest,
            String parameters) {
        Utf8Text base = new Utf8Text();
        line(base, "@method", method);
        line(base, "@authority", authority);
        line(base, "@path", path);
        line(base, "@query", query);
        // A JWS is ASCII, and long: no array is made of it.
        begin(base, "txn-token", txnToken).ascii(txnToken).append('\n');
        if (contentDigest != null) {
            line(base, "content-digest", contentDigest);
        }
        return base.ascii("\"@signature-params\": ").append(parameters);
    }

    private static void line(Utf8Text base, String component, String value) {
        begin(base, component, value).append(value).append('\n');
    }

    private static Utf8Text begin(Utf8Text base, String component, String value) {
        if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("a line break in " + component);
        }
        return base.append('"').ascii(component).ascii("\": ");
    }
}
