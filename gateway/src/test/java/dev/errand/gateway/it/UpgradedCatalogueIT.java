package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.gateway.it.RecordingUpstream.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A running task of a template and a catalogue of the build before: it keeps what it may do, and is told what ended. */
class UpgradedCatalogueIT {
    private static final String SHIPPED =
            "{id: kv.read, match: {method: GET, path: \"/secret/data/{path+}\"}, effect: read}";
    private static final String BEFORE = """
            catalogue: old
            resolver: template
            refusals: vault
            base-path: /v1
            operations:
              - %s
              - {id: token.lookup-self, match: {method: GET, path: /auth/token/lookup-self}, effect: read}
            """.formatted(SHIPPED);

    @TempDir
    private Path directory;

    @Test
    void runningTask_keepsItsGrants_andWhatIsUnsafeIsRefusedWithTheReason() throws Exception {
        try (RecordingUpstream upstream = new RecordingUpstream()) {
            upstream.answer(request -> Answer.of(200, "{\"id\":\"" + request.header("X-Vault-Token") + "\"}"));
            Path token = Files.writeString(directory.resolve("token"), "s.gateway");
            try (FrontedServer fronted = FrontedServer.start(
                    "old",
                    upstream.uri(),
                    "  old:kv.read: {}\n  old:token.lookup-self: {}\n",
                    Map.of(
                            "errand.upstreams.old.header.name",
                            "X-Vault-Token",
                            "errand.upstreams.old.header.file",
                            "file:" + token),
                    List.of("UpstreamCredential=old"),
                    Map.of("operations/old.yaml", BEFORE))) {
                assertThat(body(fronted, "auth/token/lookup-self"))
                        .contains("upstream-unavailable")
                        .doesNotContain("s.gateway");
                Path configuration = fronted.gateway().directory();
                Path template = configuration.resolve("tasks/work.yaml");
                Files.writeString(template, Files.readString(template).replace("  old:token.lookup-self: {}\n", ""));
                Path catalogue = configuration.resolve("operations/old.yaml");
                Files.writeString(catalogue, BEFORE.substring(0, BEFORE.indexOf("  - {id: token.lookup-self")));
                String told = "";
                for (int i = 0; i < 300 && !told.contains("unknown-operation"); i++) {
                    Thread.sleep(50);
                    told = body(fronted, "auth/token/lookup-self");
                }
                assertThat(told).contains("unknown-operation");
                assertThat(fronted.agent()
                                .get(fronted.gateway(), "/old/v1/secret/data/a")
                                .statusCode())
                        .isEqualTo(200);
            }
        }
    }

    private static String body(FrontedServer fronted, String path) {
        return fronted.agent().get(fronted.gateway(), "/old/v1/" + path).body();
    }
}
