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
}
