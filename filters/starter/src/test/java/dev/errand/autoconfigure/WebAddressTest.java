package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.config.ConfigurationException;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://bao.example.org",
                "http://bao.example.org:8200",
                "HTTPS://bao:1",
                "https://bao:65535/",
                "https://bao/vault/",
                "https://[::1]:8200",
                "http://my_vault:8200"
            })
    void parseServer_anAddress_isIt(String value) {
        assertThat(WebAddress.parseServer("url", value)).isEqualTo(URI.create(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bao",
                "bao:8200",
                "/bao",
                "ftp://bao",
                "https:bao",
                "https:///bao",
                "https://bao:",
                "https://bao:0",
                "https://bao:65536",
                "https://bao:p",
                "https://[bao",
                "https://b ao"
            })
    void parseServer_noAddress_isRefusedByName(String value) {
        assertThatThrownBy(() -> WebAddress.parseServer("url", value))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("url: '" + value + "' must be https://host[:port][/path] or http://host[:port][/path]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://u:s3cret@bao",
                "u:s3cret@bao:8200",
                "https:u:s3cret@bao",
                "https:///u:s3cret@bao",
                "https:\\\\u:s3cret@bao",
                "https://u:s3/cret@bao",
                "https://u:s3cret%40bao",
                "https://u:12/s3cret@bao",
                "https://bao?token=s3cret",
                "https://bao#s3cret"
            })
    void parseServer_whatHoldsASecret_isRefusedWithoutIt(String value) {
        assertThatThrownBy(() -> WebAddress.parseServer("url", value))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("url: ")
                .hasMessageNotContainingAny("s3", "cret");
        assertThatThrownBy(() -> WebAddress.parse("url", value.replace("https://", "http://"), "https://…"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageNotContainingAny("s3", "cret");
    }
}
