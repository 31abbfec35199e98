package dev.errand.web.step.approval;

import dev.errand.bytes.Sha256;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.header.HeaderRules;
import dev.errand.web.request.HopHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

    private AskedHeaders() {}

    /**
     * Base64url SHA-256 of the JCS of the fields: names in lower case, the values of one name joined.
     *
     * @param written the canonical names of the fields that the route's credential writes
     */
    static String hash(HttpHeaders sent, HeaderRules rules, Set<String> written) {
        Set<String> named = HopHeaders.namedByConnection(sent);
        Map<String, List<String>> fields = new TreeMap<>();
        sent.forEach((name, values) -> {
            String canonical = HopHeaders.canonical(name);
            boolean passes = rules.of(name).passes() && !named.contains(canonical) && !written.contains(canonical);
            if (passes && !isPassedOver(canonical) && !rules.isUnapproved(name)) {
                fields.computeIfAbsent(name.toLowerCase(Locale.ROOT), any -> new ArrayList<>(1))
                        .addAll(values);
            }
        });
        Map<String, JsonValue> members = new TreeMap<>();
        fields.forEach((name, values) -> members.put(name, new JsonString(String.join(", ", values))));
        return Sha256.base64UrlOf(Jcs.canonicalBytes(new JsonObject(members)));
    }

    private static boolean isPassedOver(String canonical) {
        return PASSED_OVER.contains(canonical) || PASSED_OVER_PREFIXES.stream().anyMatch(canonical::startsWith);
    }
}
