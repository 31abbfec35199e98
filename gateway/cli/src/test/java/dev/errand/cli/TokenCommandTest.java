package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.holder.AgentKey;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Anchor;
import dev.errand.token.ChainResult;
import dev.errand.token.ChainVerifier;
import dev.errand.token.CompactJws;
import dev.errand.token.HolderKey;
import dev.errand.token.Limits;
import dev.errand.token.TokenId;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class TokenCommandTest {
    private static final String ISSUER = "https://gateway.example.org";

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final AgentKey anchor = AgentKey.generate();
    private AgentKey holder;
    private String root;

    @BeforeEach
    void root() throws Exception {
        holder = AgentKey.readOrCreate(directory.resolve("agent.jwk"));
        long now = Instant.now().getEpochSecond();
        root = anchor.sign(
                object("{\"typ\":\"aat+jwt\",\"alg\":\"Ed25519\"}"),
                object("{\"jti\":\"r\",\"iss\":\"" + ISSUER + "\",\"aud\":\"" + ISSUER + "\",\"iat\":" + now
                        + ",\"exp\":"
                        + (now + 900)
                        + ",\"sub\":\"u\",\"act\":{\"sub\":\"spiffe://example.org/a\"},\"cnf\":{\"jwk\":"
                        + Jcs.canonical(holder.publicJwk())
                        + "},\"del_depth\":0,\"del_max_depth\":1,\"authorization_details\":[{\"type\":\"attenuating_agent_token\",\"tools\":"
                        + "{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"path_containment\",\"root\":\"secret/ci\"}}}},"
                        + "{\"type\":\"errand_task\",\"calls\":10,\"limits\":[{\"capacity\":4,\"period\":10}]}]}"));
    }

    private static JsonObject object(String json) throws Exception {
        return Json.parseObject(json.getBytes(StandardCharsets.UTF_8));
    }

    private int run(String... args) {
        return TokenCommand.reportingFaults(new CommandLine(new TokenCommand()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private int derive(String parent, String key, String... more) {
        List<String> args = new java.util.ArrayList<>(List.of(
                "derive",
                "--parent",
                parent,
                "--key",
                directory.resolve(key).toString(),
                "--child-key",
                directory.resolve("child.jwk").toString()));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    @Test
    void derive_narrowerChild_verifiesInTheWholeChain() {
        int code = derive(
                root,
                "agent.jwk",
                "--tools",
                "{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"secret/ci/db\"}}}",
                "--bounds",
                "{\"calls\":3}");

        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        var signatures = new JoseSignatureVerifier();
        HolderKey key = signatures.parsePublicKey(anchor.publicJwk()).orElseThrow();
        List<Anchor> anchors = List.of(new Anchor(ISSUER, null, key, false));
        ChainResult result = new ChainVerifier(signatures, () -> anchors, Set.of(ISSUER), Limits.DEFAULT)
                .verify(List.of(root, out.toString().strip()), Instant.now());
        assertThat(result).isInstanceOf(ChainResult.Accepted.class);
        var leaf = ((ChainResult.Accepted) result).chain().leaf();
        assertThat(leaf.bounds().calls()).isEqualTo(3);
        assertThat(leaf.holder().thumbprint().value())
                .isEqualTo(AgentKey.read(directory.resolve("child.jwk")).thumbprint());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --tools     | {"vault:kv.write":{}}            | 4p1
        --tools     | {"vault:kv.read":{}}             | 4p2
        --tools     | {"vault:kv.read":{"resource":{"constraint_type":"exact","value":"secret/prod"}}} | 4p4
        --bounds    | {"calls":11}                     | task:calls
        --bounds    | {"limits":[]}                    | task:limits
        --max-depth | 2                                | 4g
        --max-depth | 0                                | 4m
        --instruction | {"source":"document","integrity":"trusted"} | task:instruction
        """)
    void derive_wider_isRefusedWithTheStep(String option, String value, String step) {
        assertThat(derive(root, "agent.jwk", option, value)).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).startsWith("errand: the child would not verify: step " + step + ", ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-5m", "0s", "5", "99999999999h", ""})
    void derive_lifetimeThatIsNone_isAUsageError(String lifetime) {
        assertThat(derive(root, "agent.jwk", "--lifetime", lifetime)).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("--lifetime must be a duration such as 300s, 5m or 1h, was '" + lifetime + "'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "ftp://127.0.0.1", "http:///x"})
    void end_atNoAddress_saysSo(String address) {
        String key = directory.resolve("agent.jwk").toString();
        assertThat(run("end", "--token", root, "--key", key, "--gateway", address))
                .isEqualTo(1);
        assertThat(err.toString().strip())
                .isEqualTo("errand: the gateway's address must be http[s]://host[:port], was '" + address + "'");
    }

    @Test
    void end_whereNobodyListens_saysSo() throws Exception {
        String address;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = "http://127.0.0.1:" + free.getLocalPort();
        }
        String key = directory.resolve("agent.jwk").toString();
        assertThat(run("end", "--token", root, "--key", key, "--gateway", address))
                .isEqualTo(1);
        assertThat(err.toString().strip()).isEqualTo("errand: the gateway at " + address + " cannot be reached");
    }

    @Test
    void derive_byAnotherKey_isRefused() {
        AgentKey.readOrCreate(directory.resolve("thief.jwk"));
        assertThat(derive(root, "thief.jwk")).isEqualTo(1);
        assertThat(err.toString()).startsWith("errand: the child would not verify: step 4b");
    }

    @Test
    void proof_dpopAndAat_verifyUnderTheKeyAndNameTheCall() throws Exception {
        String key = directory.resolve("agent.jwk").toString();
        assertThat(run("proof", "--token", root, "--key", key, "--method", "PUT", "--url", ISSUER + "/vault/x?y=z"))
                .isZero();
        CompactJws dpop = CompactJws.parse(out.toString().strip()).orElseThrow();
        JsonObject claims = Json.parseObject(dpop.payload().orElseThrow());
        assertThat(claims.string("htu")).isEqualTo(ISSUER + "/vault/x");
        assertThat(claims.string("htm")).isEqualTo("PUT");
        assertThat(verifies(dpop)).isTrue();

        out.getBuffer().setLength(0);
        assertThat(run(
                        "proof",
                        "--token",
                        root,
                        "--key",
                        key,
                        "--tool",
                        "vault:kv.read",
                        "--args",
                        "{\"resource\":\"x\"}",
                        "--audience",
                        ISSUER))
                .isZero();
        CompactJws aat = CompactJws.parse(out.toString().strip()).orElseThrow();
        claims = Json.parseObject(aat.payload().orElseThrow());
        assertThat(claims.string("aat_hash"))
                .isEqualTo(TokenId.of(CompactJws.parse(root).orElseThrow()).hash());
        assertThat(claims.object("hta")).isEqualTo(object("{\"resource\":\"x\"}"));
        assertThat(claims.string("aat_aud")).isEqualTo(ISSUER);
        assertThat(verifies(aat)).isTrue();
    }

    @Test
    void proof_ofNeitherKind_isAMisuse() {
        String key = directory.resolve("agent.jwk").toString();
        assertThat(run("proof", "--token", root, "--key", key)).isEqualTo(2);
        assertThat(err.toString()).startsWith("give --url for a DPoP proof, or --tool and --args for an AAT proof");
        assertThat(run("proof", "--token", root, "--key", key, "--url", ISSUER, "--audience", ISSUER))
                .isEqualTo(2);
    }

    private boolean verifies(CompactJws jws) {
        var signatures = new JoseSignatureVerifier();
        HolderKey key = signatures.parsePublicKey(holder.publicJwk()).orElseThrow();
        return signatures.verify(
                "Ed25519", key, jws.signingInput(), jws.signature().orElseThrow());
    }

    @Test
    void derive_writesACertificateOfTheChildsKey() throws Exception {
        Path pem = directory.resolve("child.pem");
        assertThat(derive(root, "agent.jwk", "--certificate", pem.toString())).isZero();
        assertThat(Files.readString(pem)).contains("BEGIN CERTIFICATE", "BEGIN PRIVATE KEY");

        Path other = directory.resolve("public.pem");
        Path key = Files.writeString(
                directory.resolve("child.pub"),
                Jcs.canonical(AgentKey.read(directory.resolve("child.jwk")).publicJwk()));
        int code = run(
                "derive",
                "--parent",
                root,
                "--key",
                directory.resolve("agent.jwk").toString(),
                "--child-key",
                key.toString(),
                "--certificate",
                other.toString());
        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("--certificate needs the child's private key");
        assertThat(other).doesNotExist();
    }

    @Test
    void kubeconfig_hasTheTokenAndNamesTheCertificate() throws Exception {
        Path pem = Files.writeString(directory.resolve("task.pem"), "x");
        int code = run(
                "kubeconfig",
                "--token",
                root,
                "--certificate",
                pem.toString(),
                "--authority",
                pem.toString(),
                "--url",
                "https://gateway.example.org/k8s");

        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        String file = pem.toAbsolutePath().toString();
        assertThat(object(out.toString()))
                .isEqualTo(object("{\"apiVersion\":\"v1\",\"kind\":\"Config\",\"current-context\":\"errand\","
                        + "\"clusters\":[{\"name\":\"errand\",\"cluster\":{\"server\":\"https://gateway.example.org/k8s\","
                        + "\"certificate-authority\":\"" + file + "\"}}],"
                        + "\"contexts\":[{\"name\":\"errand\",\"context\":{\"cluster\":\"errand\",\"user\":\"errand\"}}],"
                        + "\"users\":[{\"name\":\"errand\",\"user\":{\"token\":\"" + root
                        + "\",\"client-certificate\":\""
                        + file + "\",\"client-key\":\"" + file + "\"}}]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://gateway.example.org/k8s",
                "gateway",
                "https://",
                "https://a@b/k8s",
                "https://a/k8s?x=y",
                "https://a b"
            })
    void kubeconfig_ofAUrlThatCarriesNoCertificate_isNotWritten(String url) throws Exception {
        Path pem = Files.writeString(directory.resolve("task.pem"), "x");

        assertThat(run("kubeconfig", "--token", root, "--certificate", pem.toString(), "--url", url))
                .isEqualTo(1);
        assertThat(err.toString()).contains("--url must be the https URL");
        assertThat(run("kubeconfig", "--token", root, "--certificate", "none.pem", "--url", "https://a/k8s"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("none.pem: cannot be read");
        assertThat(out.toString()).isEmpty();
    }
}
