package dev.errand.web.call;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * What a caller presents, by shape only: nothing in it is verified.
 *
 * @param scheme how the leaf is to be proven
 * @param leaf the leaf token
 * @param above the {@code Delegation-Chain} as it was sent, or null
 * @param proof the {@code DPoP} or {@code AAT-PoP} of that scheme, or null
 * @param svid the {@code Workload-SVID}, or null
 */
public record Presented(
        Scheme scheme,
        String leaf,
        @Nullable String above,
        @Nullable String proof,
        @Nullable String svid) {
    /** The header fields that credentials come in. */
    private enum Field {
        AUTHORIZATION("Authorization"),
        DPOP("DPoP"),
        AAT_POP("AAT-PoP"),
        DELEGATION_CHAIN("Delegation-Chain"),
        WORKLOAD_SVID("Workload-SVID");

        private static final Field[] ALL = values();

        private final String header;

        Field(String header) {
            this.header = header;
        }
    }

    /** The authentication schemes of a call. */
    public enum Scheme {
        DPOP,
        AAT
    }

    /** The outcome of {@link #parse}. */
    public sealed interface Shape {
        record Accepted(Presented presented) implements Shape {}

        record Refused(Denial denial) implements Shape {}
    }

    /** Reads the credential headers; at most one field line of each. */
    public static Shape parse(HttpHeaders headers) {
        Map<Field, String> sent = new EnumMap<>(Field.class);
        for (Field field : Field.ALL) {
            List<String> values = headers.getOrEmpty(field.header);
            if (values.size() > 1) {
                return new Shape.Refused(
                        new Denial(DenyReason.MALFORMED_REQUEST, null, field.header + " was sent twice: send it once"));
            } else if (!values.isEmpty()) {
                sent.put(field, values.get(0));
            }
        }
        String authorization = sent.get(Field.AUTHORIZATION);
        if (authorization == null) {
            return unauthenticated();
        }
        int space = authorization.indexOf(' ');
        String word = space < 0 ? authorization : authorization.substring(0, space);
        String leaf = space < 0 ? "" : authorization.substring(space + 1).strip();
        Scheme scheme;
        if (word.equalsIgnoreCase("DPoP")) {
            scheme = Scheme.DPOP;
        } else if (word.equalsIgnoreCase("AAT")) {
            scheme = Scheme.AAT;
        } else {
            return unauthenticated();
        }
        return new Shape.Accepted(new Presented(
                scheme,
                leaf,
                sent.get(Field.DELEGATION_CHAIN),
                sent.get(scheme == Scheme.DPOP ? Field.DPOP : Field.AAT_POP),
                sent.get(Field.WORKLOAD_SVID)));
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
        return new Shape.Refused(new Denial(
                DenyReason.AUTHENTICATION_REQUIRED,
                null,
                "send a delegation token with a proof: Authorization: DPoP <token> and DPoP: <proof>"));
    }
}
