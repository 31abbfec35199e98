package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.config.Faults;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Requests;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A header that must stand once and stands twice. Some servers read the first value, some the last. */
class RepeatedHeadersTest {
    private static final OperationCatalogue OWN = Requests.catalogue("""
            catalogue: api
            resolver: template
            headers: {pass: [X-Vault-Namespace, X-Real-IP]}
            operations:
              - {id: one, match: {method: POST, path: /one}, effect: write, params: {tag: "header:X-Tag"}}
            """);

    private static List<OperationCatalogue> catalogues() {
        return List.copyOf(CatalogueLoader.load(Checkout.path("config/operations"), new Faults())
                .byName()
                .values());
    }

    private static String refusal(OperationCatalogue catalogue, String... headers) {
        return catalogue.refuse("POST", "/v1/x", Requests.headers(headers)).orElse("");
    }

    @ParameterizedTest
    @MethodSource("catalogues")
    void contentTypeTwice_isMalformed_onEveryCatalogue(OperationCatalogue catalogue) {
        assertThat(refusal(catalogue, "Content-Type", "application/json")).isEmpty();
        for (String second : List.of("application/apply-patch+yaml", "application/json", "")) {
            assertThat(refusal(catalogue, "Content-Type", "application/json", "Content-Type", second))
                    .as(catalogue.name())
                    .startsWith("the header content-type is given twice");
        }
        assertThat(refusal(catalogue, "Content-Type", "application/json", "content_type", "text/plain"))
                .startsWith("the header content-type is given twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-amz-copy-source",
                "x-amz-copy-source-range",
                "X-Amz-Copy-Source-If-Match",
                "x-amz-acl",
                "x-amz-metadata-directive",
                "x-amz-object-lock-mode",
                "x-amz-content-sha256",
                "Mcp-Method",
                "Mcp-Name",
                "mcp-session-id"
            })
    void headerThatSelectsTheOperation_twice_isMalformed_onEveryCatalogueThatPassesIt(String name) {
        List<OperationCatalogue> passing = catalogues().stream()
                .filter(catalogue -> catalogue.headers().of(name).passes())
                .toList();
        assertThat(passing).isNotEmpty();
        for (OperationCatalogue catalogue : passing) {
            assertThat(refusal(catalogue, name, "a")).as(catalogue.name()).isEmpty();
            assertThat(refusal(catalogue, name, "a", name, "b"))
                    .as(catalogue.name())
                    .isNotEmpty();
        }
    }

    @Test
    void headerThatACatalogueLetsPass_twice_isMalformed_whereItChangesWhatTheServerDoes() {
        assertThat(refusal(OWN, "X-Vault-Namespace", "a")).isEmpty();
        assertThat(refusal(OWN, "X-Vault-Namespace", "a", "X-Vault-Namespace", "b"))
                .isNotEmpty();
        assertThat(refusal(OWN, "X-Vault-Namespace", "a", "X_Vault_Namespace", "a"))
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Accept",
                "Cache-Control",
                "X-Amz-Meta-Owner",
                "x-amz-object-attributes",
                "X-Own",
                "X-Remote-User",
                "X-Anything",
                "If-Match"
            })
    void headerThatIsAListOrIsNotSentOn_mayStandTwice(String name) {
        assertThat(refusal(OWN, name, "a", name, "b")).isEmpty();
    }

    /** A media type is one value. Two on one line are read as the first by some servers, and as the last by others. */
    @ParameterizedTest
    @ValueSource(strings = {"application/x-www-form-urlencoded, application/a+json", "application/json, text/plain"})
    void bodyOfTwoMediaTypes_isNotRead(String type) {
        OperationCatalogue catalogue = Requests.catalogue("""
                catalogue: api
                resolver: template
                operations:
                  - {id: one, match: {method: POST, path: /one}, effect: write, params: {ref: "body:/ref"}}
                """);
        assertThat(Requests.outcome(
                        catalogue, Requests.withBody("POST", "/one", "{\"ref\":\"a\"}", "Content-Type", type)))
                .isEqualTo("malformed");
        assertThat(Requests.outcome(
                        catalogue,
                        Requests.withBody("POST", "/one", "{\"ref\":\"a\"}", "Content-Type", "application/a+json")))
                .isEqualTo("api:one on one");
    }
}
