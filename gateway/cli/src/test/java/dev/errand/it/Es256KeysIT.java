package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway whose first key is ES256: what it signs, read by programs that share no code with it. */
class Es256KeysIT {
    private static final TestHuman HUMAN = TestHuman.releaseManager();
    private static final TestWorkloads WORKLOADS = TestWorkloads.exampleOrg();

    @TempDir
    private static Path directory;

    private static RecordingUpstream upstream;
    private static RunningGateway gateway;
    private static TestAgent root;
    private static Path jwks;

    @BeforeAll
    static void start() throws Exception {
        upstream = new RecordingUpstream();
        JsonArray both = new JsonArray(List.of(KeyAlgorithm.ES256.generate(), KeyAlgorithm.ED25519.generate()));
        Path keys = Files.createFile(
                directory.resolve("keys.jwks"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(keys, Jcs.canonical(new JsonObject(Map.of("keys", both))));
        gateway = RunningGateway.with()
                .trusting(HUMAN, WORKLOADS)
                .upstream(upstream)
                .keys(keys)
                .start();
        root = TestAgent.explore(gateway, HUMAN, WORKLOADS, TestKey.p256("agent"));
        URI published = gateway.address().resolve("/.well-known/jwks.json");
        jwks = Files.writeString(
                directory.resolve("jwks.json"),
                TestAgent.HTTP
                        .send(HttpRequest.newBuilder(published).build(), BodyHandlers.ofString())
                        .body());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static RecordingUpstream.Seen seen() {
        assertThat(root.child().get(gateway, TestAgent.READ + "?version=2").statusCode())
                .isEqualTo(200);
        return upstream.last();
    }

    private static String algorithm(String token) {
        return String.valueOf(TestAgent.json(Jws.header(token)).string("alg"));
    }

    @Test
    void rootTransactionTokenAndSignature_areES256() {
        RecordingUpstream.Seen seen = seen();
        assertThat(algorithm(root.token())).isEqualTo("ES256");
        assertThat(algorithm(String.valueOf(seen.header("Txn-Token")))).isEqualTo("ES256");
        assertThat(seen.header("Signature-Input")).contains(";alg=\"ecdsa-p256-sha256\";tag=\"errand\"");
    }

    @Test
    void chain_verifiesOffline() {
        TestAgent child = root.child();
        assertThat(errand("verify", "--anchors", jwks.toString(), "--chain", root.token() + "," + child.token()))
                .isEqualTo("permit");
    }

    @Test
    void checkpoint_verifiesByTheFirstEd25519Key() throws Exception {
        seen();
        String log = gateway.directory().resolve("data/provenance").toString();
        assertThat(errand("verify-log", log, "--keys", jwks.toString()))
                .endsWith("signed")
                .doesNotContain("unsigned");
        String script =
                RunningGateway.repository().resolve("verify/verify_log.py").toString();
        assertThat(ServerProcess.run("python3", script, log, "--keys", jwks.toString()))
                .contains(": ok: ")
                .doesNotContain("unsigned");
    }

    private static String errand(String... words) {
        StringWriter out = new StringWriter();
        int code = Errand.commandLine().setOut(new PrintWriter(out, true)).execute(words);
        assertThat(code).as(out.toString()).isZero();
        return out.toString().strip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"python3 upstream.py", "node upstream.mjs"})
    void request_verifiesByThePagesPrograms(String program) throws Exception {
        String[] words = program.split(" ");
        ProcessBuilder verifier = new ProcessBuilder(
                words[0],
                RunningGateway.repository().resolve("verify").resolve(words[1]).toString(),
                "--issuer",
                RunningGateway.ISSUER,
                "--trust-domain",
                "example.org",
                "--jwks",
                jwks.toString(),
                "--authority",
                URI.create(upstream.uri()).getAuthority());
        RecordingUpstream.Seen seen = seen();
        assertThat(ServerProcess.end(verifier, request(seen, seen.target())).text())
                .startsWith("verified: ");
        assertThat(ServerProcess.end(verifier, request(seen, TestAgent.READ)).text())
                .startsWith("refused: signature");
    }

    private static String request(RecordingUpstream.Seen seen, String target) {
        List<JsonValue> headers = new ArrayList<>();
        seen.headers()
                .forEach(line -> headers.add(
                        new JsonArray(List.of(new JsonString(line.getKey()), new JsonString(line.getValue())))));
        return Jcs.canonical(new JsonObject(Map.of(
                "method", new JsonString(seen.method()),
                "target", new JsonString(target),
                "headers", new JsonArray(headers),
                "body", new JsonString(seen.text()))));
    }

    /** Libraries of others, of which PyJWT reads no token whose {@code alg} is {@code Ed25519}. */
    @ParameterizedTest
    @CsvSource({"python, txn_token.py", "node, txn_token.mjs"})
    @Tag("python")
    @Tag("jose")
    void transactionToken_verifiesByALibrary(String runtime, String client) throws Exception {
        String token = String.valueOf(seen().header("Txn-Token"));
        assertThat(library(runtime, client, token)).startsWith("verified user:7f3c");
        String altered = token.substring(0, token.length() - 4) + (token.endsWith("AAAA") ? "BBBB" : "AAAA");
        assertThat(library(runtime, client, altered)).startsWith("refused");
        assertThat(library(runtime, client, root.token())).startsWith("refused");
    }

    private static String library(String runtime, String client, String token) throws Exception {
        List<String> command = new ArrayList<>(
                runtime.equals("python") ? List.of(RealServer.python().toString()) : List.of("node"));
        command.add(RunningGateway.repository()
                .resolve("gateway/cli/src/test/clients")
                .resolve(client)
                .toString());
        if (runtime.equals("node")) {
            command.add(RealServer.jose().toString());
        }
        JsonObject given = new JsonObject(Map.of(
                "token", new JsonString(token),
                "issuer", new JsonString(RunningGateway.ISSUER),
                "audience", new JsonString("example.org"),
                "jwks", TestAgent.json(Files.readString(jwks))));
        return ServerProcess.end(new ProcessBuilder(command), Jcs.canonical(given))
                .text();
    }
}
