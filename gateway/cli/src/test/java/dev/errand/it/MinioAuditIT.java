package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway names on an S3 route, request by request beside the audit log of a real MinIO. */
@Tag("minio")
class MinioAuditIT {
    private static final String OBJECT = MinioRequests.OBJECT;
    private static final Pattern UPLOAD = Pattern.compile("<UploadId>([^<]+)</UploadId>");

    @TempDir
    private static Path directory;

    private static MinioServer server;
    private static Comparison comparison;
    private static MinioRequests requests;

    @BeforeAll
    static void start() throws Exception {
        server = new MinioServer(directory);
        comparison = comparison(server);
        for (String bucket : List.of("reports", "archive")) {
            call("PUT", "/s3/" + bucket, null);
        }
        Matcher begun = UPLOAD.matcher(call("POST", "/s3/reports/2026/big?uploads", ""));
        assertThat(begun.find()).isTrue();
        requests = new MinioRequests(comparison, begun.group(1));
    }

    /** With the catalogue of the page on MinIO. */
    static Comparison comparison(MinioServer server) {
        String catalogue = new Page("docs/operations/minio.md").block("server: minio");
        return new Comparison(
                "s3",
                server,
                MinioAuditIT::words,
                FrontedServer.everything("s3"),
                Map.of("operations/s3.yaml", catalogue));
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
        assertThat(comparison.run(all, MinioAuditIT::state)).isGreaterThan(35);
    }

    @Test
    void writes_areNamedAsTheAuditNamesThem() throws Exception {
        List<Spelling> all = requests.writes();
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, MinioAuditIT::state)).isGreaterThan(35);
    }

    @Test
    void oddSpellings_areNamedAsTheAuditNamesThemOrRefused() {
        for (String method : List.of("GET", "PUT", "DELETE")) {
            String body = method.equals("PUT") ? "hello" : "";
            // It refuses a bucket whose name has a capital, in three spellings.
            comparison.table(comparison.base(method, OBJECT, "", "", body), MinioAuditIT::state, 3, Map.of());
        }
    }
}
