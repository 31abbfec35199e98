package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests to a real MinIO that chance has changed: each gets what it was named as, or a refusal. */
@Tag("minio")
class MinioMutationsIT {
    private static final WordMutations.Words WORDS = new WordMutations.Words(
            List.of(
                    "reports",
                    "archive",
                    "minio",
                    ".minio.sys",
                    "admin",
                    "v3",
                    "health",
                    "2026",
                    "a.txt",
                    "b",
                    "..",
                    "",
                    "export-iam"),
            List.of(
                    "acl",
                    "tagging",
                    "retention",
                    "legal-hold",
                    "torrent",
                    "uploads",
                    "uploadId=x",
                    "partNumber=1",
                    "versionId=null",
                    "versions",
                    "versioning",
                    "policy",
                    "lifecycle",
                    "website",
                    "logging",
                    "accelerate",
                    "requestPayment",
                    "publicAccessBlock",
                    "ownershipControls",
                    "encryption",
                    "notification",
                    "cors",
                    "delete",
                    "restore",
                    "select",
                    "select-type=2",
                    "attributes",
                    "list-type=2",
                    "list-type=1",
                    "metadata=true",
                    "events=s3:*",
                    "prefix=2026%2F",
                    "location",
                    "replication-reset",
                    "x-id=PutObject",
                    "x-id=GetObject",
                    "zzz=1",
                    "ACL",
                    "lambdaArn=x"),
            List.of(
                    "x-amz-copy-source: /reports/2026/a.txt",
                    "x-amz-copy-source: reports%2F2026%2Fa.txt",
                    "x-amz-copy-source: reports%2f2026%2fa.txt",
                    "x-amz-copy-source: reports",
                    "x-amz-acl: private",
                    "x-amz-tagging: a=b",
                    "x-amz-meta-a: b",
                    "X-Amz-Meta-Snowball-Auto-Extract: true",
                    "X-Minio-Force-Delete: true",
                    "X-Minio-Source-Mtime: 2020-01-01T00:00:00Z",
                    "X-Minio-Extract: true",
                    "x-amz-bypass-governance-retention: true",
                    "x-amz-write-offset-bytes: 3",
                    "Range: bytes=0-1",
                    "If-None-Match: *",
                    "X-HTTP-Method-Override: DELETE",
                    "Content-Type: application/xml",
                    "x-amz-trailer: x-amz-checksum-crc32",
                    "x-amz-storage-class: STANDARD",
                    "x-amz-object-lock-legal-hold: ON",
                    "Content-Encoding: gzip"),
            "",
            Set.of());

    @TempDir
    private static Path directory;

    private static MinioServer server;
    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        server = new MinioServer(directory);
        comparison = MinioAuditIT.comparison(server);
        for (String bucket : List.of("reports", "archive")) {
            call("PUT", "/s3/" + bucket, null);
        }
    }

    @AfterAll
    static void stop() {
        if (comparison != null) {
            comparison.close();
        } else if (server != null) {
            server.close();
        }
    }

    private static void call(String method, String target, String body) {
        comparison.fronted().agent().call(comparison.fronted().gateway(), method, target, Map.of(), body);
    }

    private static void state() {
        call("PUT", "/s3" + MinioRequests.OBJECT, "hello");
    }

    @Test
    void whatChanceMakesOfARequest_isNamedAsTheAuditNamesItOrRefused() {
        List<Spelling.Base> plain = List.of(
                comparison.base("GET", MinioRequests.OBJECT, "", "", ""),
                comparison.base("HEAD", MinioRequests.OBJECT, "", "", ""),
                comparison.base("PUT", MinioRequests.OBJECT, "", "", "hello"),
                comparison.base("PUT", "/archive/2026/c.txt", "", "x-amz-copy-source: /reports/2026/a.txt\r\n", ""),
                comparison.base("DELETE", MinioRequests.OBJECT, "", "", ""),
                comparison.base("POST", "/reports/2026/big", "?uploads", "", ""),
                comparison.base("GET", "/reports", "?list-type=2&prefix=2026%2F", "", ""),
                comparison.base("GET", "/reports", "?policy", "", ""),
                comparison.base("PUT", "/reports", "?versioning", "Content-Type: application/xml\r\n", "<x/>"),
                comparison.base("DELETE", "/reports", "?policy", "", ""));
        Comparison.Tally tally = comparison.chance(new WordMutations(WORDS).of(plain), MinioMutationsIT::state);
        assertThat(tally.executed()).isGreaterThan(tally.sent() / 10);
        assertThat(tally.refused()).isGreaterThan(tally.sent() / 10);
    }
}
