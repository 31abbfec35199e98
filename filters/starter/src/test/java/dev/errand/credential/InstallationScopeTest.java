package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.upstream.GrantedOperation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstallationScopeTest {
    private static final String EXACT = "{\"constraint_type\":\"exact\",\"value\":\"%s\"}";

    private static GrantedOperation operation(String id, String resource, String... permissions) throws Exception {
        JsonObject arguments = resource == null
                ? JsonObject.EMPTY
                : Json.parseObject(("{\"resource\":" + resource + "}").getBytes(StandardCharsets.UTF_8));
        return new GrantedOperation("github:" + id, Set.copyOf(Arrays.asList(permissions)), arguments);
    }

    private static InstallationScope scope(GrantedOperation... granted) {
        return ((InstallationScope.Outcome.Scope) InstallationScope.of(List.of(granted), false)).scope();
    }

    private static String why(boolean placeholders, GrantedOperation... granted) {
        return InstallationScope.of(List.of(granted), placeholders) instanceof InstallationScope.Outcome.None none
                ? none.why()
                : "";
    }

    @Test
    void of_exactRepositories_isTheirNames_andTheHighestLevelOfEachPermission() throws Exception {
        InstallationScope scope = scope(
                operation("issues/get", EXACT.formatted("Acme/App/17"), "issues:read"),
                operation("issues/create-comment", EXACT.formatted("acme/app/17"), "issues:write"),
                operation("repos/get", EXACT.formatted("acme/lib"), "metadata:read"),
                operation("x", EXACT.formatted("acme/lib"), "contents:write", "workflows:write"));
        assertThat(scope.repositories()).containsExactlyInAnyOrder("app", "lib");
        assertThat(scope.permissions())
                .isEqualTo(Map.of("issues", "write", "metadata", "read", "contents", "write", "workflows", "write"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"constraint_type":"exact","value":"acme/app"}                                                              | app
            {"constraint_type":"one_of","values":["acme/app","acme/lib/3"]}                                             | app lib
            {"constraint_type":"path_containment","root":"acme/app"}                                                    | app
            {"constraint_type":"path_containment","root":"acme/app/src"}                                                | app
            {"constraint_type":"all","constraints":[{"constraint_type":"wildcard"},{"constraint_type":"exact","value":"acme/app"}]} | app
            {"constraint_type":"any","constraints":[{"constraint_type":"exact","value":"acme/a"},{"constraint_type":"exact","value":"acme/b"}]} | a b
            {"constraint_type":"any","constraints":[{"constraint_type":"exact","value":"acme/a"},{"constraint_type":"wildcard"}]} |
            {"constraint_type":"all","constraints":[{"constraint_type":"not_one_of","values":["acme/a"]}]}              |
            {"constraint_type":"wildcard"}                                                                              |
            {"constraint_type":"not_one_of","values":["acme/app"]}                                                      |
            {"constraint_type":"path_containment","root":"acme"}                                                        |
            {"constraint_type":"exact","value":"acme"}                                                                  |
            {"constraint_type":"exact","value":"acme/"}                                                                 |
            {"constraint_type":"exact","value":"/acme/app"}                                                             |
            {"constraint_type":"exact","value":17}                                                                      |
            {"constraint_type":"one_of","values":["acme/app",17]}                                                       |
            {"constraint_type":"range","min":1,"max":2}                                                                 |
            {"constraint_type":"exact"}                                                                                 |
            "acme/app"                                                                                                  |
            """)
    void of_eachConstraint(String constraint, String repositories) throws Exception {
        GrantedOperation granted = operation("issues/get", constraint, "issues:read");
        if (repositories == null) {
            assertThat(why(false, granted)).startsWith("grants github:issues/get without naming its repositories");
        } else {
            assertThat(scope(granted).repositories()).containsExactlyInAnyOrder(repositories.split(" "));
        }
    }

    @Test
    void of_oneOperationWithoutRepositories_isNone() throws Exception {
        GrantedOperation good = operation("issues/get", EXACT.formatted("acme/app"), "issues:read");
        assertThat(why(false, good, operation("pulls/list", null, "pull_requests:read")))
                .startsWith("grants github:pulls/list without naming its repositories");
        assertThat(why(false, good, operation("repos/get", EXACT.formatted("other/app"), "metadata:read")))
                .isEqualTo("grants repositories of several owners (acme, other), and an installation has one");
        assertThat(why(false)).isEqualTo("grants no operation that needs a permission");
    }

    @Test
    void of_tooManyRepositories_isNone() throws Exception {
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < 501; i++) {
            values.append(i == 0 ? "" : ",").append("\"acme/r").append(i).append('"');
        }
        assertThat(why(
                        false,
                        operation(
                                "issues/get",
                                "{\"constraint_type\":\"one_of\",\"values\":[" + values + "]}",
                                "issues:read")))
                .isEqualTo("grants more than 500 repositories");
    }

    /** A placeholder of a template stands for a value that only a start knows. */
    @ParameterizedTest
    @CsvSource({"acme/{repo},true", "'{repository}',true", "'{repository}/src',true", "acme,false"})
    void of_template_hasPlaceholders(String resource, boolean good) throws Exception {
        assertThat(why(true, operation("issues/get", EXACT.formatted(resource), "issues:read"))
                        .isEmpty())
                .isEqualTo(good);
        assertThat(why(
                                true,
                                operation(
                                        "issues/get",
                                        "{\"constraint_type\":\"one_of\",\"values\":\"{repos}\"}",
                                        "issues:read"))
                        .isEmpty())
                .isTrue();
    }
}
