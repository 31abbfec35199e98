package dev.errand.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HoldersTest {
    private static final KeyThumbprint A = new KeyThumbprint("A".repeat(43));
    private static final KeyThumbprint B = new KeyThumbprint("B".repeat(43));
    private static final Holder ROOT = new Holder(A, "spiffe://x/a", true);
    private static final Holder LEAF = new Holder(B, null, false);

    @Test
    void plainJson_isTheArrayOfThem() {
        assertThat(Holders.of(List.of(ROOT, LEAF)).plainJson())
                .isEqualTo("[{\"jkt\":\"" + A.value() + "\",\"sub\":\"spiffe://x/a\",\"attested\":true},{\"jkt\":\""
                        + B.value() + "\",\"sub\":null,\"attested\":false}]");
        assertThat(Holders.NONE.plainJson()).isEqualTo("[]");
    }

    @Test
    void plainJson_oneThatWritersMaySpellDifferently_isNull() {
        assertThat(Holders.of(List.of(ROOT, new Holder(B, "caf\u00e9", false))).plainJson())
                .isNull();
    }

    @Test
    void withAttestedLeaf_changesTheLastOnly() {
        Holders before = Holders.of(List.of(ROOT, LEAF));
        assertThat(before.withAttestedLeaf().list()).containsExactly(ROOT, new Holder(B, null, true));
        assertThat(before.list()).containsExactly(ROOT, LEAF);
        assertThat(before.withAttestedLeaf()).isSameAs(before.withAttestedLeaf());
        Holders root = Holders.of(List.of(ROOT));
        assertThat(root.withAttestedLeaf()).isSameAs(root);
        assertThatThrownBy(Holders.NONE::withAttestedLeaf).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void weight_isAtLeastThatOfTheTextsThatAreKept() {
        Holders holders = Holders.of(List.of(ROOT, LEAF));
        int text = holders.plainJson().length();
        assertThat(holders.weight()).isGreaterThan(2 * text).isLessThan(10 * text);
        assertThat(Holders.of(List.of(ROOT)).weight()).isLessThan(holders.weight());
    }

    @Test
    void of_keepsNothingOfTheCallersList() {
        List<Holder> list = new ArrayList<>(List.of(ROOT));
        Holders holders = Holders.of(list);
        list.clear();
        assertThat(holders).isEqualTo(Holders.of(List.of(ROOT))).hasSameHashCodeAs(Holders.of(List.of(ROOT)));
        assertThat(holders).isNotEqualTo(Holders.NONE);
    }
}
