package dev.errand.task;

import dev.errand.delegation.TokenId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a task knows of its tokens: each has a place, in the order in which they became known, and keeps it. A step changes a
 * copy, which shares the places with its original until it learns of a new token: a call by known tokens copies a list, and
 * hashes nothing. Not thread-safe while it changes.
 */
final class TokenTable {
    private Map<TokenId, Integer> places;
    /** Whether the map is that of the table that this is a copy of, and must be copied before it is changed. */
    private boolean sharesPlaces;

    private final List<TokenRecord> records;

    private TokenTable(Map<TokenId, Integer> places, boolean sharesPlaces, List<TokenRecord> records) {
        this.places = places;
        this.sharesPlaces = sharesPlaces;
        this.records = records;
    }

    static TokenTable empty() {
        return new TokenTable(new LinkedHashMap<>(), false, new ArrayList<>());
    }

    /** One that may be changed; this must not be changed any more. */
    TokenTable copy() {
        return new TokenTable(places, true, new ArrayList<>(records));
    }

    int size() {
        return records.size();
    }

    /** Its tokens by their places. */
    Set<TokenId> ids() {
        return places.keySet();
    }

    /** What is known of each, by their places. */
    List<TokenRecord> records() {
        return records;
    }

    boolean contains(TokenId id) {
        return places.containsKey(id);
    }

    /** The token's place, or null if nothing is known of it. */
    @Nullable Integer place(TokenId id) {
        return places.get(id);
    }

    /** The places of a chain's tokens, root first. */
    @Nullable Integer[] places(List<TokenAccount> chain) {
        @Nullable Integer[] found = new Integer[chain.size()];
        for (int depth = 0; depth < found.length; depth++) {
            found[depth] = places.get(chain.get(depth).id());
        }
        return found;
    }

    /** What is known of the token at that place; of one without a place, the record of one that nothing is known of. */
    TokenRecord at(@Nullable Integer place) {
        return place == null ? TokenRecord.NEW : records.get(place);
    }

    TokenRecord get(TokenId id) {
        return at(places.get(id));
    }

    void put(TokenId id, TokenRecord record) {
        put(places.get(id), id, record);
    }

    /** @param place where the token is, or null if nothing was known of it */
    void put(@Nullable Integer place, TokenId id, TokenRecord record) {
        if (place != null) {
            records.set(place, record);
            return;
        }
        if (sharesPlaces) {
            places = new LinkedHashMap<>(places);
            sharesPlaces = false;
        }
        places.put(id, records.size());
        records.add(record);
    }
}
