package dev.errand.issuer.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ErrandProperties;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What the pages tell the identity provider. */
class PageConfigurationTest {
    /** RFC 8707 section 2: a resource is an absolute URI without a fragment. An audience may be any text. */
    @ParameterizedTest
    @CsvSource({
        ",,https://gateway.example.org/approvals",
        "urn:approvals,,urn:approvals",
        "8c1f6e4e-0f7a-4a51-9a3c-2f6b6c1f5d10,,",
        "approvals,,",
        "https://a.example.org/#x,,",
        ",none,",
        "approvals,https://b.example.org/,https://b.example.org/"
    })
    void resource_isAskedForWhereTheAudienceIsOne(String audience, String configured, String asked) {
        Map<String, String> keys = new HashMap<>(Map.of(
                "errand.directory", "/tmp",
                "errand.issuer", "https://gateway.example.org",
                "errand.console.login.issuer", "https://idp.example.org",
                "errand.console.login.client-id", "approvals"));
        if (audience != null) {
            keys.put("errand.approvals.audience", audience);
        }
        if (configured != null) {
            keys.put("errand.console.login.resource", configured);
        }
        ErrandProperties properties = new Binder(new MapConfigurationPropertySource(keys))
                .bind("errand", ErrandProperties.class)
                .get();

        assertThat(PageConfiguration.client(properties).resource()).isEqualTo(asked);
    }
}
