package dev.errand.web;

import dev.errand.operation.HeaderRules;
import dev.errand.operation.RequestHeaders;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpHeaders;

/**
 * Which header fields of an answer end at the gateway; for a request {@link HeaderRules} says so. Names are compared
 * in lower case, with {@code _} read as {@code -}.
 */
public final class HopHeaders {
    private static final Set<String> RESPONSE = Set.of(
            "txn-token",
            "dpop-nonce",
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "transfer-encoding",
            "upgrade",
            "x-application-context",
            "trailer",
            "te");

    private static final List<String> RESPONSE_PREFIXES = List.of("signature", "ratelimit", "errand-");

    private HopHeaders() {}

    /** The canonical spelling that names are compared in. */
    public static String canonical(String name) {
        return RequestHeaders.fold(name);
    }

    /** Whether a response header of the upstream ends at the gateway. */
    public static boolean answerStaysHere(String canonicalName) {
        return RESPONSE.contains(canonicalName) || startsWithAny(canonicalName, RESPONSE_PREFIXES);
    }

    /** The canonical names that {@code Connection} lists as hop-by-hop. */
    public static Set<String> namedByConnection(HttpHeaders headers) {
        return namedByConnection(headers.getOrEmpty(HttpHeaders.CONNECTION));
    }

    /** The canonical names that these values of {@code Connection} list. */
    public static Set<String> namedByConnection(List<String> values) {
        if (values.isEmpty()) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        for (String value : values) {
            for (String name : value.split(",")) {
                names.add(canonical(name.strip()));
            }
        }
        return names;
    }

    private static boolean startsWithAny(String name, List<String> prefixes) {
        for (int i = 0; i < prefixes.size(); i++) {
            if (name.startsWith(prefixes.get(i))) {
                return true;
            }
        }
        return false;
    }
}
