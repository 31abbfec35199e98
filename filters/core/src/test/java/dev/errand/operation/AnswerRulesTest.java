package dev.errand.operation;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Below which paths answers are searched for the credential that the gateway sent. */
class AnswerRulesTest {
    private static final String OPERATIONS = """
            operations:
              - {id: any, match: {method: GET, path: "/{path+}"}, effect: read, resource: "{path}"}
              - {id: folder, match: {method: GET, path: "/{path+}/"}, effect: read, resource: "{path}"}
              - {id: specs, match: {method: GET, path: "/sys/internal/specs/openapi"}, effect: read, answer: large}
            """;

    private static OperationCatalogue api(String lines) {
        return catalogue("resolver: template\nbase-path: /v1\n" + lines + OPERATIONS);
    }

    private static boolean searched(OperationCatalogue catalogue, String path) {
        return ((Resolution.Resolved) catalogue.resolve(request("GET", path))).searched();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/auth/token/lookup-self",
                "/v1/sys/health",
                "/v1/SYS/health",
                "/v1/sys/",
                "/v1/auth%2Ftoken",
                "/v1//auth/token",
                "/v1/%61uth/token"
            })
    void pathsOfVault_areSearched_inEverySpelling(String path) {
        String spelling = "normalise: {encoded-slash: literal, empty-segments: literal}\n";
        assertThat(searched(api("catalogue: vault\n" + spelling), path)).isTrue();
        assertThat(searched(api("catalogue: bao\nrefusals: vault\n" + spelling), path))
                .isTrue();
        assertThat(searched(api("catalogue: vault\n" + spelling).as("other"), path.replace("//", "/")))
                .isTrue();
        assertThat(searched(api("catalogue: bao\n" + spelling), path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/secret/data/a",
                "/v1/authors/a",
                "/v1/secret/auth",
                "/v1/secret/sys",
                "/v1/sys/internal/specs/openapi"
            })
    void otherPathsOfVault_areNot(String path) {
        assertThat(searched(api("catalogue: vault\n"), path)).isFalse();
    }

    /** A base path that is not declared, a namespace, or a mount may stand before them. */
    @Test
    void pathsOfVault_areSearched_behindOtherSegments() {
        OperationCatalogue bare = catalogue("catalogue: vault\nresolver: template\n" + OPERATIONS);
        assertThat(searched(bare, "/v1/auth/token/lookup-self")).isTrue();
        assertThat(searched(bare, "/v1/team/AUTH/token/lookup-self")).isTrue();
        assertThat(searched(bare, "/v1/sys/")).isTrue();
        assertThat(searched(bare, "/v1/secret/data/sys")).isFalse();
        OperationCatalogue vault = api("catalogue: vault\nnormalise: {encoded-slash: literal}\n");
        assertThat(searched(vault, "/v1/team/auth/token/lookup-self")).isTrue();
        assertThat(searched(vault, "/v1/team%2Fauth%2Ftoken")).isTrue();
    }

    @Test
    void credentialPaths_addToThoseOfVault() {
        OperationCatalogue vault = api("catalogue: vault\ncredential-paths: [identity/oidc/]\n");
        assertThat(searched(vault, "/v1/identity/oidc/token")).isTrue();
        assertThat(searched(vault, "/v1/identity/entity")).isFalse();
        assertThat(searched(vault, "/v1/auth/token")).isTrue();
        OperationCatalogue other = api("catalogue: other\ncredential-paths: me/\n");
        assertThat(searched(other, "/v1/me/token")).isTrue();
        assertThat(searched(other, "/v1/auth/token")).isFalse();
    }

    @Test
    void formOfVault_searchesAsVaultDoes() {
        assertThat(searched(api("catalogue: bao\nrefusals: vault\n"), "/v1/auth/token"))
                .isTrue();
        assertThat(searched(api("catalogue: bao\nrefusals: oci\n"), "/v1/auth/token"))
                .isFalse();
    }
}
