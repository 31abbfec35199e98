package dev.errand.token;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HolderTest {
    private static final KeyThumbprint KEY = new KeyThumbprint("A".repeat(43));

    @Test
    void plainJson_ofAWorkload_isTheObject() {
        assertThat(new Holder(KEY, "spiffe://example.org/a b", true).plainJson())
                .isEqualTo(
                        "{\"jkt\":\"" + "A".repeat(43) + "\",\"sub\":\"spiffe://example.org/a b\",\"attested\":true}");
    }

    @Test
    void plainJson_withoutASubject_saysNull() {
        assertThat(new Holder(KEY, null, false).plainJson())
                .isEqualTo("{\"jkt\":\"" + "A".repeat(43) + "\",\"sub\":null,\"attested\":false}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\"b", "a\\b", "a\nb", "a\u007fb", "caf\u00e9", "a\u202eb", "\ud83d\ude00"})
    void plainJson_ofWhatAWriterMayEscape_isLeftToIt(String subject) {
        assertThat(new Holder(KEY, subject, true).plainJson()).isNull();
    }

    @Test
    void plainJson_ofWhatARecordCutsOff_isLeftToIt() {
        assertThat(new Holder(KEY, "a".repeat(512), true).plainJson()).contains("a".repeat(512));
        assertThat(new Holder(KEY, "a".repeat(513), true).plainJson()).isNull();
    }

    @Test
    void equals_byAllThree() {
        Holder holder = new Holder(KEY, "a", true);
        assertThat(holder).isEqualTo(new Holder(KEY, "a", true)).hasSameHashCodeAs(new Holder(KEY, "a", true));
        assertThat(holder)
                .isNotEqualTo(new Holder(KEY, "a", false))
                .isNotEqualTo(new Holder(KEY, null, true))
                .isNotEqualTo(new Holder(new KeyThumbprint("B".repeat(43)), "a", true));
    }
}
