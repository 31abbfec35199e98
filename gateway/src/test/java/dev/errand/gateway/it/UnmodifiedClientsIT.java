package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Command lines as their makers ship them, against the real servers that they are made for. Only a proxy on loopback signs
 * their calls. What the task grants works; what it does not grant is refused, and the tool ends with an error.
 */
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
class UnmodifiedClientsIT {
    @TempDir
    private Path directory;

    @Test
    @Tag("vault")
    void vaultCommand_againstVault_worksInsideItsTask() throws Exception {
        try (VaultServer server = new VaultServer(directory);
                FrontedServer fronted = Client.fronted("vault", server, """
                          vault:kv.read: {resource: {path_containment: secret/app}}
                          vault:kv.write: {resource: {path_containment: secret/app}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "/vault")) {
            Map<String, String> home = Map.of("HOME", directory.toString(), "VAULT_ADDR", proxy.address());
            Client vault = new Client(
                    proxy,
                    home,
                    List.of(RealServer.program("vault", "vault/vault").toString()));
            Path value = Files.writeString(directory.resolve("value.json"), "{\"data\":{\"password\":\"p1\"}}");
            vault.succeeds("version", "write", "secret/data/app/db", "@" + value);
            vault.succeeds("p1", "read", "-format=json", "secret/data/app/db");
            vault.fails("read", "secret/data/other/db");
            vault.fails("delete", "secret/data/app/db");
            assertThat(Client.named(fronted)).containsExactlyInAnyOrder("vault:kv.read", "vault:kv.write");
        }
    }

    @Test
    @Tag("minio")
    void awsCommand_againstMinio_worksInsideItsTask() throws Exception {
        try (MinioServer server = new MinioServer(directory);
                FrontedServer fronted = Client.fronted("s3", server, """
                          s3:CreateBucket: {resource: {exact: reports}}
                          s3:PutObject: {resource: {path_containment: "reports/2026"}}
                          s3:GetObject: {resource: {path_containment: "reports/2026"}}
                          s3:ListObjectsV2: {resource: {exact: reports}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "")) {
            fronted.agent().call(fronted.gateway(), "PUT", "/s3/reports", null);
            Map<String, String> home = Map.of(
                    "HOME", directory.toString(),
                    "AWS_ACCESS_KEY_ID", "agent",
                    "AWS_SECRET_ACCESS_KEY", "agent",
                    "AWS_REGION", "us-east-1",
                    "AWS_DEFAULT_REGION", "us-east-1",
                    "AWS_MAX_ATTEMPTS", "1",
                    "AWS_REQUEST_CHECKSUM_CALCULATION", "when_required",
                    "AWS_ENDPOINT_URL_S3", proxy.address() + "/s3");
            Client aws = new Client(
                    proxy,
                    home,
                    List.of(RealServer.program("aws", "aws/bin/aws").toString()));
            Path file = Files.writeString(directory.resolve("a.txt"), "hello");
            aws.succeeds("upload", "s3", "cp", file.toString(), "s3://reports/2026/a.txt");
            aws.succeeds("a.txt", "s3", "ls", "s3://reports/2026/");
            aws.succeeds("hello", "s3", "cp", "s3://reports/2026/a.txt", "-");
            aws.fails("s3", "cp", file.toString(), "s3://reports/2025/a.txt");
            aws.fails("s3", "rm", "s3://reports/2026/a.txt");
        }
    }

    @Test
    @Tag("distribution")
    @Tag("oras")
    void oras_againstTheRegistry_pushesAndPullsInsideItsTask() throws Exception {
        try (DistributionRegistry server = new DistributionRegistry(directory);
                FrontedServer fronted = Client.fronted("registry", server, """
                          registry:ping: {resource: {exact: v2}}
                          registry:blob.get: {resource: {path_containment: team/app}}
                          registry:upload.start: {resource: {exact: team/app}, digest: {wildcard: true, optional: true}}
                          registry:upload.append: {resource: {exact: team/app}, _state: {wildcard: true, optional: true}}
                          registry:upload.finish: {resource: {exact: team/app}, digest: {wildcard: true}, _state: {wildcard: true, optional: true}}
                          registry:manifest.put: {resource: {path_containment: team/app}}
                          registry:manifest.get: {resource: {path_containment: team/app}}
                        """);
                SigningProxy proxy = new SigningProxy(fronted, "/registry")) {
            String at = proxy.address().substring("http://".length());
            Map<String, String> home = Map.of("HOME", directory.toString());
            Client oras = new Client(
                    proxy, home, List.of(RealServer.program("oras", "oras/oras").toString()));
            Path file = Files.writeString(directory.resolve("hello.txt"), "hello");
            Path target = Files.createDirectories(directory.resolve("pulled"));
            oras.succeeds(
                    "Digest",
                    "push",
                    "--plain-http",
                    "--disable-path-validation",
                    at + "/team/app:1.0",
                    file + ":text/plain");
            oras.succeeds(
                    "Digest",
                    "pull",
                    "--plain-http",
                    "--allow-path-traversal",
                    "-o",
                    target.toString(),
                    at + "/team/app:1.0");
            oras.fails("pull", "--plain-http", at + "/other/app:1.0");
            oras.fails("manifest", "delete", "--plain-http", "--force", at + "/team/app:1.0");
        }
    }
}
