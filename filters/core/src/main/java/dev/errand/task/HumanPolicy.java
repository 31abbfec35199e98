package dev.errand.task;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may authorise a task. Immutable and thread-safe.
 *
 * @param claim a claim of the human's token that must hold one of {@code any}, or null for every human
 * @param any the accepted values; one of them is enough; empty only if there is no claim
 * @param issuer the only identity provider accepted, or null for every trusted one
 * @param consentTask whether the human's own token must name the task
 * @param consentClaim the claim of the human's own token that holds the digest of the pinned values, or null
 * @param where further claims that the token must have, each with its accepted values
 */
public record HumanPolicy(
        @Nullable String claim,
        List<String> any,
        @Nullable String issuer,
        boolean consentTask,
        @Nullable String consentClaim,
        Map<String, List<String>> where) {
    /** The claims whose text is a list with a space between two values (RFC 8693, section 4.2; {@code scp} of Entra ID). */
    private static final Set<String> SCOPES = Set.of("scope", "scp");

    /** A policy without a claim that consents to pinned values. */
    public HumanPolicy(@Nullable String claim, List<String> any, @Nullable String issuer, boolean consentTask) {
        this(claim, any, issuer, consentTask, null, Map.of());
    }

    public HumanPolicy {
        any = List.copyOf(any);
        where = Map.copyOf(where);
    }

    /** Whether the human's own token must consent to the values of pinned arguments. */
    public boolean consents() {
        return consentTask || consentClaim != null;
    }

    /** Whether a verified token with this issuer and these claims is from a human who may authorise. */
    public boolean admits(String tokenIssuer, JsonObject claims) {
        if (issuer != null && !issuer.equals(tokenIssuer)) {
            return false;
        }
        return (claim == null || holds(claims, claim, any))
                && where.entrySet().stream().allMatch(each -> holds(claims, each.getKey(), each.getValue()));
    }

    /**
     * Whether this policy admits every human whom the other one admits, as far as claims of the same name tell, and demands
     * no other consent.
     */
    public boolean covers(HumanPolicy other) {
        return (issuer == null || issuer.equals(other.issuer))
                && (claim == null || other.demands(claim, any))
                && where.entrySet().stream().allMatch(each -> other.demands(each.getKey(), each.getValue()))
                && (!consents()
                        || (consentTask == other.consentTask && Objects.equals(consentClaim, other.consentClaim)));
    }

    private boolean demands(String name, List<String> values) {
        List<String> accepted = where.get(name);
        return (name.equals(claim) && values.containsAll(any)) || (accepted != null && values.containsAll(accepted));
    }

    private static boolean holds(JsonObject claims, String claim, List<String> any) {
        JsonValue value = claims.get(claim);
        if (value instanceof JsonString one) {
            return any.contains(one.value())
                    || SCOPES.contains(claim)
                            && Stream.of(one.value().split(" "))
                                    .filter(word -> !word.isEmpty())
                                    .anyMatch(any::contains);
        }
        return value instanceof JsonArray many
                && many.values().stream().anyMatch(each -> each instanceof JsonString s && any.contains(s.value()));
    }
}
