package dev.errand.trust;

import dev.errand.denial.StartReason;
import dev.errand.jose.NumericDate;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which tokens of one identity provider are about a human who wants a task: by their type, their age, the
 * client that they were issued to, and the claim that names the human. Any other token of the provider must start no
 * task. Immutable and thread-safe; pure.
 *
 * @param types the accepted {@code typ}; {@value #NO_TYPE} means a token without a type. Compared without
 *     {@code application/} and in any letter case (RFC 7515 section 4.1.9)
 * @param maxAge the longest {@code exp - iat}; for a token without {@code iat} the longest remaining lifetime
 * @param clients the accepted {@code azp} or {@code client_id}; empty for every client
 * @param subject the claim that names the human
 */
public record SubjectRules(Set<String> types, Duration maxAge, Set<String> clients, String subject) {
    /** The word for a token without {@code typ}. */
    public static final String NO_TYPE = "none";

    /** Types that are never about a human, even if a configuration lists them. */
    private static final Set<String> NEVER = Set.of(
            "aat+jwt",
            "aat-pop+jwt",
            "txntoken+jwt",
            "dpop+jwt",
            "wit+jwt",
            "wpt+jwt",
            "logout+jwt",
            "secevent+jwt",
            "kb+jwt");

    private static final int MAX_SUBJECT = 512;

    public SubjectRules {
        Set<String> plain = new HashSet<>();
        for (String type : types) {
            String name = type.isEmpty() ? NO_TYPE : plain(type);
            if (NEVER.contains(name)) {
                throw new IllegalArgumentException("types: a token of type '" + type + "' is not about a human");
            }
            plain.add(name);
        }
        types = Set.copyOf(plain);
        clients = Set.copyOf(clients);
        if (types.isEmpty()) {
            throw new IllegalArgumentException("types: name at least one, or leave it out for none, JWT and at+jwt");
        }
        if (maxAge.isNegative() || maxAge.isZero()) {
            throw new IllegalArgumentException("max-age must be longer than 0, was " + maxAge);
        }
        if (subject.isBlank()) {
            throw new IllegalArgumentException("subject: name the claim that names the human, such as sub or oid");
        }
    }

    /** Whether tokens with the header's {@code typ} may be about a human. */
    boolean acceptType(JsonObject header) {
        if (!header.members().containsKey("typ")) {
            return types.contains(NO_TYPE);
        }
        String typ = header.string("typ");
        // A token with the type "none" has a type, and a configuration cannot list that type.
        return typ != null && !plain(typ).equals(NO_TYPE) && types.contains(plain(typ));
    }

    /** The human's name in a verified claim set; null only if {@link #refuses} refuses the claims. */
    @Nullable String name(JsonObject claims) {
        return claims.string(subject);
    }

    /**
     * Why the token starts nothing; null if it may.
     *
     * @param claims verified claims, whose times were checked
     * @param prover the thumbprint of the key of the start's DPoP proof; null without a proof
     */
    HumanResult.@Nullable Refused refuses(JsonObject claims, @Nullable String prover, long nowMillis) {
        String name = name(claims);
        if (name == null || name.isEmpty() || name.length() > MAX_SUBJECT) {
            return refused(StartReason.SUBJECT, subject + " must have 1 to " + MAX_SUBJECT + " characters");
        }
        if (isTooOld(claims, nowMillis)) {
            return refused(StartReason.MAX_AGE, "the token lives longer than max-age");
        }
        if (!isOfClient(claims)) {
            return refused(StartReason.CLIENTS, "azp or client_id names none of the clients");
        }
        return refusesHolder(claims, name, prover);
    }

    /**
     * Why a human may not decide with this token; null if the human may. The template restricts the clients.
     *
     * @param prover as for {@link #refuses}; null without a proof
     */
    HumanResult.@Nullable Refused refusesApproving(JsonObject claims, @Nullable String prover, long nowMillis) {
        String name = name(claims);
        if (name == null || name.isEmpty() || name.length() > MAX_SUBJECT) {
            return refused(StartReason.SUBJECT, subject + " must have 1 to " + MAX_SUBJECT + " characters");
        }
        if (isTooOld(claims, nowMillis)) {
            return refused(StartReason.MAX_AGE, "the token lives longer than max-age");
        }
        if (claims.get("act") != null) {
            return refused(StartReason.NO_HUMAN, "somebody acts for the human: act");
        }
        if (SubjectDialect.clients(claims).anyMatch(client -> client.startsWith("spiffe:"))) {
            return refused(StartReason.CLIENTS, "the client is a workload");
        }
        return refusesHolder(claims, name, prover);
    }

    private static HumanResult.@Nullable Refused refusesHolder(
            JsonObject claims, String name, @Nullable String prover) {
        if (SubjectDialect.isClientsOwn(claims, name)) {
            return refused(StartReason.NO_HUMAN, "the token speaks of a client and not of a human");
        }
        JsonValue bound = claims.get("cnf");
        return bound == null || (prover != null && isBoundTo(bound, prover))
                ? null
                : refused(StartReason.CNF, "cnf names another key than the proof's");
    }

    private static HumanResult.Refused refused(StartReason why, String reason) {
        return new HumanResult.Refused(why, reason);
    }

    private boolean isTooOld(JsonObject claims, long nowMillis) {
        Long expires = NumericDate.millis(claims.get("exp"));
        Long issued = NumericDate.millis(claims.get("iat"));
        return expires == null || expires - (issued == null ? nowMillis : issued) > maxAge.toMillis();
    }

    /**
     * Whether a client of the token is accepted: it must have azp or client_id, and each that it has must be listed.
     */
    private boolean isOfClient(JsonObject claims) {
        if (clients.isEmpty()) {
            return true;
        }
        boolean named = false;
        for (String claim : List.of("azp", "client_id")) {
            JsonValue value = claims.get(claim);
            if (value != null) {
                named = true;
                if (!(value instanceof JsonString client) || !clients.contains(client.value())) {
                    return false;
                }
            }
        }
        return named;
    }

    /**
     * Whether the claim holds this thumbprint and nothing else (RFC 9449 section 6.1): another member would bind the
     * token to something unproven.
     */
    private static boolean isBoundTo(JsonValue confirmation, String prover) {
        return confirmation instanceof JsonObject key && key.members().size() == 1 && prover.equals(key.string("jkt"));
    }

    static String plain(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        return lower.startsWith("application/") ? lower.substring("application/".length()) : lower;
    }
}
