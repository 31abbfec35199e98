package dev.errand.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.token.TokenId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class TokenTableTest {
    private static final TokenId ROOT = new TokenId("root");
    private static final TokenId CHILD = new TokenId("child");
    private static final TokenId OTHER = new TokenId("other");

    private final TokenTable tokens = TokenTable.empty();

    private static TokenRecord with(long calls) {
        return TokenRecord.NEW.withCalls(calls);
    }

    private static TokenAccount account(TokenId id) {
        return new TokenAccount(id, null, null, List.of());
    }

    private static List<TokenRecord> records(TokenTable table) {
        List<TokenRecord> records = new ArrayList<>();
        TokenTables.all(table).forEach((id, record) -> records.add(record));
        return records;
    }

    /** Against a plain map: tokens beyond the near ones are in shards, and each keeps its place. */
    @Test
    void manyTokens_areKnownLikeInAMap() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        Map<TokenId, TokenRecord> model = new LinkedHashMap<>();
        Map<TokenId, Integer> places = new HashMap<>();
        TokenTable table = tokens;
        for (int i = 0; i < 4000; i++) {
            TokenId id = TokenId.ofSigningInput(new byte[] {(byte) random.nextInt(4), (byte) random.nextInt(256)});
            TokenRecord record = random.nextInt(5) == 0
                    ? TokenRecord.NEW.ended(TaskState.COMPLETED, "why")
                    : with(random.nextInt(1000));
            TokenTable before = table;
            List<TokenRecord> unchanged = i % 100 == 0 ? records(before) : null;
            table = before.copy();
            table.put(id, record);
            model.put(id, record);
            Integer place = table.place(id);
            assertThat(places.merge(id, place, (first, now) -> now)).isEqualTo(place);
            assertThat(table.get(id)).isEqualTo(record);
            if (unchanged != null) {
                assertThat(records(before)).isEqualTo(unchanged);
            }
        }
        assertThat(table.size()).isEqualTo(model.size()).isGreaterThan(500);
        assertThat(table.hasShards()).isTrue();
        assertThat(TokenTables.ids(table)).containsExactlyInAnyOrderElementsOf(model.keySet());
        assertThat(table.unused()).isEqualTo((int)
                model.values().stream().filter(record -> record.ended() != null).count());
        for (Map.Entry<TokenId, TokenRecord> each : model.entrySet()) {
            assertThat(table.get(each.getKey())).isEqualTo(each.getValue());
            assertThat(table.place(each.getKey())).isEqualTo(places.get(each.getKey()));
        }
    }

    @Test
    void token_keepsThePlaceThatItWasFirstGiven() {
        tokens.put(ROOT, with(1));
        tokens.put(CHILD, with(2));
        tokens.put(ROOT, with(3));
        assertThat(TokenTables.ids(tokens)).containsExactly(ROOT, CHILD);
        assertThat(records(tokens)).containsExactly(with(3), with(2));
        assertThat(tokens.place(ROOT)).isZero();
        assertThat(tokens.places(List.of(account(CHILD), account(OTHER), account(ROOT))))
                .containsExactly(1, null, 0);
    }

    @Test
    void unknownToken_hasNoPlaceAndTheRecordOfANewOne() {
        tokens.put(ROOT, with(1));
        assertThat(tokens.contains(OTHER)).isFalse();
        assertThat(tokens.place(OTHER)).isNull();
        assertThat(tokens.get(OTHER)).isSameAs(TokenRecord.NEW);
        assertThat(tokens.at(null)).isSameAs(TokenRecord.NEW);
    }

    @Test
    void changesOfACopy_areNotSeenByTheOriginalNorByAnotherCopy() {
        tokens.put(ROOT, with(1));
        TokenTable one = tokens.copy();
        TokenTable two = tokens.copy();
        one.put(ROOT, with(7));
        one.put(CHILD, with(8));
        two.put(OTHER, with(9));
        assertThat(TokenTables.ids(tokens)).containsExactly(ROOT);
        assertThat(tokens.get(ROOT)).isEqualTo(with(1));
        assertThat(TokenTables.ids(one)).containsExactly(ROOT, CHILD);
        assertThat(one.get(ROOT)).isEqualTo(with(7));
        assertThat(TokenTables.ids(two)).containsExactly(ROOT, OTHER);
        assertThat(two.get(ROOT)).isEqualTo(with(1));
        assertThat(two.get(OTHER)).isEqualTo(with(9));
    }

    @Test
    void copyOfACopy_thatLearnedOfAToken_learnsOfMore() {
        tokens.put(ROOT, with(1));
        TokenTable one = tokens.copy();
        one.put(CHILD, with(2));
        TokenTable two = one.copy();
        two.put(OTHER, with(3));
        two.put(CHILD, with(4));
        assertThat(TokenTables.ids(one)).containsExactly(ROOT, CHILD);
        assertThat(records(one)).containsExactly(with(1), with(2));
        assertThat(TokenTables.ids(two)).containsExactly(ROOT, CHILD, OTHER);
        assertThat(records(two)).containsExactly(with(1), with(4), with(3));
    }
}
