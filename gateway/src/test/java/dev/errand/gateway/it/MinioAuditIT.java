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

/** What the gateway names on an S3 route, request by request beside the audit log of a real MinIO. */
@Tag("minio")
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class MinioAuditIT {
    @TempDir
    private static Path directory;

    private static Comparison comparison;

    @BeforeAll
    static void start() throws Exception {
        comparison = new Comparison("s3", new MinioServer(directory), MinioAuditIT::words);
        for (String bucket : List.of("reports", "archive")) {
            call("PUT", "/s3/" + bucket, null);
        }
    }

    @AfterAll
    static void stop() {
        comparison.close();
    }

    private static void call(String method, String target, String body) {
        comparison.fronted().agent().call(comparison.fronted().gateway(), method, target, body);
    }

    private static void state() {
        call("PUT", "/s3/reports/2026/a.txt", "hello");
    }

    /** An operation in MinIO's own names, which are partly older than the API's. */
    private static String words(String operation, String resource) {
        String name = switch (operation) {
            case "CreateBucket" -> "PutBucket";
            case "ListObjects" -> "ListObjectsV1";
            case "CreateMultipartUpload" -> "NewMultipartUpload";
            case "UploadPart" -> "PutObjectPart";
            case "UploadPartCopy" -> "CopyObjectPart";
            case "ListParts" -> "ListObjectParts";
            case "GetBucketLifecycleConfiguration" -> "GetBucketLifecycle";
            case "PutBucketLifecycleConfiguration" -> "PutBucketLifecycle";
            case "GetBucketNotificationConfiguration" -> "GetBucketNotification";
            case "GetBucketVersioning" -> "GetBucketVersioning";
            case "ListObjectVersions" -> "ListObjectVersions";
            default -> operation;
        };
        return name + ' ' + resource;
    }

    @Test
    void requests_areNamedAsTheAuditNamesThem() {
        List<Spelling> all = new ArrayList<>();
        for (String query : List.of(
                "",
                "?list-type=2",
                "?list-type=2&prefix=2026%2F",
                "?delimiter=%2F",
                "?location",
                "?versioning",
                "?versions",
                "?uploads",
                "?policy",
                "?tagging",
                "?acl",
                "?cors",
                "?lifecycle",
                "?notification",
                "?encryption",
                "?object-lock",
                "?replication",
                "?website",
                "?logging",
                "?accelerate",
                "?zzz",
                "?requestPayment",
                "?list-type=1",
                "?policyStatus",
                "?ownershipControls",
                "?publicAccessBlock",
                "?metrics",
                "?inventory",
                "?analytics",
                "?intelligent-tiering")) {
            all.add(comparison.one("GET", "/reports", query, "", ""));
        }
        for (String query : List.of(
                "",
                "?tagging",
                "?acl",
                "?retention",
                "?legal-hold",
                "?attributes",
                "?torrent",
                "?versionId=null",
                "?partNumber=1",
                "?uploadId=none",
                "?zzz=1",
                "?response-content-type=text%2Fplain")) {
            all.add(comparison.one("GET", "/reports/2026/a.txt", query, "", ""));
        }
        all.add(comparison.one("HEAD", "/reports/2026/a.txt", "", "", ""));
        all.add(comparison.one("HEAD", "/reports", "", "", ""));
        all.add(comparison.one("GET", "/", "", "", ""));
        all.add(comparison.one("PUT", "/reports/2026/b.txt", "", "", "new"));
        all.add(comparison.one("PUT", "/reports/2026/b.txt", "?zzz=1", "", "new"));
        all.add(comparison.one("PUT", "/reports/2026/c.txt", "", "x-amz-copy-source: /reports/2026/a.txt\r\n", ""));
        all.add(comparison.one("POST", "/reports/2026/big", "?uploads", "", ""));
        all.add(comparison.one("PUT", "/reports/2026/big", "?partNumber=1&uploadId=none", "", "part"));
        all.add(comparison.one("DELETE", "/reports/2026/big", "?uploadId=none", "", ""));
        all.add(comparison.one("PUT", "/reports/2026/a.txt", "?tagging", "", "<Tagging><TagSet></TagSet></Tagging>"));
        all.add(comparison.one("DELETE", "/reports/2026/a.txt", "?tagging", "", ""));
        all.add(comparison.one("DELETE", "/reports/2026/a.txt", "", "", ""));
        all.add(comparison.one("PUT", "/other-bucket", "", "", ""));
        all.add(comparison.one("DELETE", "/other-bucket", "", "", ""));
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, MinioAuditIT::state)).isGreaterThan(25);
    }

    @Test
    void oddSpellings_areNamedAsTheAuditNamesThemOrRefused() {
        comparison.run(Spelling.of(comparison.base("GET", "/reports/2026/a.txt", "", "", "")), MinioAuditIT::state);
        comparison.run(
                Spelling.of(comparison.base("PUT", "/reports/2026/a.txt", "", "", "hello")), MinioAuditIT::state);
    }
}
