package dev.errand.it;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Requests to MinIO by the route {@code /s3}, as clients and as those who look for a hole send them.
 *
 * @param upload the id of an upload of {@code reports/2026/big} that was begun
 */
record MinioRequests(Comparison comparison, String upload) {
    static final String OBJECT = "/reports/2026/a.txt";
    private static final String XML = "Content-Type: application/xml\r\n";
    private static final String COPY = "x-amz-copy-source: /reports/2026/a.txt\r\n";
    private static final String TAGS = "<Tagging><TagSet></TagSet></Tagging>";

    /** MinIO looks for the digest of some bodies before it looks at the signature. */
    private static String xml(String body) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("MD5").digest(body.getBytes(StandardCharsets.UTF_8));
        return XML + "Content-MD5: " + Base64.getEncoder().encodeToString(digest) + "\r\n";
    }

    private void add(List<Spelling> all, String method, String path, String query, String lines, String body) {
        String first = lines.isEmpty() ? "" : ' ' + lines.substring(0, lines.indexOf('\r'));
        all.add(comparison.base(method, path, query, lines, body).as(method + ' ' + path + query + first));
    }

    List<Spelling> reads() {
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
        return all;
    }

    List<Spelling> writes() throws GeneralSecurityException {
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
        return all;
    }
}
