package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.errand.state.StoreUnavailableException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class MacSealTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final byte[] KEY = bytes("{t-1}");
    private static final byte[] VALUE = bytes("a record of a task");

    private final AtomicReference<List<SecretKey>> secrets = new AtomicReference<>(List.of(secret(1)));
    private final Seal seal = new MacSeal(secrets::get);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static SecretKey secret(int fill) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) fill);
        return new SecretKeySpec(secret, "HmacSHA256");
    }

    private void refused(byte[] key, byte[] stored) {
        assertThatThrownBy(() -> seal.open(key, stored, 0)).isInstanceOf(StoreUnavailableException.class);
    }

    /** RFC 5869 appendix A, cases 1 and 3. */
    @Test
    void hkdf_isThatOfTheStandard() {
        byte[] secret = HexFormat.of().parseHex("0b".repeat(22));
        assertThat(HexFormat.of()
                        .formatHex(Hkdf.derive(
                                secret,
                                HexFormat.of().parseHex("000102030405060708090a0b0c"),
                                HexFormat.of().parseHex("f0f1f2f3f4f5f6f7f8f9"),
                                42)))
                .isEqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
        assertThat(HexFormat.of().formatHex(Hkdf.derive(secret, new byte[0], new byte[0], 42)))
                .isEqualTo("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    }

    @Test
    void sealed_isOpenedUnderItsKeyAlone() {
        byte[] sealed = seal.seal(KEY, VALUE);
        assertThat(sealed).hasSize(VALUE.length + 17).startsWith(Seal.MARK);
        assertThat(seal.open(KEY, sealed, 0)).isEqualTo(VALUE);
        refused(bytes("{t-2}"), sealed);
        refused(bytes("{t-1}p:q"), sealed);
    }

    @Test
    void anyChangedByte_isRefused() {
        byte[] sealed = seal.seal(KEY, VALUE);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            refused(KEY, changed);
            refused(KEY, Arrays.copyOf(sealed, i));
        }
        refused(KEY, VALUE);
    }

    @Test
    void theEndOfAKey_isNotTheBeginOfAValue() {
        byte[] one = seal.seal(bytes("ab"), bytes("c"));
        byte[] other = seal.seal(bytes("a"), bytes("bc"));
        assertThat(Arrays.copyOf(one, 17)).isNotEqualTo(Arrays.copyOf(other, 17));
    }

    @Test
    void changedSecrets_areTakenUp_andOlderOnesStillOpen() {
        byte[] before = seal.seal(KEY, VALUE);
        secrets.set(List.of(secret(2), secret(1)));
        byte[] after = seal.seal(KEY, VALUE);
        assertThat(after).isNotEqualTo(before);
        assertThat(seal.open(KEY, before, 0)).isEqualTo(VALUE);
        assertThat(seal.open(KEY, after, 0)).isEqualTo(VALUE);
        secrets.set(List.of(secret(2)));
        refused(KEY, before);
        assertThat(seal.open(KEY, after, 0)).isEqualTo(VALUE);
    }

    @Test
    void unsigned_isRefused_andAValueOfAnotherSecretToo() {
        refused(KEY, VALUE);
        refused(KEY, new MacSeal(() -> List.of(secret(9))).seal(KEY, VALUE));
    }

    /** As when the key files of two replicas differ: every call of a task meets such a value. */
    @Test
    void aValueOfAnotherSecret_isLoggedOnceAMinute_withoutControlCharacters() {
        Logger log = (Logger) LoggerFactory.getLogger(MacSeal.class);
        ListAppender<ILoggingEvent> written = new ListAppender<>();
        written.start();
        log.addAppender(written);
        try {
            byte[] other = new MacSeal(() -> List.of(secret(9))).seal(KEY, VALUE);
            refused(bytes("{t-1}\n"), other);
            refused(KEY, other);
            assertThat(seal.open(KEY, seal.seal(KEY, VALUE), 0)).isEqualTo(VALUE);
        } finally {
            log.detachAppender(written);
        }
        assertThat(written.list).hasSize(1);
        assertThat(written.list.get(0).getFormattedMessage())
                .contains("{t-1}", "the replicas' key files differ, or a stranger writes to the store")
                .doesNotContain("\n");
    }

    @Test
    void withoutASecret_nothingIsSealed_andSealedValuesAreRead() {
        byte[] sealed = seal.seal(KEY, VALUE);
        secrets.set(List.of());
        assertThat(seal.seal(KEY, VALUE)).isEqualTo(VALUE);
        assertThat(seal.open(KEY, sealed, 0)).isEqualTo(VALUE);
    }

    /** A call seals its record. In the thread's own processor time; the bound is loose all the same. */
    @Test
    void seal_ofARecord_takesLittle() {
        byte[] record = new byte[200];
        List<Double> micros = new ArrayList<>();
        long sum = 0;
        for (int round = 0; round < 20; round++) {
            long began = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < 20_000; i++) {
                sum += seal.seal(KEY, record)[3];
            }
            micros.add((THREADS.getCurrentThreadCpuTime() - began) / 1000.0 / 20_000);
        }
        micros.sort(null);
        System.out.printf("sealing %d bytes: %.2f us (%d)%n", record.length, micros.get(5), sum);
        assertThat(micros.get(0)).isLessThan(5);
    }
}
