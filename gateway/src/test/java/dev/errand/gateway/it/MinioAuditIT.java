package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final String OBJECT = MinioRequests.OBJECT;
    private static final Pattern UPLOAD = Pattern.compile("<UploadId>([^<]+)</UploadId>");

    /** What MinIO does instead of what a query key asks for on S3: `server: minio` of a catalogue is to refuse these. */
    private static final Map<String, Set<String>> OTHER_READS = Map.ofEntries(
            // A HEAD with any query key is a HEAD of the object or bucket.
            entry("HEAD /reports/2026/a.txt?tagging", "HeadObject reports/2026/a.txt"),
            entry("HEAD /reports/2026/a.txt?acl", "HeadObject reports/2026/a.txt"),
            entry("HEAD /reports/2026/a.txt?retention", "HeadObject reports/2026/a.txt"),
            entry("HEAD /reports/2026/a.txt?legal-hold", "HeadObject reports/2026/a.txt"),
            entry("HEAD /reports/2026/a.txt?torrent", "HeadObject reports/2026/a.txt"),
            entry("HEAD /reports/2026/a.txt?uploadId=none", "HeadObject reports/2026/a.txt"),
            entry("HEAD /reports?acl", "HeadBucket reports"),
            // A bucket cannot be called minio: below that name is the interface of administrators.
            entry("GET /minio/health/live"),
            entry("GET /minio/admin/v3/info", "ServerInfo "),
            entry("GET /minio/admin/v3/export-iam", "ExportIAM "),
            // It refuses these with 403, and does not implement the others: 501. Its audit log has none of them.
            entry("GET /minio/v2/metrics/cluster"),
            entry("GET /.minio.sys/config"),
            entry("GET /reports?ownershipControls"),
            entry("GET /reports?publicAccessBlock"),
            entry("GET /reports?metrics"),
            entry("GET /reports?inventory"),
            entry("GET /reports?analytics"),
            entry("GET /reports?intelligent-tiering"),
            entry("GET /reports/2026/a.txt?torrent"));

    private static final Map<String, Set<String>> OTHER_WRITES = Map.ofEntries(
            // A query key that MinIO does not know leaves what is done without it: the bucket is created or deleted.
            entry("PUT /other-bucket?website Content-Type: application/xml", "PutBucket other-bucket"),
            entry("PUT /other-bucket?logging Content-Type: application/xml", "PutBucket other-bucket"),
            entry("PUT /other-bucket?accelerate Content-Type: application/xml", "PutBucket other-bucket"),
            entry("PUT /other-bucket?requestPayment Content-Type: application/xml", "PutBucket other-bucket"),
            entry("PUT /other-bucket?publicAccessBlock Content-Type: application/xml", "PutBucket other-bucket"),
            entry("PUT /other-bucket?ownershipControls Content-Type: application/xml", "PutBucket other-bucket"),
            entry("DELETE /other-bucket?ownershipControls", "DeleteBucket other-bucket"),
            entry("DELETE /other-bucket?publicAccessBlock", "DeleteBucket other-bucket"),
            // It answers 200 and does nothing.
            entry("DELETE /other-bucket?website"),
            entry("PUT /minio/admin/v3/import-iam", "ImportIAM "));

    private static Map.Entry<String, Set<String>> entry(String name, String... did) {
        return Map.entry(name, Set.of(did));
    }

    @TempDir
    private static Path directory;

    private static MinioServer server;
    private static Comparison comparison;
    private static MinioRequests requests;

    @BeforeAll
    static void start() throws Exception {
        server = new MinioServer(directory);
        comparison = new Comparison("s3", server, MinioAuditIT::words);
        for (String bucket : List.of("reports", "archive")) {
            call("PUT", "/s3/" + bucket, null);
        }
        Matcher begun = UPLOAD.matcher(call("POST", "/s3/reports/2026/big?uploads", ""));
        assertThat(begun.find()).isTrue();
        requests = new MinioRequests(comparison, begun.group(1));
    }

    @AfterAll
    static void stop() {
        if (comparison != null) {
            comparison.close();
        } else if (server != null) {
            server.close();
        }
    }

    private static String call(String method, String target, String body) {
        return comparison
                .fronted()
                .agent()
                .call(comparison.fronted().gateway(), method, target, body)
                .body();
    }

    private static void state() {
        call("PUT", "/s3" + OBJECT, "hello");
    }

    /**
     * An operation in MinIO's own names, which are partly older than the API's. A HEAD is named as its GET, of a bucket as its
     * list. MinIO's lists of grants are made up, and it looks at the bucket alone.
     */
    private static String words(String operation, String resource) {
        String on = resource.equals("/") ? "" : resource;
        return switch (operation) {
            case "GetObject" -> "GetObject " + on + "\nHeadObject " + on;
            case "ListObjects" -> "ListObjectsV1 " + on + "\nHeadBucket " + on;
            case "DeleteObject" -> "DeleteObject " + on + "\nDeleteMultipleObjects " + on;
            case "GetObjectAcl" -> "GetObjectACL " + on.substring(0, on.indexOf('/'));
            case "PutObjectAcl" -> "PutObjectACL " + on.substring(0, on.indexOf('/'));
            case "RestoreObject" -> "PostRestoreObject " + on;
            case "PutBucketAcl" -> "PutBucketACL " + on;
            case "PutBucketNotificationConfiguration" -> "PutBucketNotification " + on;
            case "DeleteBucketReplication" -> "DeleteBucketReplicationConfig " + on;
            case "CreateBucket" -> "PutBucket " + on;
            case "CreateMultipartUpload" -> "NewMultipartUpload " + on;
            case "UploadPart" -> "PutObjectPart " + on;
            case "UploadPartCopy" -> "CopyObjectPart " + on;
            case "ListParts" -> "ListObjectParts " + on;
            case "SelectObjectContent" -> "SelectObject " + on;
            case "GetBucketAcl" -> "GetBucketACL " + on;
            case "GetBucketAccelerateConfiguration" -> "GetBucketAccelerate " + on;
            case "GetBucketReplication" -> "GetBucketReplicationConfig " + on;
            case "GetBucketLifecycleConfiguration" -> "GetBucketLifecycle " + on;
            case "PutBucketLifecycleConfiguration" -> "PutBucketLifecycle " + on;
            case "GetBucketNotificationConfiguration" -> "GetBucketNotification " + on;
            case "GetObjectLockConfiguration" -> "GetBucketObjectLockConfig " + on;
            default -> operation + ' ' + on;
        };
    }

    @Test
    void reads_areNamedAsTheAuditNamesThem() {
        List<Spelling> all = requests.reads();
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, MinioAuditIT::state, OTHER_READS)).isGreaterThan(35);
    }

    @Test
    void writes_areNamedAsTheAuditNamesThem() throws Exception {
        List<Spelling> all = requests.writes();
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, MinioAuditIT::state, OTHER_WRITES)).isGreaterThan(35);
    }

    @Test
    void oddSpellings_areNamedAsTheAuditNamesThemOrRefused() {
        // MinIO takes two slashes in a key for one.
        String folded = "slash at 8 as //";
        String on = " reports/2026/a.txt";
        assertAll(
                () -> comparison.table(
                        comparison.base("GET", OBJECT, "", "", ""),
                        MinioAuditIT::state,
                        3,
                        Map.ofEntries(entry(folded, "GetObject" + on))),
                () -> comparison.table(
                        comparison.base("PUT", OBJECT, "", "", "hello"),
                        MinioAuditIT::state,
                        3,
                        Map.ofEntries(entry(folded, "PutObject" + on))),
                () -> comparison.table(
                        comparison.base("DELETE", OBJECT, "", "", ""),
                        MinioAuditIT::state,
                        3,
                        Map.ofEntries(entry(folded, "DeleteObject" + on))));
    }
}
