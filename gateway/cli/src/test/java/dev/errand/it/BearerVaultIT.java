package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.holder.HolderCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@code vault} command and hvac as they are shipped, without a companion, before a real Vault: the leaf as Vault's token, over a
 * connection whose client certificate has the leaf's key.
 */
@Tag("vault")
@Tag("python")
class BearerVaultIT {
    @TempDir
    static Path directory;

    private static VaultServer vault;
    private static RunningGateway gateway;
    private static Path authority;
    private static Path certificate;
    private static Path token;
    private static TestAgent root;

    @BeforeAll
    static void start() throws Exception {
        vault = new VaultServer(directory);
        vault.call("POST", "/v1/secret/data/docs/a", "{\"data\":{\"user\":\"app\"}}");
        vault.call("POST", "/v1/secret/data/other/a", "{\"data\":{\"user\":\"hidden\"}}");
        TestHuman human = TestHuman.releaseManager();
        TestWorkloads workloads = TestWorkloads.exampleOrg();
        TestTls tls = new TestTls(directory);
        authority = tls.authority(directory.resolve("authority.pem"));
        String shipped = Files.readString(RunningGateway.repository().resolve("config/operations/vault.yaml"));
        RunningGateway.Builder builder = tls.on(RunningGateway.with()
                .trusting(human, workloads)
                .file(
                        "application.yaml",
                        FrontedServer.application("vault", vault.uri(), List.of("UpstreamCredential=vault")))
                .file("operations/vault.yaml", shipped.replaceFirst("base-path:", "refusals: vault\nbase-path:"))
                .file(
                        "tasks/work.yaml",
                        FrontedServer.template("  vault:kv.read: {resource: {path_containment: secret/docs}, version:"
                                + " {wildcard: true, optional: true}}\n")));
        vault.credential().forEach(builder::property);
        gateway = builder.start();
        root = TestAgent.start(
                gateway,
                tls.client(),
                TestKey.ed25519("agent"),
                human.token(),
                workloads.svid(TestWorkloads.RELEASE_BOT, RunningGateway.ISSUER),
                "{\"template\":\"work\",\"parameters\":{}}");
        certificate = directory.resolve("task.pem");
        HolderCertificate.write(certificate, root.key().agent(), root.token());
        token = Files.writeString(directory.resolve("task.jwt"), root.token());
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable one : new AutoCloseable[] {gateway, vault}) {
            if (one != null) {
                one.close();
            }
        }
    }

    private static String vault(boolean withCertificate, String... words) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(RealServer.program("vault", "vault/vault").toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HOME", directory.toString());
        builder.environment().put("VAULT_ADDR", gateway.address() + "/vault");
        builder.environment().put("VAULT_MAX_RETRIES", "0");
        builder.environment().put("VAULT_CACERT", authority.toString());
        builder.environment().put("VAULT_TOKEN", root.token());
        if (withCertificate) {
            builder.environment().put("VAULT_CLIENT_CERT", certificate.toString());
            builder.environment().put("VAULT_CLIENT_KEY", certificate.toString());
        }
        return ServerProcess.end(builder, "").text();
    }

    @Test
    void vault_readsByTheLeafAsItsToken() throws Exception {
        assertThat(vault(true, "read", "-field=data", "secret/data/docs/a")).contains("user:app");
        assertThat(vault(true, "read", "secret/data/other/a"))
                .contains("errand: constraint-violated: ")
                .doesNotContain("hidden");
        assertThat(vault(false, "read", "secret/data/docs/a"))
                .contains("errand: authentication-required: ")
                .doesNotContain("user:app");
    }

    @Test
    void hvac_readsByTheLeafAsItsToken() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                RealServer.python().toString(),
                RunningGateway.repository()
                        .resolve("gateway/cli/src/test/clients/vault_bearer.py")
                        .toString(),
                gateway.address() + "/vault",
                token.toString(),
                certificate.toString(),
                authority.toString());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        String said = ServerProcess.end(builder, "").text();
        assertThat(said.lines().toList().get(0)).isEqualTo("{'user': 'app'}");
        assertThat(said).contains("errand: constraint-violated: ", "errand: authentication-required: ");
    }
}
