package dev.errand.sequence.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.json.JsonValue.JsonString;
import dev.errand.sequence.rule.AnswerValues.Named;
import dev.errand.sequence.rule.AnswerValues.Taken;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnswerValuesTest {
    private static final byte[] KEY = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    private static Named claim(Object value) {
        return new Named("claims:list", "claim", Value.of(new JsonString(String.valueOf(value))));
    }

    private static List<Named> claims(int from, int to) {
        return IntStream.range(from, to).mapToObj(AnswerValuesTest::claim).toList();
    }

    @Test
    void has_isTheSameOperationNameAndValue() {
        AnswerValues values = AnswerValues.NONE.with(claims(0, 3), KEY).values();
        assertThat(values.has(claim(2))).isTrue();
        assertThat(values.has(claim(3))).isFalse();
        assertThat(values.has(new Named("claims:list", "customer", claim(2).value())))
                .isFalse();
        assertThat(values.has(new Named("claims:find", "claim", claim(2).value())))
                .isFalse();
        assertThat(AnswerValues.NONE.has(claim(2))).isFalse();
    }

    @Test
    void with_moreThanAreKept_dropsTheOldest_andOneReturnedAgainIsNewAgain() {
        AnswerValues full =
                AnswerValues.NONE.with(claims(0, AnswerValues.MAX), KEY).values();
        Taken again = full.with(List.of(claim(0), claim(0)), KEY);
        assertThat(again.taken()).isEqualTo(1);
        assertThat(again.dropped()).isZero();
        Taken more = again.values().with(List.of(claim("new")), KEY);
        assertThat(more.dropped()).isEqualTo(1);
        assertThat(more.values().size()).isEqualTo(AnswerValues.MAX);
        assertThat(more.values().has(claim(0))).isTrue();
        assertThat(more.values().has(claim(1))).isFalse();
        assertThat(more.values().has(claim(2))).isTrue();
    }

    @Test
    void with_anAnswerOfMoreThanAreKept_keepsItsLast() {
        Taken taken = AnswerValues.NONE.with(claims(-5, 0), KEY).values().with(claims(0, AnswerValues.MAX + 10), KEY);
        assertThat(taken.taken()).isEqualTo(AnswerValues.MAX);
        assertThat(taken.dropped()).isEqualTo(5);
        assertThat(taken.values().has(claim(9))).isFalse();
        assertThat(taken.values().has(claim(10))).isTrue();
    }

    @Test
    void with_aKeyThatIsThere_keepsIt() {
        AnswerValues first = AnswerValues.NONE.with(claims(0, 1), KEY).values();
        AnswerValues second = first.with(claims(1, 2), new byte[16]).values();
        assertThat(second.has(claim(0))).isTrue();
        assertThat(second.has(claim(1))).isTrue();
        assertThat(first.with(List.of(), KEY).values()).isSameAs(first);
    }

    @Test
    void write_isReadAsItWas_andNothingElseIs() {
        AnswerValues values = AnswerValues.NONE.with(claims(0, 100), KEY).values();
        byte[] written = values.write();
        assertThat(written).hasSize(16 + 8 * 100);
        AnswerValues read = AnswerValues.read(written);
        assertThat(read.has(claim(99))).isTrue();
        assertThat(read.write()).isEqualTo(written);
        assertThat(AnswerValues.read(new byte[0])).isSameAs(AnswerValues.NONE);
        assertThat(AnswerValues.NONE.write()).isEmpty();
        for (int length : new int[] {1, 15, 23, 16 + 8 * (AnswerValues.MAX + 1)}) {
            assertThatThrownBy(() -> AnswerValues.read(new byte[length])).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
