package dev.errand.trust;

import dev.errand.json.JsonValue.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How the tokens of one kind of identity provider name their client, and how they say that a client got the token for itself
 * (RFC 6749 section 4.4). A token is read in all dialects, since nothing in it names its own. A further dialect is one more
 * constant.
 */
enum SubjectDialect {
    /** OpenID Connect, JWT access tokens (RFC 9068) and identity assertions (ID-JAG). */
    OIDC(List.of("azp", "client_id"), "", Map.of()),
    OKTA(List.of("cid"), "", Map.of()),
    /** The second version names the client in {@code azp}. */
    ENTRA_ID(List.of("appid"), "", Map.of("idtyp", "app")),
    AUTH0(List.of(), "@clients", Map.of("gty", "client-credentials"));

    private static final List<String> CLIENT_CLAIMS = Arrays.stream(values())
            .flatMap(dialect -> dialect.clientClaims.stream())
            .toList();

    private final List<String> clientClaims;
    private final String ownSuffix;
    private final Map<String, String> ownMarks;

    /**
     * @param clientClaims the claims that name the client
     * @param ownSuffix what follows the client's id where a token's subject is the client
     * @param ownMarks claims with the value that says that the token is the client's own
     */
    SubjectDialect(List<String> clientClaims, String ownSuffix, Map<String, String> ownMarks) {
        this.clientClaims = clientClaims;
        this.ownSuffix = ownSuffix;
        this.ownMarks = ownMarks;
    }

    /** The names of the token's client; empty if it names none. */
    static Stream<String> clients(JsonObject claims) {
        return CLIENT_CLAIMS.stream().map(claims::string).filter(client -> client != null);
    }

    /**
     * Whether a client got the token for itself, as far as the token shows that: its subject is the client (RFC 9068
     * section 2.2), or a claim says so.
     *
     * @param name the name of the human in the token
     */
    static boolean isClientsOwn(JsonObject claims, String name) {
        return Arrays.stream(values())
                .anyMatch(dialect -> clients(claims)
                                .map(client -> client + dialect.ownSuffix)
                                .anyMatch(own -> own.equals(name) || own.equals(claims.string("sub")))
                        || dialect.ownMarks.entrySet().stream()
                                .anyMatch(mark -> mark.getValue().equals(claims.string(mark.getKey()))));
    }
}
