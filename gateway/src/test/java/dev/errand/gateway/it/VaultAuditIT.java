package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        comparison = new Comparison("vault", server, VaultAuditIT::words);
    }

    @AfterAll
    static void stop() {
        comparison.close();
    }

    private static void state() {
        server.call("POST", "/v1/secret/data/app/one", VALUE);
    }

    /** An operation in the words of Vault's audit: its operation and its path. */
    private static String words(String operation, String resource) {
        String path = resource.startsWith("secret/") ? resource.substring("secret/".length()) : "";
        return switch (operation) {
            case "kv.read" -> "read secret/data/" + path;
            case "kv.write" -> "write secret/data/" + path;
            case "kv.delete" -> "delete secret/data/" + path;
            case "kv.delete-versions" -> "write secret/delete/" + path;
            case "kv.undelete" -> "write secret/undelete/" + path;
            case "kv.destroy" -> "write secret/destroy/" + path;
            case "kv.subkeys" -> "read secret/subkeys/" + path;
            case "kv.list" -> "list secret/metadata/" + path;
            case "kv.metadata.read" -> "read secret/metadata/" + path;
            case "kv.metadata.write" -> "write secret/metadata/" + path;
            case "kv.metadata.delete" -> "delete secret/metadata/" + path;
            case "kv.config.read" -> "read secret/config";
            case "kv.config.write" -> "write secret/config";
            case "transit.key.read" -> "read " + resource.replace("transit/", "transit/keys/");
            case "transit.sign", "transit.verify", "transit.encrypt", "transit.decrypt" ->
                "write " + resource.replace("transit/", operation.replace('.', '/') + "/");
            case "token.lookup-self" -> "read auth/token/lookup-self";
            case "token.renew-self" -> "write auth/token/renew-self";
            case "lease.renew" -> "write sys/leases/renew";
            case "lease.revoke" -> "write sys/leases/revoke";
            case "health" -> "read sys/health";
            default -> operation + ' ' + resource;
        };
    }

    @Test
    void requests_areNamedAsTheAuditNamesThem() {
        List<Spelling> all = new ArrayList<>();
        for (String path : List.of(
                "/v1/secret/data/app/one",
                "/v1/secret/data/app/none",
                "/v1/secret/data/app/one?version=1",
                "/v1/secret/metadata/app/one",
                "/v1/secret/metadata/app?list=true",
                "/v1/secret/metadata/app/?list=true",
                "/v1/secret/metadata/?list=true",
                "/v1/secret/metadata?list=true",
                "/v1/secret/subkeys/app/one",
                "/v1/secret/subkeys/app/one?depth=1",
                "/v1/secret/config",
                "/v1/transit/keys/app",
                "/v1/auth/token/lookup-self")) {
            int query = path.indexOf('?');
            all.add(
                    query < 0
                            ? comparison.one("GET", path, "", "", "")
                            : comparison.one("GET", path.substring(0, query), path.substring(query), "", ""));
        }
        all.add(comparison.one("LIST", "/v1/secret/metadata/app", "", "", ""));
        all.add(comparison.one("LIST", "/v1/secret/metadata/app/", "", "", ""));
        all.add(comparison.one("LIST", "/v1/secret/metadata", "", "", ""));
        all.add(comparison.one("HEAD", "/v1/secret/data/app/one", "", "", ""));
        all.add(comparison.one("POST", "/v1/secret/data/app/two", "", JSON, VALUE));
        all.add(comparison.one("PUT", "/v1/secret/data/app/one", "", JSON, VALUE));
        all.add(comparison.one(
                "PATCH", "/v1/secret/data/app/one", "", "Content-Type: application/merge-patch+json\r\n", VALUE));
        all.add(comparison.one("DELETE", "/v1/secret/data/app/one", "", "", ""));
        all.add(comparison.one("POST", "/v1/secret/delete/app/one", "", JSON, "{\"versions\":[1]}"));
        all.add(comparison.one("POST", "/v1/secret/undelete/app/one", "", JSON, "{\"versions\":[1]}"));
        all.add(comparison.one("PUT", "/v1/secret/destroy/app/one", "", JSON, "{\"versions\":[1]}"));
        all.add(comparison.one("POST", "/v1/secret/metadata/app/one", "", JSON, "{\"custom_metadata\":{\"a\":\"b\"}}"));
        all.add(comparison.one("DELETE", "/v1/secret/metadata/app/one", "", "", ""));
        all.add(comparison.one("POST", "/v1/secret/config", "", JSON, "{\"max_versions\":5}"));
        all.add(comparison.one("POST", "/v1/transit/sign/app", "", JSON, "{\"input\":\"aGVsbG8=\"}"));
        all.add(comparison.one("POST", "/v1/transit/encrypt/box", "", JSON, "{\"plaintext\":\"aGVsbG8=\"}"));
        all.add(comparison.one("POST", "/v1/transit/decrypt/box", "", JSON, "{\"ciphertext\":\"vault:v1:x\"}"));
        all.add(comparison.one("PUT", "/v1/auth/token/renew-self", "", JSON, "{}"));
        all.add(comparison.one("PUT", "/v1/sys/leases/renew", "", JSON, "{\"lease_id\":\"none\"}"));
        all.add(comparison.one("PUT", "/v1/sys/leases/revoke", "", JSON, "{\"lease_id\":\"none\"}"));
        // What no catalogue names never reaches it.
        for (String path : List.of("/v1/sys/raw/core", "/v1/sys/seal", "/v1/sys/policies/acl", "/v1/identity/entity")) {
            all.add(comparison.one("GET", path, "", "", ""));
            all.add(comparison.one("POST", path, "", JSON, "{}"));
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, VaultAuditIT::state)).isGreaterThan(25);
    }

    @Test
    void oddSpellings_areNamedAsTheAuditNamesThemOrRefused() {
        comparison.run(Spelling.of(comparison.base("GET", "/v1/secret/data/app/one", "", "", "")), VaultAuditIT::state);
        comparison.run(
                Spelling.of(comparison.base("POST", "/v1/secret/data/app/one", "", JSON, VALUE)), VaultAuditIT::state);
        comparison.run(
                Spelling.of(comparison.base("GET", "/v1/secret/metadata/app", "?list=true", "", "")),
                VaultAuditIT::state);
    }
}
