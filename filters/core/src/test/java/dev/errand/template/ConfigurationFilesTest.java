package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a part of the revision, and what each replica may have of its own. */
class ConfigurationFilesTest {
    private static final String APPLICATION = """
            server: {address: 0.0.0.0, port: 8080}
            management.server: {address: 0.0.0.0, port: 9090}
            spring.cloud.gateway.server.webflux.routes: [{id: a, uri: "http://a.example"}, {id: b, uri: "http://b.example"}]
            errand:
              issuer: https://errand.example.org
              operator: {advertise: "https://errand-0.example.org:9090", token: "file:token"}
              server: {idle: 75s}
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws IOException {
        Files.createDirectories(directory.resolve("tasks"));
        Files.writeString(directory.resolve("tasks/a.yaml"), "template: a\n");
    }

    private String revision(String application) throws IOException {
        Files.writeString(directory.resolve("application.yaml"), application);
        Faults faults = new Faults();
        String revision = new ConfigurationFiles(directory).revision(faults);
        assertThat(faults.isEmpty()).isTrue();
        assertThat(revision).matches("sha-256:[A-Za-z0-9_-]{43}");
        return revision;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "errand-0.example.org:9090| errand-1.example.org:9090",
                "operator: {advertise: \"https://errand-0.example.org:9090\", token|operator: {token",
                "port: 8080|port: 8081, ssl: {key-store: a.p12}",
                "port: 9090|port: 9091",
                "server: {address: 0.0.0.0, port: 8080}|server.port: 1",
                "management.server:|management:\n  endpoints.web.exposure.include: health\n  server:",
                "issuer: https|# a comment\n  issuer:   https",
                "errand:\n  issuer: https://errand.example.org|errand:\n  issuer: \"https://errand.example.org\""
            })
    void valuesOfAReplicasOwn_andTheSpelling_changeNoRevision(String change) throws IOException {
        String[] words = change.split("\\|");
        String changed = APPLICATION.replace(words[0], words[1]);
        assertThat(changed).isNotEqualTo(APPLICATION);
        assertThat(revision(changed)).isEqualTo(revision(APPLICATION));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "idle: 75s|idle: 76s",
                "token: \"file:token\"|token: \"file:other\"",
                "https://errand.example.org|https://errand.example.com",
                "{id: a, uri: \"http://a.example\"}, {id: b, uri: \"http://b.example\"}|{id: b, uri: \"http://b.example\"}, {id: a, uri: \"http://a.example\"}",
                "errand:\n|errand:\n  mode: observe\n",
                "server: {idle: 75s}|server: {}",
                "server: {idle: 75s}|serverx: {idle: 75s}",
                "errand:\n|servers: 1\nerrand:\n"
            })
    void sharedValue_changesTheRevision(String change) throws IOException {
        String[] words = change.split("\\|");
        String changed = APPLICATION.replace(words[0], words[1]);
        assertThat(changed).isNotEqualTo(APPLICATION);
        assertThat(revision(changed)).isNotEqualTo(revision(APPLICATION));
    }

    @Test
    void fileThatIsNoYaml_standsForItself() throws IOException {
        assertThat(revision("a: [")).isNotEqualTo(revision("a: [1")).isEqualTo(revision("a: ["));
    }

    @Test
    void otherFiles_countAsTheyAre() throws IOException {
        String before = revision(APPLICATION);
        Files.writeString(directory.resolve("tasks/a.yaml"), "template: a # the same\n");
        assertThat(revision(APPLICATION)).isNotEqualTo(before);
    }
}
