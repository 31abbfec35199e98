package dev.errand.it;

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
import org.junit.jupiter.api.io.TempDir;

/** What the gateway names on a registry's route, request by request beside the log of the distribution project's registry. */
@Tag("distribution")
class DistributionAuditIT {
    private static final String DIGEST = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String MANIFEST = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":5,"digest":"%s"},"layers":[]}""".formatted(DIGEST);

    /** What the registry's router has no path or no method for: it answers 404 or 405, and logs no answer. */
    private static final Map<String, Set<String>> UNHEARD = Comparison.nothing(
            "HEAD /v2/_catalog",
            "HEAD /v2/team/app/tags/list",
            "HEAD /v2/team/none/tags/list",
            "HEAD /v2/a/b/c/d/tags/list",
            "HEAD /v2/app/tags/list",
            "HEAD /v2/manifests/manifests/tags/list",
            "HEAD /v2/tags/list/tags/list",
            "GET /v2/UP/tags/list",
            "GET /v2/team/app/referrers/" + DIGEST,
            "HEAD /v2/team/app/referrers/" + DIGEST,
            "GET /v2/team/app/referrers/" + DIGEST + "?artifactType=a%2Fb");

    @TempDir
    private static Path directory;

    private static DistributionRegistry server;
    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        server = new DistributionRegistry(directory);
        comparison = new Comparison("registry", server, DistributionAuditIT::words);
    }

    @AfterAll
    static void stop() {
        if (comparison != null) {
            comparison.close();
        } else if (server != null) {
            server.close();
        }
    }

    /** One blob and one manifest in team/app. */
    private static void state() {
        String upload = server.call("POST", "/v2/team/app/blobs/uploads/", "")
                .headers()
                .firstValue("Location")
                .orElseThrow();
        server.call("PUT", upload + "&digest=" + DIGEST, "hello");
        server.call("PUT", "/v2/team/app/manifests/1.0", MANIFEST, "Content-Type", TYPE);
    }

    private static String words(String operation, String resource) {
        int slash = resource.lastIndexOf('/');
        String name = slash < 0 ? resource : resource.substring(0, slash);
        String last = resource.substring(slash + 1);
        return switch (operation) {
            case "ping" -> "GET ping";
            case "repository.list" -> "GET catalog";
            case "tag.list" -> "GET " + resource + " tags";
            case "manifest.get" -> "GET " + name + " manifest " + last;
            case "manifest.put" -> "PUT " + name + " manifest " + last;
            case "manifest.delete" -> "DELETE " + name + " manifest " + last;
            case "blob.get" -> "GET " + name + " blob " + last;
            case "blob.delete" -> "DELETE " + name + " blob " + last;
            case "upload.start" -> "POST " + resource + " upload";
            case "upload.get" -> "GET " + resource + " upload";
            case "upload.append" -> "PATCH " + resource + " upload";
            case "upload.finish" -> "PUT " + resource + " upload";
            case "upload.cancel" -> "DELETE " + resource + " upload";
            default -> operation + ' ' + resource;
        };
    }

    @Test
    void requests_areNamedAsTheLogNamesThem() {
        List<Spelling> all = new ArrayList<>();
        String manifest = "Content-Type: " + TYPE + "\r\n";
        for (String path : List.of(
                "/v2/",
                "/v2/_catalog",
                "/v2/team/app/tags/list",
                "/v2/team/none/tags/list",
                "/v2/team/app/manifests/1.0",
                "/v2/team/app/manifests/none",
                "/v2/team/app/manifests/" + DIGEST,
                "/v2/team/app/blobs/" + DIGEST,
                "/v2/team/app/blobs/sha256:" + "0".repeat(64),
                "/v2/team/app/blobs/uploads/none",
                "/v2/team/app/referrers/" + DIGEST,
                "/v2/a/b/c/d/tags/list",
                "/v2/app/tags/list",
                "/v2/manifests/manifests/tags/list",
                "/v2/tags/list/tags/list",
                "/v2/blobs/uploads/manifests/x")) {
            all.add(comparison.one("GET", path, "", "", ""));
            all.add(comparison.one("HEAD", path, "", "", ""));
        }
        all.add(comparison.one("GET", "/v2/_catalog", "?n=1", "", ""));
        all.add(comparison.one("GET", "/v2/team/app/tags/list", "?n=1&last=0", "", ""));
        all.add(comparison.one("PUT", "/v2/team/app/manifests/2.0", "", manifest, MANIFEST));
        all.add(comparison.one("PUT", "/v2/team/app/manifests/bad", "", manifest, "{}"));
        all.add(comparison.one("POST", "/v2/team/app/blobs/uploads/", "", "", ""));
        all.add(comparison.one("POST", "/v2/team/app/blobs/uploads/", "?digest=" + DIGEST, "", "hello"));
        all.add(comparison.one(
                "POST", "/v2/other/app/blobs/uploads/", "?mount=" + DIGEST + "&from=team%2Fapp", "", ""));
        all.add(comparison.one("PATCH", "/v2/team/app/blobs/uploads/none", "", "", "part"));
        all.add(comparison.one("PUT", "/v2/team/app/blobs/uploads/none", "?digest=" + DIGEST, "", ""));
        all.add(comparison.one("DELETE", "/v2/team/app/blobs/uploads/none", "", "", ""));
        all.add(comparison.one("DELETE", "/v2/team/app/manifests/1.0", "", "", ""));
        all.add(comparison.one("DELETE", "/v2/team/app/blobs/" + DIGEST, "", "", ""));
        for (String path :
                List.of("/v2", "/v2/UP/tags/list", "/v2/team/app/tags/list/", "/v2/team/app", "/debug/vars")) {
            all.add(comparison.one("GET", path, "", "", ""));
        }
        all.add(comparison.one("DELETE", "/v2/team/app", "", "", ""));
        all.add(comparison.one("DELETE", "/v2/team/app/tags/1.0", "", "", ""));
        all.add(comparison.one("GET", "/v2/team/app/referrers/" + DIGEST, "?artifactType=a%2Fb", "", ""));
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, DistributionAuditIT::state, UNHEARD)).isGreaterThan(25);
    }

    @Test
    void oddSpellings_areNamedAsTheLogNamesThemOrRefused() {
        String mount = "?mount=" + DIGEST + "&from=team%2Fapp";
        assertAll(
                () -> table(16, comparison.base("GET", "/v2/team/app/manifests/1.0", "", "", "")),
                () -> table(11, comparison.base("POST", "/v2/other/app/blobs/uploads/", mount, "", "")));
    }

    @Test
    void mutations_areNamedAsTheLogNamesThemOrRefused() {
        List<String> keys = List.of("n", "last", "digest", "mount", "from", "_state", "artifactType", "x");
        int passed = comparison.mutations(
                comparison.base("GET", "/v2/team/app/manifests/1.0", "", "", ""), DistributionAuditIT::state, keys);
        passed += comparison.mutations(
                comparison.base("PUT", "/v2/team/app/manifests/2.0", "", "Content-Type: " + TYPE + "\r\n", MANIFEST),
                DistributionAuditIT::state,
                keys);
        passed += comparison.mutations(
                comparison.base("GET", "/v2/team/app/tags/list", "", "", ""), DistributionAuditIT::state, keys);
        passed += comparison.mutations(
                comparison.base(
                        "POST", "/v2/other/app/blobs/uploads/", "?mount=" + DIGEST + "&from=team%2Fapp", "", ""),
                DistributionAuditIT::state,
                keys);
        assertThat(passed).isPositive();
    }

    private static void table(int unheard, Spelling.Base base) {
        comparison.table(base, DistributionAuditIT::state, unheard, Map.of());
    }
}
