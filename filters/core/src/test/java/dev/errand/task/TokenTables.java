package dev.errand.task;

import dev.errand.token.TokenId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Walks through all tokens of a table. */
public final class TokenTables {
    private TokenTables() {}

    /** Every token and its record: the near ones in their order, then shard by shard. */
    public static Map<TokenId, TokenRecord> all(TokenTable table) {
        Map<TokenId, TokenRecord> all = new LinkedHashMap<>();
        add(table.near(), all);
        for (int number = 0; table.hasShards() && number < TokenShard.COUNT; number++) {
            TokenShard shard = table.shard(number);
            if (shard != null) {
                add(shard, all);
            }
        }
        return all;
    }

    /** Every token, in the order of {@link #all}. */
    public static List<TokenId> ids(TokenTable table) {
        return List.copyOf(all(table).keySet());
    }

    private static void add(TokenShard shard, Map<TokenId, TokenRecord> all) {
        for (int i = 0; i < shard.size(); i++) {
            all.put(shard.id(i), shard.record(i));
        }
    }
}
