package dev.errand.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenIdTest {
    private static final byte[] INPUT = "header.payload".getBytes(StandardCharsets.US_ASCII);

    @Test
    void copyTo_writesTheDigest_fromWhichTheSameIdIsMade() {
        TokenId id = TokenId.ofSigningInput(INPUT);
        byte[] out = new byte[TokenId.SHA256_BYTES + 2];
        id.copyTo(out, 1);
        byte[] digest = Arrays.copyOfRange(out, 1, 1 + TokenId.SHA256_BYTES);

        assertThat(id.isSha256()).isTrue();
        assertThat(out[0] | out[out.length - 1]).isZero();
        assertThat(TokenId.ofSha256(digest)).isEqualTo(id).hasSameHashCodeAs(id);
        assertThat(new TokenId(id.hash())).isEqualTo(id);
    }

    @Test
    void ofSha256_keepsNothingOfTheCallersArray() {
        byte[] digest = new byte[TokenId.SHA256_BYTES];
        TokenId id = TokenId.ofSha256(digest);
        digest[0] = 1;
        byte[] out = new byte[TokenId.SHA256_BYTES];
        id.copyTo(out, 0);
        assertThat(out).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root",
                "",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", // bits are left over
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", // one too few
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A",
                "+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" // of base64, not base64url
            })
    void anyOtherText_isAnIdButNoDigest(String text) {
        TokenId id = new TokenId(text);
        assertThat(id.hash()).isEqualTo(text);
        assertThat(id.isSha256()).isFalse();
        assertThatThrownBy(() -> id.copyTo(new byte[32], 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void ofSha256_ofAnotherLength_isRefused() {
        assertThatThrownBy(() -> TokenId.ofSha256(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }
}
