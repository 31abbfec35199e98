package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway names on a Vault route, request by request beside the audit device of a real HashiCorp Vault. */
@Tag("vault")
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class VaultAuditIT {
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String VALUE = "{\"data\":{\"a\":\"b\"}}";

    private static final List<String> UNNAMED = List.of(
            "/v1/sys/raw/core",
            "/v1/sys/seal",
            "/v1/sys/policies/acl/root",
            "/v1/sys/mounts",
            "/v1/sys/audit",
            "/v1/identity/entity",
            "/v1/cubbyhole/a",
            "/v1/auth/token/create",
            "/v1/auth/token/lookup",
            "/v1/transit/export/encryption-key/box");

    @TempDir
    private static Path directory;

    private static VaultServer server;
    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        server = new VaultServer(directory);
        server.call("POST", "/v1/sys/mounts/transit", "{\"type\":\"transit\"}");
        server.call("POST", "/v1/transit/keys/app", "{\"type\":\"ed25519\"}");
        server.call("POST", "/v1/transit/keys/box", "{}");
        comparison = new Comparison("vault", server, VaultAudit::words);
    }

    @AfterAll
    static void stop() {
        if (comparison != null) {
            comparison.close();
        }
    }

    private static void state() {
        server.call("POST", "/v1/secret/data/app/one", VALUE);
    }

    @Test
    void reads_areNamedAsTheAuditNamesThem() {
        List<Spelling> all = new ArrayList<>();
        for (String target : List.of(
                "/v1/secret/data/app/one",
                "/v1/secret/data/app/none",
                "/v1/secret/data/app/one?version=1",
                "/v1/secret/data/app/one?list=true",
                "/v1/secret/data/app/one?help=1",
                "/v1/secret/data/app/",
                "/v1/secret/metadata/app/one",
                "/v1/secret/metadata/app?list=true",
                "/v1/secret/metadata/app/?list=true",
                "/v1/secret/metadata/?list=true",
                "/v1/secret/metadata?list=true",
                "/v1/secret/metadata/app/?list=false",
                "/v1/secret/metadata/app?list=1",
                "/v1/secret/metadata/app?list=TRUE",
                "/v1/secret/metadata/app/?scan=true",
                "/v1/secret/metadata/app/?list=true&list=false",
                "/v1/secret/metadata/app/",
                "/v1/secret/metadata/",
                "/v1/secret/metadata",
                "/v1/secret/subkeys/app/one",
                "/v1/secret/subkeys/app/one?depth=1",
                "/v1/secret/config",
                "/v1/secret/config/",
                "/v1/transit/keys/app",
                "/v1/transit/keys/app/",
                "/v1/sys/health",
                "/v1/aws/creds/none",
                "/v1/auth/token/lookup-self")) {
            all.add(get(target, ""));
        }
        for (String path : List.of(
                "/v1/secret/metadata/app", "/v1/secret/metadata/app/", "/v1/secret/metadata", "/v1/secret/data/app")) {
            all.add(comparison.one("LIST", path, "", "", ""));
        }
        for (String path : List.of("/v1/secret/data/app/one", "/v1/secret/metadata/app/one", "/v1/secret/metadata/")) {
            all.add(comparison.one("HEAD", path, "", "", ""));
            all.add(comparison.one("SCAN", path, "", "", ""));
        }
        // What no catalogue names never reaches Vault.
        for (String path : UNNAMED) {
            all.add(get(path, ""));
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(
                        all,
                        VaultAuditIT::state,
                        // Vault answers it to anybody, and its audit device does not see it.
                        Comparison.nothing("GET /v1/sys/health")))
                .isGreaterThanOrEqualTo(15);
    }

    @Test
    void changes_areNamedAsTheAuditNamesThem() {
        List<Spelling> all = new ArrayList<>();
        all.add(post("/v1/secret/data/app/two", VALUE));
        all.add(post("/v1/secret/data/app/one", "{}"));
        all.add(comparison.one("PUT", "/v1/secret/data/app/one", "", JSON, VALUE));
        all.add(comparison.one(
                "PATCH", "/v1/secret/data/app/one", "", "Content-Type: application/merge-patch+json\r\n", VALUE));
        all.add(comparison.one("DELETE", "/v1/secret/data/app/one", "", "", ""));
        all.add(comparison.one("DELETE", "/v1/secret/data/app/", "", "", ""));
        all.add(post("/v1/secret/delete/app/one", "{\"versions\":[1]}"));
        all.add(post("/v1/secret/undelete/app/one", "{\"versions\":[1]}"));
        all.add(comparison.one("PUT", "/v1/secret/destroy/app/one", "", JSON, "{\"versions\":[1]}"));
        all.add(post("/v1/secret/metadata/app/one", "{\"custom_metadata\":{\"a\":\"b\"}}"));
        all.add(comparison.one(
                "PATCH",
                "/v1/secret/metadata/app/one",
                "",
                "Content-Type: application/merge-patch+json\r\n",
                "{\"max_versions\":4}"));
        all.add(comparison.one("DELETE", "/v1/secret/metadata/app/one", "", "", ""));
        all.add(post("/v1/secret/config", "{\"max_versions\":5}"));
        all.add(post("/v1/transit/sign/app", "{\"input\":\"aGVsbG8=\"}"));
        all.add(post("/v1/transit/sign/app/sha2-256", "{\"input\":\"aGVsbG8=\"}"));
        all.add(post("/v1/transit/verify/app", "{\"input\":\"aGVsbG8=\",\"signature\":\"vault:v1:x\"}"));
        all.add(post("/v1/transit/encrypt/box", "{\"plaintext\":\"aGVsbG8=\"}"));
        all.add(post("/v1/transit/decrypt/box", "{\"ciphertext\":\"vault:v1:x\"}"));
        all.add(comparison.one("DELETE", "/v1/transit/keys/app", "", "", ""));
        all.add(comparison.one("PUT", "/v1/auth/token/renew-self", "", JSON, "{}"));
        all.add(comparison.one("PUT", "/v1/sys/leases/renew", "", JSON, "{\"lease_id\":\"none\"}"));
        all.add(comparison.one("PUT", "/v1/sys/leases/revoke", "", JSON, "{\"lease_id\":\"none\"}"));
        for (String path : UNNAMED) {
            all.add(post(path, "{}"));
            all.add(comparison.one("DELETE", path, "", "", ""));
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(
                        all,
                        VaultAuditIT::state,
                        // The name has the key and not the hash function, which the audit shows as a part of the path.
                        Map.of("POST /v1/transit/sign/app/sha2-256", Set.of("write transit/sign/app/sha2-256"))))
                .isGreaterThanOrEqualTo(18);
    }

    @Test
    void headersThatChangeWhatVaultDoes_areRefusedOrMeanNothing() {
        List<Spelling> all = new ArrayList<>();
        for (String line : List.of(
                "X-Vault-Namespace: team",
                "x-vault-namespace: /",
                "X_Vault_Namespace: team",
                "X-Vault-Token: root",
                "X-Vault-Wrap-TTL: 60s",
                "X-Vault-Wrap-Format: jwt",
                "X-Vault-Policy-Override: true",
                "X-Vault-MFA: x",
                "X-Vault-Inconsistent: forward-active-node",
                "X-Vault-Inline-Auth-Path: auth/userpass/login/x",
                "X-Vault-No-Request-Forwarding: true",
                "X-Vault-Request: true",
                "X-HTTP-Method-Override: LIST",
                "X-Original-URL: /v1/sys/seal",
                "Authorization: Bearer root",
                "Cookie: token=root",
                "Forwarded: for=10.0.0.1",
                "X-Forwarded-For: 10.0.0.1")) {
            all.add(comparison
                    .base("GET", "/v1/secret/data/app/one", "", line + "\r\n", "")
                    .as(line));
            all.add(comparison
                    .base("POST", "/v1/secret/data/app/one", "", JSON + line + "\r\n", VALUE)
                    .as("POST with " + line));
        }
        comparison.run(
                all,
                VaultAuditIT::state,
                // A Vault without replicas refuses this header before its audit device sees the request.
                Comparison.nothing(
                        "X-Vault-Inconsistent: forward-active-node",
                        "POST with X-Vault-Inconsistent: forward-active-node"));
    }

    private static Spelling get(String target, String lines) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        return comparison.one("GET", path, query < 0 ? "" : target.substring(query), lines, "");
    }

    private static Spelling post(String path, String body) {
        return comparison.one("POST", path, "", JSON, body);
    }

    @Test
    void oddSpellings_areNamedAsTheAuditNamesThemOrRefused() {
        assertAll(
                () -> table(1, comparison.base("GET", "/v1/secret/data/app/one", "", "", "")),
                () -> table(1, comparison.base("POST", "/v1/secret/data/app/one", "", JSON, VALUE)),
                () -> table(1, comparison.base("DELETE", "/v1/secret/metadata/app/one", "", "", "")),
                () -> comparison.table(
                        comparison.base("GET", "/v1/secret/metadata/app", "?list=true", "", ""),
                        VaultAuditIT::state,
                        0,
                        // Vault takes a HEAD for no list, and refuses it with 405.
                        Map.of("method HEAD", Set.of("read secret/metadata/app"))));
    }

    private static void table(int unheard, Spelling.Base base) {
        comparison.table(base, VaultAuditIT::state, unheard, Map.of());
    }
}
