package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.config.Fault;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.NewKeyFile;
import dev.errand.token.KeyUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code errand check} says of the keys of the store, and of the authorities of an upstream: each fault at its key. */
class StoreKeysTest {
    private static final String GOOD = """
            errand:
              issuer: https://gateway.example.org
              trust:
                workloads: [{trust-domain: example.org, bundle: "https://spire.example.org/bundle"}]
              keys: file:keys.jwks
            """;
    private static final String PEM = """
            -----BEGIN CERTIFICATE-----
            AAAA
            -----END CERTIFICATE-----
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void good() throws Exception {
        Files.writeString(directory.resolve("password"), "s3cret\n");
        Files.writeString(directory.resolve("two"), "one\ntwo\n");
        Files.writeString(directory.resolve("blank"), " \n");
        Files.writeString(directory.resolve("broken.pem"), PEM);
        Files.writeString(directory.resolve("none.pem"), "none\n");
        NewKeyFile.of(EnumSet.allOf(KeyUse.class), KeyAlgorithm.ED25519).write(directory.resolve("keys.jwks"));
    }

    private List<String> faults(String more) throws IOException {
        Files.writeString(directory.resolve("application.yaml"), GOOD + more);
        return ConfigurationCheck.check(directory, Map.of()).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    @Test
    void state_ofEachForm_isGood() throws IOException {
        for (String state : List.of(
                "{redis: embedded, wait: 0}",
                "{redis: \"redis://redis:6379\", wait: 0s, username: errand, password: file:password}",
                "{redis: [\"redis://a:1\", \"redis://b:2\"], wait: 2m, password: file:password}",
                "{redis: \"redis-sentinel://a:26379,b:26379#errand\"}",
                "{redis: \"rediss-sentinel://a:26379#errand\", password: file:password}")) {
            assertThat(faults("  state: " + state + "\n")).as(state).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{redis: \"redis-sentinel://a:26379\"} | 6:11: state.redis names sentinels and no master: write its name, as 'sentinel monitor' has it, behind a '#'",
                "{redis: \"redis://a\", connect-timeout: 61s} | 6:31: 'errand.state.connect-timeout' must be 100ms to 60s, found 61000ms",
                "{redis: \"redis://a\", connect-timeout: 50ms} | 6:31: 'errand.state.connect-timeout' must be 100ms to 60s, found 50ms",
                "{redis: \"redis://a\", wait: 25h} | 6:31: 'errand.state.wait' must be 0 to 24h, found 90000s",
                "{redis: \"redis://a\", username: errand} | 6:31: 'errand.state.username' needs 'errand.state.password': a file with the password of 'errand'",
                "{redis: \"redis://a\", password: s3cret} | 6:31: must be 'file:' and a path: no secret stands in the configuration",
                "{redis: \"redis://a\", password: file:absent} | 6:31: absent does not exist or cannot be read: put the password there, in one line",
                "{redis: \"redis://a\", password: file:two} | 6:31: two: must hold the password in one line of at most 16384 bytes",
                "{redis: \"redis://a\", password: file:blank} | 6:31: blank: must hold the password in one line of at most 16384 bytes",
                "{redis: \"redis://:x@a\", password: file:password} | 6:11: state.redis holds a user or a password, and so do state.username and state.password: keep the two keys, and take what stands before the '@' out of the address",
                "{redis: embedded, password: file:password} | 6:28: 'errand.state.password' is for a server of your own, but 'errand.state.redis' is embedded: remove one of them",
                "{redis: \"rediss://a\", authorities: file:broken.pem} | 6:32: broken.pem holds something else than certificates: write the certificates of the authorities there, each as PEM (-----BEGIN CERTIFICATE-----)",
                "{redis: \"rediss://a\", authorities: file:none.pem} | 6:32: none.pem holds something else than certificates: write the certificates of the authorities there, each as PEM (-----BEGIN CERTIFICATE-----)",
                "{redis: \"rediss://a\", authorities: ca.pem} | 6:32: must be 'file:' and the path of a PEM file, found 'ca.pem'",
            })
    void state_ofABadForm_isAFaultAtItsKey(String state, String fault) throws IOException {
        assertThat(faults("  state: " + state + "\n")).containsExactly("application.yaml:" + fault);
    }

    @Test
    void upstreams_withAuthorities_needNoCredential_andAGoodFile() throws IOException {
        assertThat(faults("  upstreams: {internal: {authorities: file:absent.pem}}\n"))
                .containsExactly("application.yaml:6:26: absent.pem does not exist or cannot be read: write the"
                        + " certificates of the authorities there, each as PEM (-----BEGIN CERTIFICATE-----)");
        assertThat(faults("  upstreams: {internal: {bearer: {file: \"file:password\"}, sigv4: {region: r, service: s,"
                        + " credentials-file: \"file:password\"}}}\n"))
                .singleElement()
                .asString()
                .contains("needs exactly one of header, bearer, vault-login, sigv4, client-certificate");
        assertThat(faults(
                        "  upstreams: {internal: {authorities: file:none.pem, client-certificate: {certificate: file:password,"
                                + " key: file:password, authorities: file:none.pem}}}\n"))
                .anyMatch(fault -> fault.contains("'authorities' stands there twice"));
    }
}
