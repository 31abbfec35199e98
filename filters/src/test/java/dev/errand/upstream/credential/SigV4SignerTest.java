package dev.errand.upstream.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.upstream.OutgoingRequest;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** What the signature says of a body; {@code SigV4IT} has a server that checks it. */
class SigV4SignerTest {
    private static final AwsCredentialsIdentity IDENTITY = AwsCredentialsIdentity.create("gateway", "secret");
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static Map<String, String> signed(
            String service, Map<String, List<String>> headers, byte @Nullable [] content) {
        OutgoingRequest request =
                new OutgoingRequest("POST", URI.create("https://search.example.org/a"), headers, content);
        return new SigV4Signer("eu-central-1", service).sign(request, IDENTITY);
    }

    @ParameterizedTest
    @CsvSource({"content-length, 3", "transfer-encoding, chunked"})
    void bodyThatStreams_isSignedForS3Only(String name, String value) {
        Map<String, List<String>> headers = Map.of(name, List.of(value));
        assertThat(signed("s3", headers, null)).containsEntry("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        assertThatThrownBy(() -> signed("es", headers, null))
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageContaining("'es' needs the hash of the body");
        assertThat(signed("es", headers, new byte[] {'a', 'b', 'c'})).containsKey("Authorization");
    }

    @Test
    void noBody_isSignedAsEmpty() {
        Map<String, String> none = signed("es", Map.of("content-length", List.of("0")), null);
        assertThat(none).containsKey("Authorization");
        assertThat(signed("es", Map.of(), null).keySet()).isEqualTo(none.keySet());
        assertThat(none.getOrDefault("x-amz-content-sha256", EMPTY)).isEqualTo(EMPTY);
    }
}
