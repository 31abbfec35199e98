package dev.errand.web.stage;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.HeaderRules;
import dev.errand.token.Sha256;
import dev.errand.web.HopHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;

/** The header fields of an agent's request that are approved: those that reach the upstream and say something of the call. */
final class AskedHeaders {
    /** Fields that clients change at each repetition, or that say nothing of the call. */
    private static final Set<String> PASSED_OVER = Set.of(
            "accept-encoding",
            "user-agent",
            "content-length",
            "host",
            "connection",
            "expect",
            "date",
            "traceparent",
            "tracestate",
            "baggage",
            "b3",
            "x-request-id",
            "kubectl-session",
            "kubectl-command");

    private static final List<String> PASSED_OVER_PREFIXES = List.of("x-b3-", "amz-sdk-");

    /** The longest value that people are shown, in characters. */
    private static final int MAX_SHOWN = 256;

    /** Names of fields that may hold a credential: by a whole word, or by a part of one. */
    private static final Pattern CREDENTIAL = Pattern.compile("(^|.*[_-])(auth|bearer|key|pwd|sid|sig)([_-].*|$)"
            + "|.*(apikey|authoriz|cookie|credential|jwt|passphrase|passw|secret|session|signature|token).*");

    private static final String NO_CREDENTIAL = "idempotency-key";

    private final SortedMap<String, String> fields = new TreeMap<>();

    /**
     * The fields of a request.
     *
     * @param written the canonical names of the fields that the route's credential writes
     */
    AskedHeaders(HttpHeaders sent, HeaderRules rules, Set<String> written) {
        Set<String> named = HopHeaders.namedByConnection(sent);
        sent.forEach((name, values) -> {
            String canonical = HopHeaders.canonical(name);
            boolean passes = rules.of(name).passes() && !named.contains(canonical) && !written.contains(canonical);
            if (passes && !isPassedOver(canonical) && !rules.isUnapproved(name)) {
                fields.merge(
                        name.toLowerCase(Locale.ROOT), String.join(", ", values), (one, more) -> one + ", " + more);
            }
        });
    }

    /** Base64url SHA-256 of the JCS of the fields: names in lower case, the values of one name joined. */
    String hash() {
        Map<String, JsonValue> members = new TreeMap<>();
        fields.forEach((name, value) -> members.put(name, new JsonString(value)));
        return Sha256.base64UrlOf(Jcs.canonicalBytes(new JsonObject(members)));
    }

    /** The names of the fields whose value people are shown cut. */
    List<String> cut() {
        return fields.entrySet().stream()
                .filter(field ->
                        !mayBeCredential(field.getKey()) && field.getValue().length() > MAX_SHOWN)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The names of the fields that people are not shown, since they may hold a credential. */
    List<String> leftOut() {
        return fields.keySet().stream().filter(AskedHeaders::mayBeCredential).toList();
    }

    /** The fields as people are shown them: without those that may hold a credential, each value cut. */
    JsonObject shown() {
        Map<String, JsonValue> members = new TreeMap<>();
        fields.forEach((name, value) -> {
            if (!mayBeCredential(name)) {
                members.put(name, new JsonString(cut(value)));
            }
        });
        return new JsonObject(members);
    }

    private static boolean mayBeCredential(String name) {
        return !name.equals(NO_CREDENTIAL) && CREDENTIAL.matcher(name).matches();
    }

    private static String cut(String value) {
        if (value.length() <= MAX_SHOWN) {
            return value;
        }
        return value.substring(0, Character.isHighSurrogate(value.charAt(MAX_SHOWN - 1)) ? MAX_SHOWN - 1 : MAX_SHOWN);
    }

    private static boolean isPassedOver(String canonical) {
        return PASSED_OVER.contains(canonical) || PASSED_OVER_PREFIXES.stream().anyMatch(canonical::startsWith);
    }
}
