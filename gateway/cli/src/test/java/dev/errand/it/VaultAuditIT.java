package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway names on a Vault route, request by request beside the audit device of a real HashiCorp Vault. */
@Tag("vault")
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
            "/v1/auth/token/lookup-self",
            "/v1/auth/token/renew-self",
            "/v1/pki/config/ca",
            "/v1/pki/roles/app",
            "/v1/pki/root/sign-intermediate",
            "/v1/ssh/roles/app",
            "/v1/database/config/app",
            "/v1/sys/internal/ui/mounts",
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
        server.call("POST", "/v1/sys/mounts/database", "{\"type\":\"database\"}");
        server.call("POST", "/v1/sys/mounts/pki", "{\"type\":\"pki\"}");
        server.call("POST", "/v1/pki/root/generate/internal", "{\"common_name\":\"test\"}");
        server.call("POST", "/v1/pki/roles/app", "{\"allow_any_name\":true,\"key_type\":\"ec\",\"key_bits\":256}");
        server.call("POST", "/v1/sys/mounts/ssh", "{\"type\":\"ssh\"}");
        server.call("POST", "/v1/ssh/config/ca", "{\"generate_signing_key\":true,\"key_type\":\"ed25519\"}");
        server.call(
                "POST",
                "/v1/ssh/roles/app",
                "{\"key_type\":\"ca\",\"allow_user_certificates\":true,\"allowed_users\":\"*\"}");
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
                "/v1/secret/metadata/app?list=true&after=a&limit=1",
                "/v1/secret/metadata/app/?list=true&limit=x",
                "/v1/secret/metadata/app?list=true&scan=true",
                "/v1/sys/internal/ui/mounts/secret",
                "/v1/sys/internal/ui/mounts/secret/app/one",
                "/v1/sys/internal/ui/mounts/none",
                "/v1/sys/seal-status",
                "/v1/database/creds/none",
                "/v1/database/static-creds/none",
                "/v1/database/creds/",
                "/v1/pki/cert/ca",
                "/v1/pki/certs?list=true",
                "/v1/pki/certs/?list=true&after=a&limit=2",
                "/v1/pki/certs",
                "/v1/ssh/config/ca",
                "/v1/aws/creds/none")) {
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
        all.add(comparison.one("LIST", "/v1/pki/certs", "", "", ""));
        all.add(comparison.one("HEAD", "/v1/secret/metadata/app", "?list=true", "", ""));
        // What no catalogue names never reaches Vault.
        for (String path : UNNAMED) {
            all.add(get(path, ""));
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(
                        all,
                        VaultAuditIT::state,
                        // Vault answers the first two to anybody, and its audit device does not see them. It has no
                        // SCAN.
                        Comparison.nothing(
                                "GET /v1/sys/health",
                                "GET /v1/sys/seal-status",
                                "SCAN /v1/secret/metadata/app/one",
                                "SCAN /v1/secret/metadata/")))
                .isGreaterThanOrEqualTo(25);
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
        all.add(post("/v1/transit/sign/app/sha2-512", "{\"input\":\"aGVsbG8=\",\"hash_algorithm\":\"sha2-256\"}"));
        all.add(post("/v1/transit/verify/app/sha2-256", "{\"input\":\"aGVsbG8=\",\"signature\":\"vault:v1:x\"}"));
        all.add(post("/v1/pki/issue/app", "{\"common_name\":\"app.example.org\",\"ttl\":\"60s\"}"));
        all.add(post("/v1/pki/issue/none", "{\"common_name\":\"app.example.org\",\"alt_names\":\"a,b\"}"));
        all.add(post("/v1/pki/sign/app", "{\"csr\":\"x\",\"common_name\":\"a\"}"));
        all.add(post("/v1/pki/revoke", "{\"serial_number\":\"00:01\"}"));
        all.add(post("/v1/ssh/sign/app", "{\"public_key\":\"x\",\"valid_principals\":\"root\"}"));
        all.add(post("/v1/ssh/issue/app", "{\"key_type\":\"ed25519\",\"valid_principals\":\"app\"}"));
        all.add(post("/v1/ssh/creds/app", "{\"ip\":\"10.0.0.1\"}"));
        all.add(comparison.one("PUT", "/v1/sys/leases/renew", "", JSON, "{\"lease_id\":\"none\"}"));
        all.add(comparison.one("PUT", "/v1/sys/leases/revoke", "", JSON, "{\"lease_id\":\"none\"}"));
        for (String path : UNNAMED) {
            all.add(post(path, "{}"));
            all.add(comparison.one("DELETE", path, "", "", ""));
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, VaultAuditIT::state)).isGreaterThanOrEqualTo(26);
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
                () -> table(0, comparison.base("GET", "/v1/secret/metadata/app", "?list=true", "", "")));
    }

    @Test
    void mutations_areNamedAsTheAuditNamesThemOrRefused() {
        List<String> keys = List.of("list", "scan", "version", "depth", "after", "limit", "help", "x");
        int passed = 0;
        for (Spelling.Base base : List.of(
                comparison.base("GET", "/v1/secret/data/app/one", "", "", ""),
                comparison.base("GET", "/v1/secret/metadata/app", "?list=true", "", ""),
                comparison.base("LIST", "/v1/secret/metadata/app", "", "", ""),
                comparison.base("POST", "/v1/secret/data/app/one", "", JSON, VALUE),
                comparison.base("POST", "/v1/transit/sign/app", "", JSON, "{\"input\":\"aGVsbG8=\"}"),
                comparison.base("DELETE", "/v1/secret/metadata/app/one", "", "", ""))) {
            passed += comparison.mutations(base, VaultAuditIT::state, keys);
        }
        assertThat(passed).isPositive();
    }

    private static void table(int unheard, Spelling.Base base) {
        comparison.table(base, VaultAuditIT::state, unheard, Map.of());
    }
}
