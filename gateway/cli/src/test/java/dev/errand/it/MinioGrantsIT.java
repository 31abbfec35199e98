package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a grant on a route to MinIO lets MinIO do: no more than the grant says, and all of it. */
@Tag("minio")
class MinioGrantsIT {
    private static final String OBJECT = "/s3/reports/2026/a.txt";
    private static final String WHOLE =
            new Page("docs/operations/minio.md").block("server: minio") + "params: {prefix: query, versionId: query}\n";

    @TempDir
    private Path directory;

    private MinioServer server;
    private FrontedServer setUp;

    @BeforeEach
    void start() throws Exception {
        server = new MinioServer(directory);
        setUp = Client.fronted("s3", server, FrontedServer.everything("s3"));
        for (String bucket : List.of("reports", "archive")) {
            assertThat(call(setUp, "PUT", "/s3/" + bucket, null).statusCode()).isEqualTo(200);
        }
        assertThat(call(setUp, "PUT", OBJECT, "hello").statusCode()).isEqualTo(200);
    }

    @AfterEach
    void stop() {
        setUp.close();
        server.close();
    }

    private FrontedServer task(String catalogue, String allow) {
        return Client.fronted("s3", server, allow, Map.of("operations/s3.yaml", catalogue));
    }

    private static HttpResponse<String> call(FrontedServer fronted, String method, String target, String body) {
        return fronted.agent().call(fronted.gateway(), method, target, body);
    }

    private static void refused(FrontedServer fronted, String code, String method, String target) {
        assertThat(call(fronted, method, target, null).headers().firstValue("Errand-Code"))
                .as(method + ' ' + target)
                .hasValue(code);
    }

    private int executed() {
        server.settle();
        return server.executed().size();
    }

    @Test
    void everyGrant_reachesNoAdministratorsInterface_andNoOtherBucketOperation() {
        try (FrontedServer task = task(WHOLE, FrontedServer.everything("s3"))) {
            int before = executed();
            refused(task, "unknown-operation", "GET", "/s3/minio/admin/v3/export-iam");
            refused(task, "unknown-operation", "PUT", "/s3/minio/admin/v3/import-iam");
            refused(task, "unknown-operation", "GET", "/s3/.minio.sys/config");
            for (String key : List.of("ownershipControls", "publicAccessBlock", "website")) {
                refused(task, "unknown-operation", "DELETE", "/s3/archive?" + key);
            }
            for (String key : List.of("website", "logging", "accelerate", "requestPayment", "publicAccessBlock")) {
                refused(task, "unknown-operation", "PUT", "/s3/new-bucket?" + key);
            }
            for (String key : List.of("tagging", "acl", "torrent", "retention", "legal-hold", "uploadId=x")) {
                assertThat(call(task, "HEAD", OBJECT + '?' + key, null).statusCode())
                        .isEqualTo(403);
            }
            refused(task, "malformed-request", "GET", "/s3/reports//2026/a.txt");
            for (String header : List.of(
                    "X-Amz-Meta-Snowball-Auto-Extract",
                    "X-Amz-Meta-Minio-Snowball-Prefix",
                    "X-Minio-Force-Delete",
                    "X-Minio-Source-Mtime")) {
                assertThat(task.agent()
                                .call(task.gateway(), "PUT", OBJECT, Map.of(header, "true"), "x")
                                .body())
                        .as(header)
                        .contains("errand: malformed-request");
            }
            assertThat(executed()).isEqualTo(before);
        }
    }

    /** What an AWS SDK sends over HTTPS unless it is told otherwise. */
    private static HttpResponse<String> chunked(FrontedServer task, String target, String body) {
        return task.agent()
                .call(
                        task.gateway(),
                        "PUT",
                        target,
                        Map.of(
                                "x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                                "x-amz-decoded-content-length", "5",
                                "x-amz-trailer", "x-amz-checksum-crc32",
                                "Content-Encoding", "aws-chunked"),
                        body);
    }

    @Test
    void aBodyOfUnsignedChunks_isTakenAsItStands() {
        try (FrontedServer task = task(WHOLE, "  s3:PutObject: {resource: {path_containment: reports/2026}}\n")) {
            String target = "/s3/reports/2026/chunks.txt";
            HttpResponse<String> taken =
                    chunked(task, target, "5\r\nworld\r\n0\r\nx-amz-checksum-crc32:OncRQw==\r\n\r\n");
            assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
            assertThat(call(setUp, "GET", target, null).body()).isEqualTo("world");
            assertThat(chunked(task, target, "5\r\nwORLD\r\n0\r\nx-amz-checksum-crc32:OncRQw==\r\n\r\n")
                            .statusCode())
                    .as("MinIO holds the checksum against the body")
                    .isEqualTo(400);
            assertThat(call(setUp, "GET", target, null).body()).isEqualTo("world");
            server.settle();
            assertThat(server.executed())
                    .anyMatch(one -> one.verb().equals("PutObject")
                            && one.resource().equals("reports/2026/chunks.txt")
                            && one.who().equals(server.principal()));
        }
    }

    @Test
    void aKeyWithASemicolon_isOneKey() {
        String key = "/s3/reports/2026/a%3Bb%3Dc.txt";
        try (FrontedServer task = task(WHOLE, """
                  s3:PutObject: {resource: {exact: "reports/2026/a;b=c.txt"}}
                  s3:GetObject: {resource: {exact: "reports/2026/a;b=c.txt"}}
                """)) {
            assertThat(call(task, "PUT", key, "odd").statusCode()).isEqualTo(200);
            assertThat(call(task, "GET", key, null).body()).isEqualTo("odd");
            refused(task, "malformed-request", "GET", "/s3/reports/2026/a;b=c.txt");
            server.settle();
            assertThat(server.executed())
                    .anyMatch(one ->
                            one.verb().equals("PutObject") && one.resource().equals("reports/2026/a;b=c.txt"));
        }
    }

    @Test
    void prefixAndVersion_areBoundWhereTheCatalogueDeclaresThem() {
        assertThat(call(setUp, "PUT", "/s3/reports/2025/b.txt", "old").statusCode())
                .isEqualTo(200);
        try (FrontedServer task = task(WHOLE, """
                  s3:ListObjectsV2: {resource: {exact: reports}, prefix: {exact: 2026/}}
                  s3:GetObject: {resource: {exact: reports/2026/a.txt}, versionId: {exact: "null", optional: true}}
                """)) {
            int before = executed();
            refused(task, "constraint-violated", "GET", "/s3/reports?list-type=2");
            refused(task, "constraint-violated", "GET", "/s3/reports?list-type=2&prefix=2025%2F");
            refused(task, "malformed-request", "GET", "/s3/reports?list-type=2&prefix=2026%2F&prefix=2025%2F");
            refused(task, "constraint-violated", "GET", OBJECT + "?versionId=x");
            assertThat(executed()).isEqualTo(before);
            assertThat(call(task, "GET", "/s3/reports?list-type=2&prefix=2026%2F", null)
                            .body())
                    .contains("<Key>2026/a.txt</Key>")
                    .doesNotContain("2025/b.txt");
            assertThat(call(task, "GET", OBJECT + "?versionId=null", null).body())
                    .isEqualTo("hello");
            assertThat(call(task, "GET", OBJECT, null).body()).isEqualTo("hello");
        }
    }

    /** Only what the manifest names is deleted. A list of MinIO is XML, of which nothing is taken, and that is counted. */
    @Test
    void from_letsThoseObjectsBeDeleted_thatTheManifestReturned() {
        Map<String, String> json = Map.of("Content-Type", "application/json");
        String manifest = "{\"expired\":[{\"object\":\"reports/2026/a.txt\"},{\"object\":\"archive/none\"}]}";
        for (String key : List.of("a.txt", "b.txt")) {
            assertThat(call(setUp, "PUT", "/s3/reports/2026/" + key, "text").statusCode())
                    .isEqualTo(200);
        }
        HttpResponse<String> written =
                setUp.agent().call(setUp.gateway(), "PUT", "/s3/archive/manifest.json", json, manifest);
        assertThat(written.statusCode()).isEqualTo(200);
        String returns = "returns:\n  GetObject: {object: \"body:/expired/*/object\"}\n"
                + "  ListObjectsV2: {object: \"body:/Contents/*/Key\"}\n";
        String template = FrontedServer.ruled("""
                  s3:ListObjectsV2: {}
                  s3:GetObject: {resource: {exact: archive/manifest.json}}
                  s3:DeleteObject: {}
                  s3:PutObject: {}
                """, """
                  - {from: {s3:GetObject: object}, to: {s3:DeleteObject: resource}}
                  - {from: {s3:ListObjectsV2: object}, to: {s3:PutObject: resource}}
                """);
        Map<String, String> files = Map.of(
                "operations/s3.yaml", WHOLE.replaceFirst("params:.*\\R", "") + returns, "tasks/work.yaml", template);
        try (FrontedServer task = Client.fronted("s3", server, "", files)) {
            assertThat(call(task, "GET", "/s3/reports?list-type=2", null).body())
                    .contains("<Key>2026/a.txt</Key>");
            assertThat(task.gateway().value("errand.returns.ignored", "operation", "s3:ListObjectsV2", "why", "type"))
                    .isEqualTo(1);
            refused(task, "rule-violation", "PUT", OBJECT);
            refused(task, "rule-violation", "DELETE", OBJECT);
            assertThat(call(task, "GET", "/s3/archive/manifest.json", null).body())
                    .isEqualTo(manifest);
            assertThat(call(task, "DELETE", OBJECT, null).statusCode()).isEqualTo(204);
            refused(task, "rule-violation", "DELETE", "/s3/reports/2026/b.txt");
            assertThat(call(setUp, "GET", "/s3/reports/2026/b.txt", null).statusCode())
                    .isEqualTo(200);
            assertThat(call(setUp, "GET", OBJECT, null).statusCode()).isEqualTo(404);
        }
    }
}
