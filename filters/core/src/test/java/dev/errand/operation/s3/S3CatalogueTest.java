package dev.errand.operation.s3;

import static dev.errand.operation.Requests.catalogue;
import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static dev.errand.operation.Requests.withBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Jcs;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3CatalogueTest {
    private static final OperationCatalogue S3 =
            catalogue("{catalogue: s3, resolver: s3, style: path, effects: {GetBucketPolicy: admin}}");

    @ParameterizedTest
    @CsvSource({
        "GET, /, s3:ListBuckets on /",
        "GET, /bucket, s3:ListObjects on bucket",
        "GET, /bucket/, s3:ListObjects on bucket",
        "HEAD, /bucket, s3:ListObjects on bucket",
        "HEAD, /bucket?acl, unknown",
        "HEAD, /bucket?list-type=2, unknown",
        "HEAD, /bucket/a?tagging, unknown",
        "HEAD, /bucket/a?torrent, unknown",
        "HEAD, /bucket/a?uploadId=u, unknown",
        "HEAD, /bucket/a?versionId=3, s3:GetObject on bucket/a",
        "GET, /bucket/a%3Bb/c%3bd, s3:GetObject on bucket/a;b/c;d",
        "GET, /bucket/a;b, malformed",
        "GET, /bucket?list-type=2&prefix=a%2Fb, s3:ListObjectsV2 on bucket",
        "GET, /bucket?list-type=1, unknown",
        "GET, /bucket?list-type=2&marker=a, unknown",
        "GET, /bucket?policy, s3:GetBucketPolicy on bucket",
        "GET, /bucket?polic%79=, s3:GetBucketPolicy on bucket",
        "GET, /bucket?POLICY, unknown",
        "GET, /bucket?zzz, unknown",
        "GET, /bucket?policy&acl, unknown",
        "GET, /bucket?policy&policy, malformed",
        "GET, /bucket?analytics&id=a, s3:GetBucketAnalyticsConfiguration on bucket",
        "GET, /bucket?analytics, s3:ListBucketAnalyticsConfigurations on bucket",
        "GET, /bucket?id=a, unknown",
        "PUT, /bucket, s3:CreateBucket on bucket",
        "PUT, /bucket?acl, s3:PutBucketAcl on bucket",
        "DELETE, /bucket, s3:DeleteBucket on bucket",
        "POST, /bucket, unknown",
        "GET, /bucket/a/b.txt, s3:GetObject on bucket/a/b.txt",
        "HEAD, /bucket/a/b.txt?partNumber=1, s3:GetObject on bucket/a/b.txt",
        "GET, /bucket/a//b/, s3:GetObject on bucket/a//b/",
        "GET, /bucket//a, s3:GetObject on bucket//a",
        "GET, /bucket//, s3:GetObject on bucket//",
        "GET, /bucket/a//, s3:GetObject on bucket/a//",
        "GET, //, unknown",
        "GET, //a, unknown",
        "GET, /ab/key, unknown",
        "GET, /bucket/a%20b, s3:GetObject on bucket/a b",
        "GET, /bucket/a+b, malformed",
        "GET, /bucket/a%2Fb, malformed",
        "GET, /bucket/../other/a, malformed",
        "GET, /bucket/%2e%2e/a, malformed",
        "GET, /bucket/a?versionId=3, s3:GetObject on bucket/a",
        "GET, /bucket/a?uploadId=u, s3:ListParts on bucket/a",
        "GET, /bucket/a?x-id=GetObject, s3:GetObject on bucket/a",
        "GET, /bucket/a?x-id=PutObject, unknown",
        "GET, /bucket/a?X-Amz-Algorithm=AWS4-HMAC-SHA256, unknown",
        "GET, /bucket/a?x-amz-acl=public-read, unknown",
        "GET, /bucket/a?AWSAccessKeyId=k, unknown",
        "PUT, /bucket/a, s3:PutObject on bucket/a",
        "PUT, /bucket/a?zzz=1, unknown",
        "PUT, /bucket/a?versionId=1, unknown",
        "PUT, /bucket/a?partNumber=1&uploadId=u, s3:UploadPart on bucket/a",
        "PUT, /bucket/a?partNumber=1, unknown",
        "PUT, /bucket/a?acl&versionId=1, s3:PutObjectAcl on bucket/a",
        "POST, /bucket/a?uploads, s3:CreateMultipartUpload on bucket/a",
        "POST, /bucket/a?uploadId=u, s3:CompleteMultipartUpload on bucket/a",
        "POST, /bucket/a?select&select-type=2, s3:SelectObjectContent on bucket/a",
        "POST, /bucket/a?select, unknown",
        "POST, /bucket/a, unknown",
        "DELETE, /bucket/a, s3:DeleteObject on bucket/a",
        "DELETE, /bucket/a?uploadId=u, s3:AbortMultipartUpload on bucket/a",
        "OPTIONS, /bucket/a, unknown",
        "PATCH, /bucket/a, unknown"
    })
    void resolve_namesTheAction(String method, String target, String expected) {
        assertThat(outcome(S3, request(method, target))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT | /bucket/a | x-amz-meta-x | 1 | s3:PutObject on bucket/a",
                "PUT | /bucket/a | X-Amz-Acl | private | s3:PutObject on bucket/a",
                "PUT | /bucket | x-amz-acl | private | s3:CreateBucket on bucket",
                "PUT | /bucket/a | x-amz-acl | Private | s3:PutObject on bucket/a, s3:PutObjectAcl on bucket/a",
                "PUT | /bucket/a | x-amz-acl | private, public-read | s3:PutObject on bucket/a, s3:PutObjectAcl on bucket/a",
                "PUT | /bucket/a | x-amz-acl | public-read | s3:PutObject on bucket/a, s3:PutObjectAcl on bucket/a",
                "DELETE | /bucket/a | x-amz-if-match-size | 7 | s3:DeleteObject on bucket/a",
                "DELETE | /bucket/a | x-amz-if-match-last-modified-time | Tue, 01 Dec 2026 | s3:DeleteObject on bucket/a",
                "DELETE | /bucket/a | x-amz-if-matched | 7 | unknown",
                "PUT | /bucket/a | x-amz-grant-read | id=1 | s3:PutObject on bucket/a, s3:PutObjectAcl on bucket/a",
                "PUT | /bucket/a?acl | x-amz-acl | private | s3:PutObjectAcl on bucket/a",
                "PUT | /bucket/a | x-amz-tagging | a=b | s3:PutObject on bucket/a, s3:PutObjectTagging on bucket/a",
                "PUT | /bucket/a | x-amz-object-lock-mode | COMPLIANCE | s3:PutObject on bucket/a, s3:PutObjectRetention on bucket/a",
                "PUT | /bucket/a | x-amz-object-lock-legal-hold | ON | s3:PutObject on bucket/a, s3:PutObjectLegalHold on bucket/a",
                "POST | /bucket/a?uploads | x-amz-acl | private | s3:CreateMultipartUpload on bucket/a",
                "PUT | /bucket | x-amz-acl | public-read | s3:CreateBucket on bucket, s3:PutBucketAcl on bucket",
                "PUT | /bucket | x-amz-bucket-object-lock-enabled | true | s3:CreateBucket on bucket, s3:PutObjectLockConfiguration on bucket",
                "DELETE | /bucket/a | x-amz-bypass-governance-retention | true | s3:DeleteObject on bucket/a, s3:PutObjectRetention on bucket/a",
                "GET | /bucket/a | x-amz-acl | private | unknown",
                "GET | /bucket/a | x-amz-checksum-mode | ENABLED | s3:GetObject on bucket/a",
                "PUT | /bucket/a | x-amz-new-thing | 1 | unknown",
                "PUT | /bucket/a | x_amz_acl | private | unknown",
                "PUT | /bucket/a | x-amz-security-token | t | unknown",
                "DELETE | /bucket/a | x-amz-mfa | 1 2 | unknown",
                "PUT | /bucket/a | x-amz-copy-source | /other/k | s3:CopyObject on bucket/a, s3:GetObject on other/k",
                "PUT | /bucket/a?x-id=CopyObject | x-amz-copy-source | other/k | s3:CopyObject on bucket/a, s3:GetObject on other/k",
                "PUT | /bucket/a?x-id=PutObject | x-amz-copy-source | other/k | unknown",
                "PUT | /bucket/a | x-amz-copy-source | other/a%20b?versionId=v | s3:CopyObject on bucket/a, s3:GetObject on other/a b",
                "PUT | /bucket/a | x-amz-copy-source | other%2Fdeep%2Fk | s3:CopyObject on bucket/a, s3:GetObject on other/deep/k",
                "PUT | /bucket/a | x-amz-copy-source | other%2fdeep/k | malformed",
                "PUT | /bucket/a | x-amz-copy-source | other/a%3Bb | s3:CopyObject on bucket/a, s3:GetObject on other/a;b",
                "PUT | /bucket/a | x-amz-trailer | x-amz-checksum-crc32 | s3:PutObject on bucket/a",
                "PUT | /bucket/a | x-amz-trailer | x-amz-meta-minio-x | unknown",
                "PUT | /bucket/a | x-amz-trailer | x-amz-checksum-crc32, x-amz-acl | unknown",
                "PUT | /bucket/a | x-amz-copy-source | other/../bucket/k | malformed",
                "PUT | /bucket/a | x-amz-copy-source | other/%252e | malformed",
                "PUT | /bucket/a | x-amz-copy-source | other/k?x=1 | malformed",
                "PUT | /bucket/a | x-amz-copy-source | other/a+b | malformed",
                "PUT | /bucket/a | x-amz-copy-source | other | malformed",
                "PUT | /bucket/a | x-amz-copy-source | arn:aws:s3:::b/k | malformed",
                "PUT | /bucket/a?partNumber=1&uploadId=u | x-amz-copy-source | other/k | s3:UploadPartCopy on bucket/a, s3:GetObject on other/k",
                "PUT | /bucket/a?acl | x-amz-copy-source | other/k | unknown",
                "PUT | /bucket | x-amz-copy-source | other/k | unknown",
                "GET | /bucket/a | x-amz-copy-source | other/k | unknown"
            })
    void resolve_readsTheHeaders(String method, String target, String name, String value, String expected) {
        assertThat(outcome(S3, request(method, target, name, value))).isEqualTo(expected);
    }

    @Test
    void resolve_aCopyWithGrants_isItsTargetItsSourceAndTheGrant() {
        assertThat(outcome(S3, request("PUT", "/bucket/a", "x-amz-copy-source", "o-o/k", "x-amz-acl", "public-read")))
                .isEqualTo("s3:CopyObject on bucket/a, s3:GetObject on o-o/k, s3:PutObjectAcl on bucket/a");
        assertThat(outcome(S3, request("PUT", "/bucket/a", "x-amz-copy-source", "o-o/k", "x-amz-copy-source", "o-o/l")))
                .isEqualTo("malformed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<Delete><Object><Key>a</Key></Object><Object><Key>b/c&amp;d</Key><VersionId>1</VersionId></Object><Quiet>true</Quiet></Delete> | s3:DeleteObject on bucket/a, s3:DeleteObject on bucket/b/c&d",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"> <Object> <Key>&#x61;</Key> </Object> </Delete> | s3:DeleteObject on bucket/a",
                "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Delete><Object><Key>a</Key></Object></Delete> | malformed",
                "<!DOCTYPE d [<!ENTITY x \"b\">]><Delete><Object><Key>&x;</Key></Object></Delete> | malformed",
                "<Delete><Object><Key>&x;</Key></Object></Delete> | malformed",
                "<Delete><Object><Key>a<!-- -->b</Key></Object></Delete> | malformed",
                "<Delete><Object><Key><![CDATA[a]]></Key></Object></Delete> | malformed",
                "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete> | malformed",
                "<Delete><Object><key>a</key></Object></Delete> | malformed",
                "<Delete><Object><Key>a</Key></Object><Other/></Delete> | malformed",
                "<Delete><Object><Key><b>a</b></Key></Object></Delete> | malformed",
                "<Delete><Object Key=\"b\"><Key>a</Key></Object></Delete> | malformed",
                "<x:Delete xmlns:x=\"http://s3.amazonaws.com/doc/2006-03-01/\"><x:Object><x:Key>a</x:Key></x:Object></x:Delete> | malformed",
                "<Delete xmlns=\"urn:x\"><Object><Key>a</Key></Object></Delete> | malformed",
                "<Delete>text<Object><Key>a</Key></Object></Delete> | malformed",
                "<Delete><Object><Key>../a</Key></Object></Delete> | malformed",
                "<Delete><Object><Key> a</Key></Object></Delete> | malformed",
                "<Delete><Object><Key></Key></Object></Delete> | malformed",
                "<Delete><Object></Object></Delete> | malformed",
                "<Delete></Delete> | malformed",
                "<Delete><Object><Key>a</Key></Object> | malformed",
                "<Delete><Object><Key>a</Key></Object></Delete><Delete/> | malformed",
                "'' | malformed"
            })
    void resolve_deletingMany_isOnePairForEachKey(String body, String expected) {
        assertThat(outcome(S3, withBody("POST", "/bucket?delete", body))).isEqualTo(expected);
    }

    @Test
    void resolve_deletingMany_isBounded() {
        String one = "<Object><Key>k</Key></Object>";
        assertThat(((Resolution.Resolved) S3.resolve(
                                withBody("POST", "/bucket?delete=", "<Delete>" + one.repeat(1000) + "</Delete>")))
                        .calls())
                .hasSize(1000);
        assertThat(outcome(S3, withBody("POST", "/bucket?delete", "<Delete>" + one.repeat(1001) + "</Delete>")))
                .isEqualTo("malformed");
        String padded = "<Delete>" + one + " ".repeat(1 << 20) + "</Delete>";
        assertThat(outcome(S3, withBody("POST", "/bucket?delete", padded))).isEqualTo("malformed");
        assertThat(outcome(
                        S3,
                        withBody("POST", "/bucket?delete", "<Delete>" + one + "</Delete>", "Content-Encoding", "gzip")))
                .isEqualTo("malformed");
        assertThat(outcome(
                        S3,
                        withBody(
                                "POST",
                                "/bucket?delete",
                                "<Delete>" + one + "</Delete>",
                                "x-amz-bypass-governance-retention",
                                "true")))
                .isEqualTo("s3:DeleteObject on bucket/k, s3:PutObjectRetention on bucket/k");
        assertThat(S3.needsBody(request("POST", "/bucket?delete"))).isTrue();
        assertThat(S3.needsBody(request("PUT", "/bucket/a"))).isFalse();
    }

    @Test
    void operations_areTheApisOwnNames() {
        assertThat(S3.operation("s3:PutObject")).contains(new Operation("s3:PutObject", Effect.WRITE, false, false));
        assertThat(S3.operation("s3:GetBucketPolicy").orElseThrow().effect()).isEqualTo(Effect.ADMIN);
        assertThat(S3.operation("s3:DeleteObjects")).isEmpty();
        assertThat(S3.operation("s3:HeadObject")).isEmpty();
        assertThat(S3.reviewed(Set.of(Effect.DELETE)))
                .extracting(Operation::id)
                .containsExactlyInAnyOrder("s3:DeleteBucket", "s3:DeleteObject", "s3:AbortMultipartUpload");
    }

    private static final OperationCatalogue MINIO =
            catalogue("{catalogue: s3, resolver: s3, server: minio, reserved: [Backup]}");

    @ParameterizedTest
    @CsvSource({
        "GET, /bucket/a, s3:GetObject on bucket/a",
        "GET, /bucket?website, s3:GetBucketWebsite on bucket",
        "PUT, /bucket?website, unknown",
        "PUT, /bucket?logging, unknown",
        "PUT, /bucket?accelerate, unknown",
        "PUT, /bucket?requestPayment, unknown",
        "PUT, /bucket?publicAccessBlock, unknown",
        "DELETE, /bucket?ownershipControls, unknown",
        "DELETE, /bucket?publicAccessBlock, unknown",
        "DELETE, /bucket?website, unknown",
        "GET, /bucket/a?torrent, unknown",
        "GET, /minio/admin/v3/export-iam, unknown",
        "GET, /Minio/health/live, unknown",
        "GET, /.minio.sys/config, unknown",
        "GET, /backup/a, unknown",
        "GET, /minio-other/a, s3:GetObject on minio-other/a",
        "GET, /bucket/a//b, malformed",
        "GET, /bucket//a, malformed",
        "GET, /bucket/a//, malformed",
        "GET, /bucket/a/, s3:GetObject on bucket/a/"
    })
    void resolve_ofMinio_namesWhatMinioDoes(String method, String target, String expected) {
        assertThat(outcome(MINIO, request(method, target))).isEqualTo(expected);
    }

    @Test
    void resolve_ofMinio_looksAtEveryKey() {
        assertThat(outcome(MINIO, request("PUT", "/bucket/a", "x-amz-copy-source", "minio/admin")))
                .isEqualTo("unknown");
        assertThat(outcome(MINIO, request("PUT", "/bucket/a", "x-amz-copy-source", "other/a//b")))
                .isEqualTo("malformed");
        assertThat(outcome(MINIO, request("PUT", "/bucket", "x-amz-object-ownership", "x")))
                .isEqualTo("unknown");
        assertThat(outcome(
                        MINIO, withBody("POST", "/bucket?delete", "<Delete><Object><Key>a//b</Key></Object></Delete>")))
                .isEqualTo("malformed");
        assertThat(MINIO.operation("s3:PutBucketWebsite")).isEmpty();
        assertThat(MINIO.reviewed(Set.of(Effect.ADMIN)))
                .extracting(Operation::id)
                .contains("s3:PutBucketPolicy")
                .doesNotContain("s3:PutBucketWebsite");
    }

    @Test
    void resolve_ofMinio_mayFoldSlashes() {
        OperationCatalogue folding =
                catalogue("{catalogue: s3, resolver: s3, server: minio, normalise: {empty-segments: fold}}");
        assertThat(outcome(folding, request("GET", "/bucket/a//b"))).isEqualTo("s3:GetObject on bucket/a//b");
        assertThat(((Resolution.Resolved) folding.resolve(request("GET", "/bucket//a//b")))
                        .calls()
                        .get(0)
                        .judged()
                        .string("resource"))
                .isEqualTo("bucket/a/b");
        assertThat(outcome(folding, request("GET", "/bucket//"))).isEqualTo("malformed");
    }

    @Test
    void resolve_ofCeph_namesWhatCephDoes() {
        OperationCatalogue ceph =
                catalogue("{catalogue: s3, resolver: s3, server: ceph, effects: {RestoreObject: execute}}");
        assertThat(outcome(ceph, request("PUT", "/bucket?website"))).isEqualTo("s3:PutBucketWebsite on bucket");
        assertThat(outcome(ceph, request("PUT", "/bucket?accelerate"))).isEqualTo("unknown");
        assertThat(outcome(ceph, request("GET", "/minio/a//b"))).isEqualTo("s3:GetObject on minio/a//b");
        assertThat(ceph.reviewed(Set.of(Effect.EXECUTE))).isEmpty();
    }

    private static final OperationCatalogue BOUND =
            catalogue("{catalogue: s3, resolver: s3, params: {versionId: query, prefix: query}}");

    private static List<String> arguments(CatalogueRequest request) {
        return ((Resolution.Resolved) BOUND.resolve(request))
                .calls().stream().map(call -> Jcs.canonical(call.arguments())).toList();
    }

    @Test
    void listParam_hasAllValuesOfARepeatedKey_unlessTheKeySelectsAnOperation() {
        OperationCatalogue lists =
                catalogue("{catalogue: s3, resolver: s3, params: {prefix: query:list, uploadId: query:list}}");

        assertThat(Jcs.canonical(
                        ((Resolution.Resolved) lists.resolve(request("GET", "/bucket?list-type=2&prefix=x&prefix=a/")))
                                .calls()
                                .get(0)
                                .arguments()))
                .isEqualTo("{\"prefix\":[\"x\",\"a/\"],\"resource\":\"bucket\"}");
        assertThat(lists.resolve(request("GET", "/bucket/k?uploadId=1&uploadId=2")))
                .isInstanceOf(Resolution.Malformed.class);
        assertThat(lists.resolve(request("GET", "/bucket?list-type=2&prefix=x&max-keys=1&max-keys=2")))
                .isInstanceOf(Resolution.Malformed.class);
        assertThat(BOUND.resolve(request("GET", "/bucket?list-type=2&prefix=x&prefix=y")))
                .isInstanceOf(Resolution.Malformed.class);
    }

    @Test
    void params_areArgumentsOfEveryPair_whereverTheRequestSaysThem() {
        assertThat(arguments(request("GET", "/bucket?list-type=2&prefix=2026%2F")))
                .containsExactly("{\"prefix\":\"2026/\",\"resource\":\"bucket\"}");
        assertThat(arguments(request("GET", "/bucket/a?versionId=v1")))
                .containsExactly("{\"resource\":\"bucket/a\",\"versionId\":\"v1\"}");
        assertThat(arguments(request("PUT", "/bucket/a", "x-amz-copy-source", "other/k?versionId=v2")))
                .containsExactly("{\"resource\":\"bucket/a\"}", "{\"resource\":\"other/k\",\"versionId\":\"v2\"}");
        assertThat(
                        arguments(
                                withBody(
                                        "POST",
                                        "/bucket?delete",
                                        "<Delete><Object><Key>a</Key><VersionId>v3</VersionId></Object><Object><Key>b</Key></Object></Delete>")))
                .containsExactly("{\"resource\":\"bucket/a\",\"versionId\":\"v3\"}", "{\"resource\":\"bucket/b\"}");
        assertThat(outcome(BOUND, request("GET", "/bucket?list-type=2&prefix=a+b")))
                .isEqualTo("malformed");
        assertThat(BOUND.arguments("s3:GetObject")).contains(Set.of("resource", "versionId", "prefix"));
    }
}
