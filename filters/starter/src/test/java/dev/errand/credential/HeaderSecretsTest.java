package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a header's value is looked for in answers. */
class HeaderSecretsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hvs.CAESIabc                                                                        | hvs.CAESIabc
            Bearer eyJhbGciOi.payload.signature                                                 | eyJhbGciOi.payload.signature
            token   ghp_abc                                                                     | ghp_abc
            AWS4-HMAC-SHA256 Credential=AKIA/20261201/a/s3/aws4_request, SignedHeaders=host, Signature=0a1b | 0a1b
            Basic not*base64                                                                    | not*base64
            """)
    void value_withoutItsScheme(String value, String secret) {
        assertThat(HeaderSecrets.of(value)).containsExactly(secret);
    }

    @Test
    void basic_isTheWholeAndALongPassword() {
        String both = Base64.getEncoder().encodeToString("user:0123456789abcdef".getBytes(StandardCharsets.UTF_8));
        assertThat(HeaderSecrets.of("Basic " + both)).containsExactly(both, "0123456789abcdef");
        String brief = Base64.getEncoder().encodeToString("user:short".getBytes(StandardCharsets.UTF_8));
        assertThat(HeaderSecrets.of("basic " + brief)).containsExactly(brief);
    }

    /** A file's secret may have a space: only the configured prefix is no part of it. */
    @Test
    void headerOfAFile_isWithoutItsPrefix() {
        assertThat(new FileHeaderCredential("X-Key", "", Path.of("x")).secrets("correct horse battery"))
                .containsExactly("correct horse battery");
        assertThat(new FileHeaderCredential("X-Key", "key=", Path.of("x")).secrets("key=a b"))
                .containsExactly("a b");
        assertThat(new FileHeaderCredential("Authorization", "Bearer ", Path.of("x")).secrets("Bearer a.b.c"))
                .containsExactly("a.b.c");
        assertThat(new FileHeaderCredential("Authorization", "", Path.of("x")).secrets("GenieKey abc"))
                .containsExactly("abc");
    }
}
