package dev.errand.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.delegation.TokenId;
import java.util.List;
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

    @Test
    void token_keepsThePlaceThatItWasFirstGiven() {
        tokens.put(ROOT, with(1));
        tokens.put(CHILD, with(2));
        tokens.put(ROOT, with(3));
        assertThat(tokens.ids()).containsExactly(ROOT, CHILD);
        assertThat(tokens.records()).containsExactly(with(3), with(2));
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
        assertThat(tokens.ids()).containsExactly(ROOT);
        assertThat(tokens.get(ROOT)).isEqualTo(with(1));
        assertThat(one.ids()).containsExactly(ROOT, CHILD);
        assertThat(one.get(ROOT)).isEqualTo(with(7));
        assertThat(two.ids()).containsExactly(ROOT, OTHER);
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
        assertThat(one.ids()).containsExactly(ROOT, CHILD);
        assertThat(one.records()).containsExactly(with(1), with(2));
        assertThat(two.ids()).containsExactly(ROOT, CHILD, OTHER);
        assertThat(two.records()).containsExactly(with(1), with(4), with(3));
    }
}
