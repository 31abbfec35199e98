package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.SpellingRun.Permitted;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The spelling table, and one of query keys and headers, against S3Mock: its objects before and after are what it did. */
@Tag("s3mock")
class S3SpellingIT {
    private static final String BODY = "written-by-the-call";

    @Test
    void table_throughTheGateway_isTheNamedOperationOrRefused(@TempDir Path directory) {
        try (RealServer s3 = RealServer.s3mock(directory);
                RecordingRelay relay = new RecordingRelay(s3.port());
                FrontedServer fronted = FrontedServer.start("s3", relay.uri(), implemented())) {
            SpellingRun run = new SpellingRun(fronted.gateway(), fronted.agent(), relay, new Witness(s3));
            Spelling.Base put = base("PUT", "/reports/a/b.txt", "", "", BODY);
            run.run(Spelling.of(base("GET", "/reports/a/b.txt", "", "", "")));
            run.run(Spelling.of(put));
            run.run(Spelling.of(base("DELETE", "/reports/a/b.txt", "", "", "")));
            run.run(Spelling.of(base("GET", "/reports", "?list-type=2", "", "")));
            run.run(queries());
            run.run(headers());
            run.run(Spelling.framings(put, "DELETE /reports/a/b.txt HTTP/1.1\r\nHost: x\r\n\r\n"));
            assertThat(run.wrong()).isEmpty();
            assertThat(run.permitted())
                    .contains("plain", "method HEAD", "chunked", "PUT object header x-amz-copy-source: /archive/c.txt");
            assertThat(run.outcomes()).doesNotContainKeys("invalid-token", "decision-unavailable");
        }
    }

    /** Not granted: reads that S3Mock does not know, for which it lists the bucket or gives the object ({@code ?policy}). */
    private static String implemented() {
        StringBuilder allow = new StringBuilder();
        for (String id : List.of(
                "ListBuckets",
                "CreateBucket",
                "DeleteBucket",
                "ListObjects",
                "ListObjectsV2",
                "ListObjectVersions",
                "ListMultipartUploads",
                "GetBucketLocation",
                "GetBucketVersioning",
                "PutBucketVersioning",
                "GetObject",
                "PutObject",
                "CopyObject",
                "DeleteObject",
                "GetObjectAcl",
                "PutObjectAcl",
                "GetObjectAttributes",
                "GetObjectTagging",
                "PutObjectTagging",
                "DeleteObjectTagging",
                "GetObjectRetention",
                "PutObjectRetention",
                "GetObjectLegalHold",
                "PutObjectLegalHold",
                "CreateMultipartUpload",
                "UploadPart",
                "CompleteMultipartUpload",
                "AbortMultipartUpload",
                "ListParts")) {
            allow.append("  s3:").append(id).append(": {}\n");
        }
        return allow.toString();
    }

    private static Spelling.Base base(String method, String path, String query, String lines, String body) {
        return new Spelling.Base(method, "/s3", path, query, lines, body);
    }

    private static List<Spelling> queries() {
        List<Spelling> all = new ArrayList<>();
        List<String> queries = List.of(
                "acl",
                "ACL",
                "acl&tagging",
                "acl&acl",
                "policy",
                "zzz",
                "zzz=1",
                "uploads",
                "uploads&uploads",
                "uploadId=x",
                "uploadId=x&partNumber=1",
                "uploadId=x&uploadId=y&partNumber=1",
                "partNumber=1",
                "versionId=null",
                "versionId=a&versionId=b",
                "VersionId=a",
                "list-type=2",
                "list-type=1",
                "list-type=2&list-type=1",
                "delete",
                "delete&delete",
                "x-id=PutObject",
                "x-id=GetObject",
                "x-id=DeleteObject",
                "X-Amz-Signature=x",
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x",
                "tagging",
                "retention",
                "legal-hold",
                "restore",
                "select",
                "append",
                "response-content-type=text/html",
                "prefix=a&prefix=b",
                "prefix=a%2F",
                "prefix=a+b",
                "max-keys=1&max-keys=9",
                "%61cl",
                "ac%6C",
                "acl=",
                "acl=x",
                "marker=a;uploads",
                "versions",
                "location",
                "encryption",
                "website",
                "cors",
                "logging",
                "torrent",
                "attributes",
                "ownershipControls",
                "uploads=&acl");
        for (String query : queries) {
            for (String method : List.of("GET", "PUT", "DELETE", "POST")) {
                for (String path : List.of("/reports/a/b.txt", "/reports")) {
                    boolean body = method.equals("PUT") || method.equals("POST");
                    all.add(base(method, path, "?" + query, "", body ? BODY : "")
                            .as(method + ' ' + path + '?' + query));
                }
            }
        }
        return all;
    }

    private static List<Spelling> headers() {
        List<Spelling> all = new ArrayList<>();
        for (String line : List.of(
                "x-amz-copy-source: /archive/c.txt",
                "x-amz-copy-source: archive/c.txt",
                "X-Amz-Copy-Source: archive%2Fc.txt",
                "x_amz_copy_source: /archive/c.txt",
                "x-amz_copy-source: /archive/c.txt",
                "x-amz-copy-source: /archive/../reports/c.txt",
                "x-amz-copy-source: archive//c.txt",
                "x-amz-copy-source: /archive/%63.txt",
                "x-amz-copy-source: /archive/c.txt?versionId=1",
                "x-amz-copy-source: /archive/c.txt?x=1",
                "x-amz-copy-source:",
                "x-amz-copy-source: arn:aws:s3:::archive/c.txt",
                "x-amz-copy-source: /archive/c.txt\r\nx-amz-copy-source: /reports/c.txt",
                "x-amz-copy-source: /archive",
                "x-amz-copy-source: /archive/c.txt\r\nConnection: x-amz-copy-source",
                "x-amz-acl: public-read",
                "x-amz-tagging: a=b",
                "x-amz-grant-read: id=x",
                "x-amz-zzz: 1",
                "x-amz-meta-a: b",
                "x-amz-storage-class: GLACIER",
                "x-amz-decoded-content-length: 3",
                "x-amz-trailer: x-amz-checksum-crc32",
                "If-None-Match: *",
                "If-Match: \"x\"",
                "Range: bytes=0-1",
                "x-amz-object-lock-mode: GOVERNANCE",
                "x-amz-bypass-governance-retention: true",
                "x-amz-write-offset-bytes: 3",
                "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                "Content-Encoding: aws-chunked",
                "x-amz-rename-source: /archive/c.txt")) {
            all.add(base("PUT", "/reports/a/b.txt", "", line + "\r\n", BODY).as("PUT object header " + line));
            all.add(base("GET", "/reports/a/b.txt", "", line + "\r\n", "").as("GET object header " + line));
            all.add(base("DELETE", "/reports/a/b.txt", "", line + "\r\n", "").as("DELETE object header " + line));
        }
        for (String body : List.of(
                "<Delete><Object><Key>a/b.txt</Key></Object></Delete>",
                "<Delete><Object><Key>a/b.txt</Key></Object><Object><Key>c.txt</Key></Object></Delete>",
                "<Delete><Object><Key>a/b.txt</Key><Key>c.txt</Key></Object></Delete>",
                "<Delete><Object><Key>a/../c.txt</Key></Object></Delete>",
                "<Delete><Object><Key> c.txt </Key></Object></Delete>",
                "<Delete><Object><Key>a/b&#46;txt</Key></Object></Delete>",
                "<Delete><Object><Key><![CDATA[c.txt]]></Key></Object></Delete>",
                "<Delete><Object><Key>a/b<!-- x -->.txt</Key></Object></Delete>",
                "<!DOCTYPE d [<!ENTITY k 'c.txt'>]><Delete><Object><Key>&k;</Key></Object></Delete>",
                "<Delete><object><key>c.txt</key></object></Delete>",
                "<x:Delete xmlns:x='urn:x'><x:Object><x:Key>c.txt</x:Key></x:Object></x:Delete>",
                "<Delete xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Object><Key>c.txt</Key></Object></Delete>",
                "<Delete><Object><Key>c.txt</Key></Object></Delete><Delete/>",
                "<Delete></Delete>",
                "{}",
                "")) {
            all.add(base("POST", "/reports", "?delete", "Content-Type: application/xml\r\n", body)
                    .as("delete " + body));
        }
        return all;
    }

    /** Asks S3Mock. */
    private static final class Witness implements SpellingRun.Witness {
        private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");
        private static final Map<String, String> OBJECTS =
                Map.of("reports/a/b.txt", "content-1", "reports/c.txt", "content-2", "archive/c.txt", "content-3");

        private final RealServer s3;

        Witness(RealServer s3) {
            this.s3 = s3;
        }

        @Override
        public void reset() {
            Map<String, String> now = objects();
            if (now.equals(OBJECTS)) {
                return;
            }
            Direct.call("PUT", s3.uri() + "/reports", "");
            Direct.call("PUT", s3.uri() + "/archive", "");
            now.keySet().stream()
                    .filter(name -> !OBJECTS.containsKey(name))
                    .forEach(name -> Direct.call("DELETE", s3.uri() + '/' + encoded(name), ""));
            OBJECTS.forEach((name, content) -> {
                Direct.call("DELETE", s3.uri() + '/' + name, "");
                Direct.call("PUT", s3.uri() + '/' + name, content);
            });
            assertThat(objects()).isEqualTo(OBJECTS);
        }

        private static String encoded(String name) {
            return java.net.URLEncoder.encode(name, java.nio.charset.StandardCharsets.UTF_8)
                    .replace("%2F", "/")
                    .replace("+", "%20");
        }

        private Map<String, String> objects() {
            Map<String, String> objects = new TreeMap<>();
            for (String bucket : List.of("reports", "archive")) {
                Matcher keys = KEY.matcher(
                        Direct.call("GET", s3.uri() + '/' + bucket, "").body());
                while (keys.find()) {
                    String name = bucket + '/' + keys.group(1).replace("&amp;", "&");
                    objects.put(
                            name,
                            Direct.call("GET", s3.uri() + '/' + encoded(name), "")
                                    .body());
                }
            }
            return objects;
        }

        @Override
        public Set<String> did(RawHttp.@Nullable Response answer) {
            Map<String, String> after = objects();
            Set<String> did = new LinkedHashSet<>();
            OBJECTS.forEach((name, content) -> {
                if (!after.containsKey(name)) {
                    did.add("delete " + name);
                }
            });
            after.forEach((name, content) -> {
                if (!content.equals(OBJECTS.get(name))) {
                    did.add((content.equals(BODY) || content.isEmpty() ? "put " : "copy to ") + name);
                    OBJECTS.forEach((source, original) -> {
                        if (content.equals(original)) {
                            did.add("get " + source);
                        }
                    });
                }
            });
            if (answer != null && answer.status() < 300) {
                OBJECTS.forEach((name, content) -> {
                    if (answer.body().contains(content)) {
                        did.add("get " + name);
                    }
                });
                if (answer.body().contains("<ListBucketResult") || answer.body().contains("<ListVersionsResult")) {
                    did.add("list " + answer.body().replaceAll("(?s).*<Name>([^<]*)</Name>.*", "$1"));
                }
            }
            return did;
        }

        @Override
        public Set<String> means(Permitted call) {
            Set<String> means = new LinkedHashSet<>();
            for (int i = 0; i < call.operations().size(); i++) {
                String resource = call.resources().get(i);
                String operation = call.operations().get(i);
                means.add(
                        switch (operation.substring("s3:".length())) {
                            case "GetObject" -> "get " + resource;
                            case "PutObject" -> "put " + resource;
                            case "CopyObject" -> "copy to " + resource;
                            case "DeleteObject" -> "delete " + resource;
                            case "ListObjects", "ListObjectsV2", "ListObjectVersions" -> "list " + resource;
                            default -> operation + ' ' + resource;
                        });
            }
            return means;
        }

        /** What it knows nothing of, or what is not there, it answers with no effect that shows. */
        @Override
        public boolean mayBeIdle(Permitted call) {
            return !call.operations().stream()
                    .allMatch(
                            operation -> Set.of("s3:PutObject", "s3:CopyObject").contains(operation));
        }
    }
}
