package dev.errand.web;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.token.ProofScheme;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * What a caller presents, by shape only: nothing in it is verified.
 *
 * @param scheme how the leaf is to be proven
 * @param leaf the leaf token
 * @param above the {@code Delegation-Chain} as it was sent, or null
 * @param proof the field of that scheme, or null
 * @param svid the {@code Workload-SVID}, or null
 */
public record Presented(
        ProofScheme scheme,
        String leaf,
        @Nullable String above,
        @Nullable String proof,
        @Nullable String svid) {
    private static final String AUTHORIZATION = "Authorization";
    private static final String CHAIN = "Delegation-Chain";
    private static final String SVID = "Workload-SVID";
    private static final List<String> FIELDS = fields(ProofScheme.ALL);

    /** The refusal of a caller who presents no token, or one without a proof that fits its scheme. */
    public static final Denial UNAUTHENTICATED = new Denial(
            DenyReason.AUTHENTICATION_REQUIRED,
            null,
            "send a delegation token with a proof: Authorization: DPoP <token> and DPoP: <proof>, or over mutual TLS"
                    + " Authorization: Bearer <token> and a client certificate of the token's key");

    /** The outcome of {@link #parse(HttpHeaders)}. */
    public sealed interface Shape {
        record Accepted(Presented presented) implements Shape {}

        record Refused(Denial denial) implements Shape {}
    }

    /** Reads the credential headers; at most one field line of each. */
    public static Shape parse(HttpHeaders headers) {
        return parse(headers, ProofScheme.ALL, FIELDS);
    }

    /** As {@link #parse(HttpHeaders)}, of tokens under these schemes. */
    public static Shape parse(HttpHeaders headers, List<ProofScheme> schemes) {
        return parse(headers, schemes, fields(schemes));
    }

    private static Shape parse(HttpHeaders headers, List<ProofScheme> schemes, List<String> fields) {
        @Nullable String[] sent = new @Nullable String[fields.size()];
        for (int i = 0; i < sent.length; i++) {
            List<String> values = headers.getOrEmpty(fields.get(i));
            if (values.size() > 1) {
                return new Shape.Refused(new Denial(
                        DenyReason.MALFORMED_REQUEST, null, fields.get(i) + " was sent twice: send it once"));
            }
            sent[i] = values.isEmpty() ? null : values.get(0);
        }
        String authorization = sent[0];
        if (authorization == null) {
            return unauthenticated();
        }
        int space = authorization.indexOf(' ');
        String word = space < 0 ? authorization : authorization.substring(0, space);
        String leaf = space < 0 ? "" : authorization.substring(space + 1).strip();
        int field = 0;
        for (int i = 0; i < schemes.size(); i++) {
            boolean hasField = schemes.get(i).header() != null;
            field += hasField ? 1 : 0;
            if (word.equalsIgnoreCase(schemes.get(i).word())) {
                return new Shape.Accepted(new Presented(
                        schemes.get(i),
                        leaf,
                        sent[sent.length - 2],
                        hasField ? sent[field] : null,
                        sent[sent.length - 1]));
            }
        }
        return unauthenticated();
    }

    /** Every field that a credential comes in: {@code Authorization}, the proofs in the order of the schemes, the others. */
    private static List<String> fields(List<ProofScheme> schemes) {
        List<String> fields = new ArrayList<>(List.of(AUTHORIZATION));
        schemes.stream().map(ProofScheme::header).filter(Objects::nonNull).forEach(fields::add);
        fields.add(CHAIN);
        fields.add(SVID);
        return List.copyOf(fields);
    }

    /** The tokens of the {@code Delegation-Chain}, root first; empty where it is absent. */
    public List<String> ancestors() {
        if (above == null) {
            return List.of();
        }
        String[] tokens = above.split(",", -1);
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = tokens[i].strip();
        }
        return List.of(tokens);
    }

    private static Shape unauthenticated() {
        return new Shape.Refused(UNAUTHENTICATED);
    }
}
