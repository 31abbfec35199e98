package dev.errand.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class SecretSealTest {
    private static final byte[] CONTEXT = "task".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SECRET = "hvs.secret".getBytes(StandardCharsets.US_ASCII);
    private static final SecretKey ONE = key(1);
    private static final SecretKey TWO = key(2);

    private static SecretKey key(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return new SecretKeySpec(bytes, "HmacSHA256");
    }

    private static SecretSeal seal(SecretKey... keys) {
        return new SecretSeal(() -> List.of(keys));
    }

    @Test
    void open_givesTheSecret_andTheSealHidesIt() {
        byte[] sealed = seal(ONE).seal(CONTEXT, SECRET);
        assertThat(seal(ONE).open(CONTEXT, sealed)).isEqualTo(SECRET);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
        assertThat(seal(ONE).seal(CONTEXT, SECRET)).as("another nonce").isNotEqualTo(sealed);
    }

    @Test
    void open_underAnotherContextKeyOrChange_isNothing() {
        byte[] sealed = seal(ONE).seal(CONTEXT, SECRET);
        assertThat(seal(ONE).open("other".getBytes(StandardCharsets.US_ASCII), sealed))
                .isNull();
        assertThat(seal(TWO).open(CONTEXT, sealed)).isNull();
        byte[] changed = sealed.clone();
        changed[changed.length - 1] ^= 1;
        assertThat(seal(ONE).open(CONTEXT, changed)).isNull();
        assertThat(seal(ONE).open(CONTEXT, new byte[3])).isNull();
    }

    @Test
    void open_afterARotation_triesEveryKey() {
        assertThat(seal(TWO, ONE).open(CONTEXT, seal(ONE).seal(CONTEXT, SECRET)))
                .isEqualTo(SECRET);
    }

    @Test
    void seal_withoutAKey_isImpossible() {
        assertThat(seal().isPossible()).isFalse();
        assertThatThrownBy(() -> seal().seal(CONTEXT, SECRET)).isInstanceOf(IllegalStateException.class);
    }
}
