package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code errand check --operations}, and its warning about a constraint that no resource can satisfy. */
class OperationListingTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void configuration() throws IOException {
        Files.createDirectories(directory.resolve("operations"));
        Files.createDirectories(directory.resolve("tasks"));
        write("application.yaml", """
                spring.cloud.gateway.server.webflux:
                  default-filters: [TaskIdentity, DelegationChain, TaskLimits, TaskSequence, Provenance]
                  routes:
                    - {id: orders, uri: "http://127.0.0.1:8200", predicates: [Path=/orders/**], filters: [StripPrefix=1, OperationMapping=orders]}
                errand:
                  issuer: https://gateway.example.org
                  trust:
                    humans: [{issuer: "https://idp.example.org", jwks: "file:idp.jwks", audience: errand}]
                    workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
                """);
        write("idp.jwks", """
                {"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","use":"sig","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}
                """);
        write("operations/orders.yaml", """
                catalogue: orders
                resolver: template
                base-path: /v1
                import: [{openapi: orders.json}]
                operations:
                  - {id: item.list, match: [{method: GET, path: "/items", query: {view: full}, resource: "all"}, {method: [GET, POST], path: "/items/{shelf}/{path*}"}], effect: list, resource: "{shelf}/{path}", params: {limit: "query:number"}}
                """);
        write("operations/orders.json", """
                {"openapi": "3.0.0", "info": {"title": "o", "version": "1"}, "paths": {
                  "/orders/{id}": {"get": {"operationId": "getOrder", "parameters": [{"name": "expand", "in": "query", "schema": {"type": "string"}}]}},
                  "/orders/{id}/refund": {"post": {"operationId": "refund"}}}}
                """);
        template("orders/{order}", "orders/{order}/refund");
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    private void template(String read, String refund) throws IOException {
        write("tasks/refund.yaml", """
                template: refund
                agents: ["spiffe://example.org/agent/refund"]
                humans: {claim: groups, any: [support]}
                lifetime: 15m
                parameters: {order: "[0-9]{1,10}"}
                allow:
                  orders:getOrder: {resource: {exact: "%s"}, "*": {wildcard: true}}
                  orders:refund: {resource: {exact: "%s"}}
                """.formatted(read, refund));
    }

    private int check(String... words) {
        String[] all = new String[words.length + 3];
        all[0] = "check";
        all[1] = "--config";
        all[2] = directory.toString();
        System.arraycopy(words, 0, all, 3, words.length);
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }

    @Test
    void operations_areListedWithTheFormOfTheirResources() {
        assertThat(check("--operations")).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo("""
                GET       /v1/orders/{id}            orders:getOrder   unreviewed  resource orders/{id}
                GET       /v1/items?view=full        orders:item.list  list        resource all                 arguments limit
                GET,POST  /v1/items/{shelf}/{path*}  orders:item.list  list        resource {shelf}/{path*}     arguments limit
                POST      /v1/orders/{id}/refund     orders:refund     unreviewed  resource orders/{id}/refund
                """);
    }

    @Test
    void operations_ofAnUnknownCatalogue_areAFault() {
        assertThat(check("--operations", "order")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no catalogue 'order' in operations/; did you mean 'orders'?");
    }

    @Test
    void operations_areListedAlsoWhereATemplateHasAFault() throws IOException {
        template("orders/{ordr}", "orders/{order}/refund");
        assertThat(check("--operations", "orders")).isEqualTo(1);
        assertThat(out.toString()).contains("orders:refund");
        assertThat(err.toString()).contains("unknown parameter 'ordr'");
    }

    @Test
    void resource_thatNoCallCanHave_isAWarningWithTheForm() throws IOException {
        assertThat(check()).isZero();
        assertThat(err.toString()).doesNotContain("no call can have such a resource");
        template("{order}", "v1/orders/{order}/refund");
        assertThat(check()).isZero();
        assertThat(err.toString())
                .contains(
                        "tasks/refund.yaml:7:21: warning: no call can have such a resource: a resource of 'orders:getOrder' is"
                                + " a text of the form orders/{id}, which no value of this constraint has;")
                .contains(
                        "tasks/refund.yaml:8:19: warning: no call can have such a resource: a resource of 'orders:refund'");
        assertThat(check("--strict")).isEqualTo(1);
    }
}
