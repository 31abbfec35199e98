package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
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
    private static final String OBJECT = "/reports/2026/a.txt";
    private static final String XML = "Content-Type: application/xml\r\n";
    private static final String COPY = "x-amz-copy-source: /reports/2026/a.txt\r\n";
    private static final String TAGS = "<Tagging><TagSet></TagSet></Tagging>";
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
    private static String upload = "";

    @BeforeAll
    static void start() throws Exception {
        server = new MinioServer(directory);
        comparison = new Comparison("s3", server, MinioAuditIT::words);
        for (String bucket : List.of("reports", "archive")) {
            call("PUT", "/s3/" + bucket, null);
        }
        Matcher begun = UPLOAD.matcher(call("POST", "/s3/reports/2026/big?uploads", ""));
        assertThat(begun.find()).isTrue();
        upload = begun.group(1);
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

    /** MinIO looks for the digest of some bodies before it looks at the signature. */
    private static String xml(String body) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("MD5").digest(body.getBytes(StandardCharsets.UTF_8));
        return XML + "Content-MD5: " + Base64.getEncoder().encodeToString(digest) + "\r\n";
    }

    private static void add(List<Spelling> all, String method, String path, String query, String lines, String body) {
        String first = lines.isEmpty() ? "" : ' ' + lines.substring(0, lines.indexOf('\r'));
        all.add(comparison.base(method, path, query, lines, body).as(method + ' ' + path + query + first));
    }

    @Test
    void reads_areNamedAsTheAuditNamesThem() {
        List<Spelling> all = new ArrayList<>();
        add(all, "GET", "/", "", "", "");
        for (String query : List.of(
                "",
                "?list-type=2",
                "?list-type=2&prefix=2026%2F",
                "?list-type=2&metadata=true",
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
                "?requestPayment",
                "?policyStatus",
                "?ownershipControls",
                "?publicAccessBlock",
                "?metrics",
                "?inventory",
                "?analytics",
                "?intelligent-tiering",
                "?list-type=1",
                "?events=s3:ObjectCreated:*",
                "?replication-metrics",
                "?replication-check",
                "?zzz")) {
            add(all, "GET", "/reports", query, "", "");
        }
        for (String query : List.of(
                "",
                "?tagging",
                "?acl",
                "?retention",
                "?legal-hold",
                "?torrent",
                "?versionId=null",
                "?partNumber=1",
                "?uploadId=none",
                "?lambdaArn=arn:minio:s3-object-lambda::x:webhook",
                "?response-content-type=text%2Fplain",
                "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0",
                "?zzz=1")) {
            add(all, "GET", OBJECT, query, "", "");
            add(all, "HEAD", OBJECT, query, "", "");
        }
        add(all, "GET", OBJECT, "?attributes", "x-amz-object-attributes: ETag\r\n", "");
        add(all, "GET", OBJECT, "", "X-Minio-Extract: true\r\n", "");
        add(all, "GET", "/reports/2026/big", "?uploadId=" + upload, "", "");
        add(all, "GET", "/reports/none", "", "", "");
        add(all, "HEAD", "/reports", "", "", "");
        add(all, "HEAD", "/reports", "?acl", "", "");
        for (String path : List.of(
                "/minio/health/live",
                "/minio/admin/v3/info",
                "/minio/admin/v3/export-iam",
                "/minio/v2/metrics/cluster",
                "/.minio.sys/config")) {
            add(all, "GET", path, "", "", "");
        }
        assertThat(all).hasSizeGreaterThanOrEqualTo(40);
        assertThat(comparison.run(all, MinioAuditIT::state, OTHER_READS)).isGreaterThan(35);
    }

    @Test
    void writes_areNamedAsTheAuditNamesThem() throws Exception {
        List<Spelling> all = new ArrayList<>();
        String parts = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>"
                + "</CompleteMultipartUpload>";
        String one = "?partNumber=1&uploadId=" + upload;
        add(all, "PUT", "/reports/2026/b.txt", "", "", "new");
        add(all, "PUT", "/reports/2026/b.txt", "?x-id=PutObject", "", "new");
        add(all, "PUT", "/reports/2026/b.txt", "?x-id=GetObject", "", "new");
        add(all, "PUT", "/reports/2026/b.txt", "?zzz=1", "", "new");
        add(all, "PUT", "/reports/2026/b.txt", "", "If-None-Match: *\r\n", "new");
        add(all, "PUT", "/reports/2026/tagged.txt", "", "x-amz-tagging: a=b\r\n", "new");
        add(all, "PUT", "/reports/2026/acl.txt", "", "x-amz-acl: private\r\n", "new");
        add(all, "PUT", "/reports/2026/c.txt", "", COPY, "");
        add(all, "PUT", "/archive/c.txt", "", "x-amz-copy-source: reports%2F2026%2Fa.txt\r\n", "");
        add(all, "PUT", "/archive/c.txt", "", "x-amz-copy-source: reports\r\n", "");
        add(all, "PUT", "/archive/c.txt", "", "x-amz-copy-source: /reports/../archive/c.txt\r\n", "");
        add(all, "PUT", "/reports/2026/x.tar", "", "X-Amz-Meta-Snowball-Auto-Extract: true\r\n", "new");
        add(all, "PUT", "/reports/2026/x.tar", "", "X-Amz-Meta-Minio-Snowball-Prefix: /other\r\n", "new");
        add(all, "PUT", "/reports/2026/b.txt", "", "X-Minio-Source-Mtime: 2020-01-01T00:00:00Z\r\n", "new");
        add(all, "PUT", "/reports/2026/b.txt", "", "X-Minio-Source-Replication-Request: true\r\n", "new");
        add(all, "PUT", "/reports/2026/b.txt", "", "x-amz-write-offset-bytes: 3\r\n", "new");
        add(all, "PUT", OBJECT, "?tagging", XML, TAGS);
        add(all, "PUT", OBJECT, "?acl", XML, "");
        add(all, "PUT", OBJECT, "?retention", XML, "<Retention/>");
        add(all, "PUT", OBJECT, "?legal-hold", XML, "<LegalHold/>");
        add(all, "POST", "/reports/2026/other-big", "?uploads", "", "");
        add(all, "PUT", "/reports/2026/big", one, "", "part");
        add(all, "PUT", "/reports/2026/big", one, COPY, "");
        add(all, "PUT", "/reports/2026/big", "?partNumber=1&uploadId=none", "", "part");
        add(all, "PUT", "/reports/2026/big", "?partNumber=1", "", "part");
        add(all, "POST", "/reports/2026/big", "?uploadId=" + upload, XML, parts);
        add(all, "POST", OBJECT, "?select&select-type=2", XML, "<SelectObjectContentRequest/>");
        add(all, "POST", OBJECT, "?restore", XML, "<RestoreRequest><Days>1</Days></RestoreRequest>");
        add(all, "POST", OBJECT, "", XML, "x");
        add(all, "DELETE", "/reports/2026/big", "?uploadId=none", "", "");
        add(all, "DELETE", OBJECT, "?tagging", "", "");
        add(all, "DELETE", OBJECT, "?acl", "", "");
        add(all, "DELETE", OBJECT, "?versionId=null", "", "");
        add(all, "DELETE", OBJECT, "?zzz=1", "", "");
        add(all, "DELETE", OBJECT, "", "", "");
        add(all, "DELETE", "/reports/2026", "", "X-Minio-Force-Delete: true\r\n", "");
        String keys = "<Delete><Object><Key>2026/a.txt</Key></Object><Object><Key>2026/none</Key></Object></Delete>";
        add(all, "POST", "/reports", "?delete", xml(keys), keys);
        add(all, "POST", "/reports", "?delete&zzz", xml(keys), keys);
        add(all, "PUT", "/other-bucket", "", "", "");
        for (String query : List.of(
                "?versioning",
                "?tagging",
                "?policy",
                "?lifecycle",
                "?encryption",
                "?notification",
                "?cors",
                "?acl",
                "?replication-reset",
                "?website",
                "?logging",
                "?accelerate",
                "?requestPayment",
                "?publicAccessBlock",
                "?ownershipControls",
                "?zzz")) {
            add(all, "PUT", "/other-bucket", query, xml("<x/>"), "<x/>");
        }
        for (String query : List.of(
                "?policy",
                "?lifecycle",
                "?encryption",
                "?tagging",
                "?website",
                "?cors",
                "?replication",
                "?ownershipControls",
                "?publicAccessBlock",
                "?zzz",
                "")) {
            add(all, "DELETE", "/other-bucket", query, "", "");
        }
        add(all, "PUT", "/minio/admin/v3/import-iam", "", "", "x");
        add(all, "POST", "/minio/admin/v3/service", "?action=restart", "", "");
        add(all, "DELETE", "/reports", "", "X-Minio-Force-Delete: true\r\n", "");
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
