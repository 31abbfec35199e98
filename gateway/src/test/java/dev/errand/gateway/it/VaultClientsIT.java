package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@code vault} command as HashiCorp ships it, against a real Vault, with the grants of the page on Vault. What the task
 * grants works. What it does not grant is refused, and the command ends with an error.
 */
@Tag("vault")
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
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

    /** The shipped catalogue with the operations that the page adds. */
    private static Map<String, String> withTheCommandsOfKv() throws IOException {
        String file = "operations/vault.yaml";
        return Map.of(
                file,
                Files.readString(RunningGateway.repository().resolve("config").resolve(file))
                        + PAGE.block("- {id: mount.read"));
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
    void kv_withTheShippedCatalogue_isRefused() throws Exception {
        try (FrontedServer fronted = Client.fronted("vault", server, PAGE.grants("# vault read, write, list, delete"));
                SigningProxy proxy = new SigningProxy(fronted, "/vault")) {
            assertThat(vault(proxy).fails("kv", "get", "-mount=secret", "app/db"))
                    .contains("sys/internal/ui/mounts/secret")
                    .contains("Code: 403");
            assertThat(fronted.gateway().records()).last().asString().contains("unknown-operation");
        }
    }

    @Test
    void kv_worksInsideItsTask() throws Exception {
        int before = server.executed().size();
        try (FrontedServer fronted = Client.fronted("vault", server, PAGE.grants("# vault kv"), withTheCommandsOfKv());
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
