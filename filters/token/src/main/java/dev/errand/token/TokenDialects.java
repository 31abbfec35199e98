package dev.errand.token;

import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The dialects that the tokens of a chain may have; the tokens of one chain may differ. Immutable.
 *
 * @param list no two with the same type
 */
public record TokenDialects(List<TokenDialect> list) {
    /** All dialects of the product. A further dialect is one more entry here. */
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

    /** The parent that an unverified token names. It may only be used to choose the key that verifies the token. */
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
