package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@code vault} command as HashiCorp ships it, against a real Vault, with the grants of the page on Vault. What the task
 * grants works. What it does not grant is refused, and the command ends with an error.
 */
@Tag("vault")
class VaultClientsIT {
    private static final Page PAGE = new Page("docs/operations/vault.md");

    @TempDir
    private static Path directory;

    private static VaultServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new VaultServer(directory);
        server.call("POST", "/v1/secret/data/other/db", "{\"data\":{\"password\":\"hidden\"}}");
        server.call("POST", "/v1/sys/mounts/transit", "{\"type\":\"transit\"}");
        server.call("POST", "/v1/transit/keys/app", "{\"type\":\"ed25519\"}");
        server.call("POST", "/v1/transit/keys/other", "{\"type\":\"ed25519\"}");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static Client vault(SigningProxy proxy) {
        return new Client(
                proxy,
                Map.of("HOME", directory.toString(), "VAULT_ADDR", proxy.address(), "VAULT_MAX_RETRIES", "0"),
                List.of(RealServer.program("vault", "vault/vault").toString()));
    }

    @Test
    void readWriteListDelete_workInsideTheirTask() throws Exception {
        int before = server.executed().size();
        try (FrontedServer fronted = Client.fronted("vault", server, PAGE.grants("# vault read, write, list, delete"));
                SigningProxy proxy = new SigningProxy(fronted, "/vault")) {
            Client vault = vault(proxy);
            Path value = Files.writeString(directory.resolve("value.json"), "{\"data\":{\"password\":\"p1\"}}");
            vault.succeeds("version", "write", "secret/data/app/db", "@" + value);
            vault.succeeds("p1", "read", "-format=json", "secret/data/app/db");
            vault.succeeds("p1", "read", "-field=data", "secret/data/app/db");
            vault.succeeds("db", "list", "secret/metadata/app");
            vault.succeeds("signature", "write", "transit/sign/app", "input=aGVsbG8=");
            vault.succeeds("deleted", "delete", "secret/data/app/db");
            assertThat(proxy.headers()).contains("x-vault-request");
            assertThat(Client.named(fronted))
                    .containsExactlyInAnyOrder(
                            "vault:kv.read",
                            "vault:kv.write",
                            "vault:kv.list",
                            "vault:kv.delete",
                            "vault:transit.sign");
            vault.fails("read", "secret/data/other/db");
            vault.fails("read", "secret/data/app/../other/db");
            vault.fails("write", "secret/data/other/db", "@" + value);
            vault.fails("list", "secret/metadata/other");
            vault.fails("list", "secret/metadata/");
            vault.fails("delete", "secret/data/other/db");
            vault.fails("delete", "secret/metadata/app/db");
            vault.fails("write", "transit/sign/other", "input=aGVsbG8=");
            vault.fails("read", "sys/policies/acl/root");
            vault.fails("token", "create");
            vault.fails("token", "lookup");
            vault.fails("operator", "seal");
            vault.fails("secrets", "list");
            vault.fails("status");
            vault.fails("login", "-no-store", "token");
            vault.fails("token", "renew");
            vault.fails("read", "-namespace=team", "secret/data/app/db");
            vault.fails("read", "-wrap-ttl=60s", "secret/data/app/db");
            Map<String, String> withToken = new HashMap<>(vault.environment());
            withToken.put("VAULT_TOKEN", "of-the-agent");
            new Client(proxy, withToken, vault.program()).fails("read", "secret/data/app/db");
            assertThat(fronted.gateway().records()).last().asString().contains("malformed-request");
            Client.executedIsNamed(fronted, server, before, VaultAudit::words);
            assertThat(server.call("GET", "/v1/secret/data/other/db", "").body())
                    .contains("hidden");
        }
    }

    @Test
    void kv_worksInsideThePagesTemplate_andNotOutsideIt() throws Exception {
        server.call("POST", "/v1/secret/data/ci/payments/db", "{\"data\":{\"password\":\"p1\"}}");
        int before = server.executed().size();
        try (FrontedServer fronted = FrontedServer.ofPage(
                        "vault",
                        server.uri(),
                        server.credential(),
                        PAGE,
                        "rotate-secret",
                        "{\"service\":\"payments\"}");
                SigningProxy proxy = new SigningProxy(fronted, "/vault")) {
            Client vault = vault(proxy);
            vault.succeeds("p1", "kv", "get", "-mount=secret", "ci/payments/db");
            vault.fails("kv", "get", "-mount=secret", "ci/other/db");
            vault.fails("kv", "list", "-mount=secret", "ci/payments");
            vault.fails("kv", "delete", "-mount=secret", "ci/payments/db");
            vault.succeeds("version", "kv", "put", "secret/ci/payments/db", "password=p2");
            vault.fails("kv", "get", "-mount=secret", "ci/payments/db");
            Client.executedIsNamed(fronted, server, before, VaultAudit::words);
            assertThat(server.call("GET", "/v1/secret/data/ci/payments/db", "").body())
                    .contains("p2");
        }
    }

    /** An agent whose grant covers all reads does not get the gateway's own token, and reads nothing with it. */
    @Test
    void gatewaysToken_neverStandsInAnAnswer() throws Exception {
        String catalogue = """
                catalogue: bao
                refusals: vault
                resolver: template
                base-path: /v1
                operations:
                  - {id: all, match: {method: [GET, POST], path: "/{path+}"}, effect: read, resource: "{path}"}
                  - {id: document, match: {method: GET, path: /sys/internal/specs/openapi}, effect: read, answer: large}
                """;
        Map<String, String> credential = new HashMap<>();
        server.credential().forEach((key, value) -> credential.put(key.replace(".vault.", ".bao."), value));
        try (FrontedServer fronted = FrontedServer.start(
                "bao",
                server.uri(),
                FrontedServer.everything("bao"),
                credential,
                List.of("UpstreamCredential=bao"),
                Map.of("operations/bao.yaml", catalogue))) {
            String token = server.gatewaysToken();
            for (String path :
                    List.of("auth/token/lookup-self", "auth%2ftoken/lookup-self", "auth/token/lookup-self?x=1")) {
                var answer = fronted.agent().get(fronted.gateway(), "/bao/v1/" + path);
                assertThat(answer.statusCode()).as(path).isNotEqualTo(200);
                assertThat(answer.body() + answer.headers().map()).as(path).doesNotContain(token);
            }
            var withheld = fronted.agent().get(fronted.gateway(), "/bao/v1/auth/token/lookup-self");
            assertThat(withheld.statusCode()).isEqualTo(502);
            assertThat(withheld.body()).contains("upstream-unavailable");
            var renewed = fronted.agent()
                    .call(
                            fronted.gateway(),
                            "POST",
                            "/bao/v1/auth/token/renew-self",
                            Map.of("Content-Type", "application/json"),
                            "{}");
            assertThat(renewed.body()).doesNotContain(token);
            assertThat(fronted.agent()
                            .get(fronted.gateway(), "/bao/v1/sys/seal-status")
                            .body())
                    .contains("\"sealed\":false");
            var document = fronted.agent().get(fronted.gateway(), "/bao/v1/sys/internal/specs/openapi");
            assertThat(document.statusCode()).isEqualTo(200);
            assertThat(document.body().length()).isGreaterThan(256 * 1024);
        }
        try (FrontedServer fronted = Client.fronted("vault", server, FrontedServer.everything("vault"))) {
            assertThat(fronted.agent()
                            .get(fronted.gateway(), "/vault/v1/auth/token/lookup-self")
                            .body())
                    .contains("unknown-operation");
        }
    }

    @Test
    void kv_worksInsideItsTask() throws Exception {
        int before = server.executed().size();
        try (FrontedServer fronted = Client.fronted("vault", server, PAGE.grants("# vault kv"));
                SigningProxy proxy = new SigningProxy(fronted, "/vault")) {
            Client vault = vault(proxy);
            vault.succeeds("version", "kv", "put", "-mount=secret", "app/kv", "password=p1", "user=u1");
            vault.succeeds("version", "kv", "put", "secret/app/kv", "password=p2");
            vault.succeeds("version", "kv", "patch", "-mount=secret", "app/kv", "more=m1");
            vault.succeeds("p2", "kv", "get", "-mount=secret", "app/kv");
            vault.succeeds("p1", "kv", "get", "-mount=secret", "-version=1", "-field=password", "app/kv");
            vault.succeeds("p2", "kv", "get", "-format=json", "secret/app/kv");
            vault.succeeds("kv", "kv", "list", "-mount=secret", "app");
            vault.succeeds("current_version", "kv", "metadata", "get", "-mount=secret", "app/kv");
            vault.succeeds("", "kv", "metadata", "put", "-mount=secret", "-custom-metadata=a=b", "app/kv");
            vault.succeeds("", "kv", "rollback", "-mount=secret", "-version=1", "app/kv");
            vault.succeeds("deleted", "kv", "delete", "-mount=secret", "app/kv");
            vault.succeeds("undelete", "kv", "undelete", "-mount=secret", "-versions=1", "app/kv");
            vault.succeeds("", "kv", "delete", "-mount=secret", "-versions=1", "app/kv");
            vault.succeeds("", "kv", "destroy", "-mount=secret", "-versions=1", "app/kv");
            vault.fails("kv", "get", "-mount=secret", "other/db");
            vault.fails("kv", "put", "-mount=secret", "other/db", "password=x");
            vault.fails("kv", "list", "-mount=secret", "other");
            vault.fails("kv", "delete", "-mount=secret", "other/db");
            vault.fails("kv", "metadata", "delete", "-mount=secret", "app/kv");
            vault.fails("kv", "get", "-mount=cubbyhole", "app");
            Client.executedIsNamed(fronted, server, before, VaultAudit::words);
            assertThat(server.call("GET", "/v1/secret/data/other/db", "").body())
                    .contains("hidden");
        }
    }
}
