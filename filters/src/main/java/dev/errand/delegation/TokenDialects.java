package dev.errand.delegation;

import dev.errand.bytes.CompactJws;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The dialects that a chain may be written in, each token in its own. Immutable.
 *
 * @param list no two of one type
 */
public record TokenDialects(List<TokenDialect> list) {
    /** The dialects of the product; each further one is one entry here. */
    public static final TokenDialects ALL = new TokenDialects(List.of(TokenDialect.AAT));

    private static final int HASH_CHARACTERS = 43;

    public TokenDialects {
        list = List.copyOf(list);
    }

    /** The dialect of tokens of that {@code typ}. */
    public Optional<TokenDialect> ofType(String type) {
        for (TokenDialect dialect : list) {
            if (dialect.type().equals(type)) {
                return Optional.of(dialect);
            }
        }
        return Optional.empty();
    }

    /** The types, for a message. */
    public String types() {
        return list.stream().map(TokenDialect::type).collect(Collectors.joining(" or "));
    }

    /** The parent that an unverified token names, which may only choose what the token is verified under. */
    public Optional<TokenId> parent(CompactJws token) {
        JsonObject payload = token.claims().orElse(null);
        if (payload == null) {
            return Optional.empty();
        }
        JsonObject claims =
                ofType(token.type()).map(dialect -> dialect.claims(payload)).orElse(payload);
        return Optional.ofNullable(claims.string("par_hash"))
                .filter(hash -> hash.length() == HASH_CHARACTERS)
                .map(TokenId::new);
    }
}
