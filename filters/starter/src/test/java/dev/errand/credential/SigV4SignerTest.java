package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.upstream.OutgoingRequest;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** What the signature says of a body; {@code SigV4IT} has a server that checks it. */
class SigV4SignerTest {
    private static final AwsCredentialsIdentity IDENTITY = AwsCredentialsIdentity.create("gateway", "secret");

    private static Map<String, String> signed(String service, byte @Nullable [] content, boolean streams) {
        OutgoingRequest request =
                new OutgoingRequest("POST", URI.create("https://search.example.org/a"), Map.of(), content, streams);
        return new SigV4Signer("eu-central-1", service).sign(request, IDENTITY);
    }

    @Test
    void bodyThatStreams_isSignedForS3Only() {
        assertThat(signed("s3", null, true)).containsEntry("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        assertThatThrownBy(() -> signed("es", null, true))
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageContaining("'es' needs the hash of the body");
    }

    @Test
    void bodyThatWasRead_orNoBody_isSigned() {
        assertThat(signed("es", new byte[] {'a', 'b', 'c'}, false)).containsKey("Authorization");
        assertThat(signed("es", null, false)).containsKey("Authorization");
    }
}
