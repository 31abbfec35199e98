package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AWS command line and boto3 as they are shipped, against a real MinIO, inside a task and outside it. */
@Tag("minio")
class MinioClientsIT {
    /** More than the size from which the command line sends an object in parts. */
    private static final int LARGE = 9 << 20;

    private static final String GRANTS = new Page("docs/operations/minio.md").grants("# aws s3");

    @TempDir
    private Path directory;

    private Client aws(SigningProxy proxy) {
        Map<String, String> environment = Map.of(
                "HOME", directory.toString(),
                "AWS_ACCESS_KEY_ID", "agent",
                "AWS_SECRET_ACCESS_KEY", "agent",
                "AWS_DEFAULT_REGION", "us-east-1",
                "AWS_MAX_ATTEMPTS", "1",
                "AWS_ENDPOINT_URL_S3", proxy.address() + "/s3");
        return new Client(
                proxy,
                environment,
                List.of(RealServer.program("aws", "aws/bin/aws").toString()));
    }

    private Path file(String name, byte[] content) throws Exception {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    @Test
    @Tag("aws")
    void awsCommand_insideItsTask_makesCopiesListsSyncsAndRemoves() throws Exception {
        try (MinioServer server = new MinioServer(directory);
                FrontedServer fronted = Client.fronted("s3", server, GRANTS);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client aws = aws(proxy);
            String small = file("a.txt", "hello".getBytes()).toString();
            String large = file("large", new byte[LARGE]).toString();
            aws.succeeds("make_bucket: reports", "s3", "mb", "s3://reports");
            aws.succeeds("upload", "s3", "cp", small, "s3://reports/2026/a b+c=d.txt");
            aws.succeeds("hello", "s3", "cp", "s3://reports/2026/a b+c=d.txt", "-");
            aws.succeeds("upload", "s3", "cp", large, "s3://reports/2026/large");
            aws.succeeds("a b+c=d.txt", "s3", "ls", "s3://reports/2026/");
            aws.succeeds(String.valueOf(LARGE), "s3api", "head-object", "--bucket", "reports", "--key", "2026/large");
            aws.succeeds("copy", "s3", "cp", "s3://reports/2026/a b+c=d.txt", "s3://reports/2026/copies/b.txt");
            aws.succeeds("copy", "s3", "cp", "s3://reports/2026/large", "s3://reports/2026/copies/large");
            Path tree = file("tree/one", "1".getBytes()).getParent();
            file("tree/sub/two", "2".getBytes());
            aws.succeeds("upload", "s3", "sync", tree.toString(), "s3://reports/2026/tree");
            Files.delete(tree.resolve("one"));
            aws.succeeds("delete", "s3", "sync", "--delete", tree.toString(), "s3://reports/2026/tree");
            Path back = directory.resolve("back");
            aws.succeeds("download", "s3", "sync", "s3://reports/2026/tree", back.toString());
            assertThat(back.resolve("sub/two")).hasContent("2");
            assertThat(back.resolve("one")).doesNotExist();
            aws.succeeds("delete", "s3", "rm", "--recursive", "s3://reports/2026");
            server.settle();
            assertThat(server.executed())
                    .extracting(AuditedServer.Executed::who)
                    .containsOnly(server.principal());
            assertThat(Client.named(fronted))
                    .containsExactlyInAnyOrder(
                            "s3:CreateBucket",
                            "s3:PutObject",
                            "s3:GetObject",
                            "s3:DeleteObject",
                            "s3:CreateMultipartUpload",
                            "s3:UploadPart",
                            "s3:CompleteMultipartUpload",
                            "s3:CopyObject",
                            "s3:UploadPartCopy",
                            "s3:ListObjectsV2");
        }
    }

    @Test
    @Tag("aws")
    void awsCommand_worksInsideTheTemplateOfThePage_andFailsOutsideIt() throws Exception {
        try (MinioServer server = new MinioServer(directory);
                FrontedServer setUp = Client.fronted("s3", server, FrontedServer.everything("s3"));
                FrontedServer fronted = FrontedServer.ofPage(
                        "s3",
                        server,
                        new Page("docs/operations/s3.md"),
                        "publish-report",
                        "{\"template\":\"publish-report\",\"parameters\":{\"month\":\"2026-11\"}}",
                        Map.of());
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            for (String bucket : List.of("reports", "archive")) {
                setUp.agent().call(setUp.gateway(), "PUT", "/s3/" + bucket, null);
            }
            Client aws = aws(proxy);
            String small = file("a.txt", "hello".getBytes()).toString();
            String large = file("large", new byte[LARGE]).toString();
            aws.succeeds("upload", "s3", "cp", small, "s3://reports/2026-11/a.txt");
            aws.succeeds("upload", "s3", "cp", large, "s3://reports/2026-11/large");
            aws.succeeds("hello", "s3", "cp", "s3://reports/2026-11/a.txt", "-");
            Path tree = file("tree/one", "1".getBytes()).getParent();
            file("tree/sub/two", "2".getBytes());
            aws.succeeds("upload", "s3", "sync", tree.toString(), "s3://reports/2026-11/tree");
            Path back = directory.resolve("back");
            aws.succeeds("download", "s3", "sync", "s3://reports/2026-11/tree", back.toString());
            assertThat(back.resolve("sub/two")).hasContent("2");
            aws.fails("s3", "cp", small, "s3://reports/2026-10/a.txt");
            aws.fails("s3", "cp", small, "s3://archive/2026-11/a.txt");
            Files.delete(tree.resolve("one"));
            aws.fails("s3", "sync", "--delete", tree.toString(), "s3://reports/2026-11/tree");
            // A fifth refusal within a minute would end the task.
            aws.succeeds("copy", "s3", "cp", "s3://reports/2026-11/a.txt", "s3://archive/2026-11/a.txt");
            aws.fails("s3", "cp", small, "s3://reports/2026-11/b.txt");
            server.settle();
            assertThat(server.executed())
                    .extracting(AuditedServer.Executed::resource)
                    .allMatch(resource -> resource.startsWith("reports") || resource.startsWith("archive"))
                    .noneMatch(resource -> resource.contains("2026-10") || resource.endsWith("b.txt"));
        }
    }

    @Test
    @Tag("aws")
    void awsCommand_outsideItsTask_failsAndNothingReachesMinio() throws Exception {
        try (MinioServer server = new MinioServer(directory);
                FrontedServer fronted = Client.fronted("s3", server, GRANTS);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            Client aws = aws(proxy);
            String small = file("a.txt", "hello".getBytes()).toString();
            aws.succeeds("make_bucket: reports", "s3", "mb", "s3://reports");
            aws.succeeds("upload", "s3", "cp", small, "s3://reports/2026/a.txt");
            server.settle();
            int before = server.executed().size();
            aws.fails("s3", "mb", "s3://other");
            aws.fails("s3", "rb", "s3://reports");
            assertThat(aws.fails("s3", "cp", small, "s3://reports/2025/a.txt"))
                    .contains("AccessDenied", "errand: constraint-violated");
            aws.fails("s3", "cp", small, "s3://reports/2026/a.txt", "--acl", "public-read");
            aws.fails("s3", "rm", "s3://reports/2025/a.txt");
            aws.fails("s3", "ls");
            aws.fails("s3", "ls", "s3://archive");
            aws.fails("s3api", "put-bucket-policy", "--bucket", "reports", "--policy", "{}");
            aws.fails("s3api", "get-object-tagging", "--bucket", "reports", "--key", "2026/a.txt");
            server.settle();
            assertThat(server.executed()).hasSize(before);
            // The source of this copy is granted, and so looked at; its target is not.
            aws.fails("s3", "cp", "s3://reports/2026/a.txt", "s3://reports/2026/b.txt");
            server.settle();
            assertThat(server.executed().subList(before, server.executed().size()))
                    .extracting(AuditedServer.Executed::verb)
                    .containsOnly("HeadObject");
        }
    }

    @Test
    @Tag("python")
    void boto3_againstMinio_worksInsideItsTask() throws Exception {
        try (MinioServer server = new MinioServer(directory);
                FrontedServer fronted = Client.fronted(
                        "s3",
                        server,
                        GRANTS.replace("reports/2026/copies", "archive/2026")
                                .replace("CreateBucket: {resource: {exact: reports}}", "CreateBucket: {}"))) {
            for (String bucket : List.of("reports", "archive")) {
                assertThat(fronted.agent()
                                .call(fronted.gateway(), "PUT", "/s3/" + bucket, null)
                                .statusCode())
                        .isEqualTo(200);
            }
            assertThat(PythonClient.run(directory, "s3.py", fronted)).endsWith("done\n");
        }
    }
}
