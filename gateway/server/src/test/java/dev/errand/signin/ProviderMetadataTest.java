package dev.errand.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.trust.LiveDocument.MalformedDocumentException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken of a provider's document. */
class ProviderMetadataTest {
    private static final String GOOD =
            "{\"issuer\":\"https://i\",\"authorization_endpoint\":\"https://i/a\",\"token_endpoint\":\"https://i/t\"}";

    private static ProviderMetadata parse(String document) throws MalformedDocumentException {
        return ProviderMetadata.parse("https://i", document.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void document_tellsTheEndpoints() throws Exception {
        ProviderMetadata metadata = parse(GOOD);
        assertThat(metadata.authorization()).hasToString("https://i/a");
        assertThat(metadata.token()).hasToString("https://i/t");
        assertThat(metadata.origin()).isEqualTo("https://i");
        assertThat(metadata.namesIssuer()).isFalse();
        assertThat(metadata.basic()).isTrue();
    }

    @Test
    void document_tellsHowClientsAuthenticate() throws Exception {
        assertThat(parse(GOOD.replaceFirst(
                                "\\{", "{\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"],"))
                        .basic())
                .isFalse();
        assertThat(parse(GOOD.replaceFirst("\\{", "{\"authorization_response_iss_parameter_supported\":true,"))
                        .namesIssuer())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"issuer\":\"https://j\",\"authorization_endpoint\":\"https://i/a\",\"token_endpoint\":\"https://i/t\"}",
                "{\"issuer\":\"https://i\",\"authorization_endpoint\":\"https://i/a\"}",
                "{\"issuer\":\"https://i\",\"authorization_endpoint\":\"http://i/a\",\"token_endpoint\":\"https://i/t\"}",
                "{\"issuer\":\"https://i\",\"authorization_endpoint\":\"https://i/a\",\"token_endpoint\":\"ht tp\"}"
            })
    void otherDocuments_areRefused(String document) {
        assertThatThrownBy(() -> parse(document)).isInstanceOf(MalformedDocumentException.class);
    }
}
