package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.token.TestChains;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VerifyCommandTest {
    private static final String AT = Long.toString(TestChains.NOW_SECONDS);

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private String anchors = "";

    @BeforeEach
    void writeAnchors() throws IOException {
        Path file = directory.resolve("jwks.json");
        Files.writeString(file, "{\"keys\":[" + TestChains.ANCHOR.jwk() + "]}");
        anchors = file.toString();
    }

    private int run(String... arguments) {
        return new CommandLine(new VerifyCommand())
                .setExpandAtFiles(false)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(arguments);
    }

    @Test
    void verify_validChain_isPermitted() throws IOException {
        Path args = Files.writeString(directory.resolve("args.json"), "{\"resource\":\"secret/ci/x\"}");
        String chain = String.join(",", TestChains.chain(2));

        assertThat(run("--anchors", anchors, "--at", AT, "--audience", TestChains.ISSUER, "--chain", chain))
                .isZero();
        assertThat(run(
                        "--anchors",
                        anchors,
                        "--at",
                        AT,
                        "--chain",
                        chain,
                        "--tool",
                        "vault:kv.read",
                        "--args",
                        "@" + args))
                .isZero();
        assertThat(out.toString().lines()).containsExactly("permit", "permit");
    }

    @Test
    void verify_chainInFiles_isRead() throws IOException {
        List<String> tokens = TestChains.chain(1);
        Path root = Files.writeString(directory.resolve("root.jwt"), tokens.get(0) + '\n');
        Path leaf = Files.writeString(directory.resolve("leaf.jwt"), tokens.get(1) + '\n');
        assertThat(run("--anchors", anchors, "--at", AT, "--chain", "@" + root + ", @" + leaf))
                .isZero();
        assertThat(run("--anchors", anchors, "--at", AT, "--chain", "@" + root + ",@none"))
                .isEqualTo(2);
    }

    @Test
    void verify_refusedChain_namesTheStep() {
        String chain = String.join(",", TestChains.chain(1));

        assertThat(run("--anchors", anchors, "--at", AT, "--chain", "")).isEqualTo(1);
        assertThat(run("--anchors", anchors, "--at", "1900000000", "--chain", chain))
                .isEqualTo(1);
        assertThat(run("--anchors", anchors, "--at", AT, "--audience", "https://x.example", "--chain", chain))
                .isEqualTo(1);
        assertThat(out.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("deny 1 "),
                        line -> assertThat(line).startsWith("deny 3e "),
                        line -> assertThat(line).startsWith("deny 6c "));
    }

    @Test
    void verify_anAnchorOfAnotherUse_isPassedOver() throws IOException {
        String chain = String.join(",", TestChains.chain(0));
        Path file = directory.resolve("jwks.json");
        String anchor = TestChains.ANCHOR.jwk().toString();
        for (String uses : List.of("[\"issue\"]", "[\"txn\",\"issue\"]")) {
            Files.writeString(file, "{\"keys\":[" + with(anchor, uses) + "]}");
            assertThat(run("--anchors", anchors, "--at", AT, "--chain", chain)).isZero();
        }
        for (String uses : List.of("[\"txn\",\"message\",\"log\"]", "[]", "\"issue\"")) {
            Files.writeString(file, "{\"keys\":[" + with(anchor, uses) + "]}");
            assertThat(run("--anchors", anchors, "--at", AT, "--chain", chain)).isEqualTo(2);
        }
    }

    private static String with(String jwk, String uses) {
        return jwk.replaceFirst("\\{", "{\"errand_use\":" + uses + ",");
    }

    @Test
    void verify_usageErrors_exitWith2() {
        assertThat(run("--chain", "a")).isEqualTo(2);
        assertThat(run("--anchors", directory.resolve("none").toString(), "--chain", "a"))
                .isEqualTo(2);
        assertThat(run("--anchors", anchors, "--chain", "a", "--pop", "p")).isEqualTo(2);
        assertThat(run("--anchors", anchors, "--chain", "a", "--tool", "t", "--args", "[]"))
                .isEqualTo(2);
        assertThat(run("--anchors", anchors, "--chain", "a", "--nonce", "n")).isEqualTo(2);
        assertThat(run("--anchors", anchors, "--chain", "a", "--require-aat-aud"))
                .isEqualTo(2);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void verify_requireAud_asksTheRootForOne() {
        String chain = String.join(",", TestChains.compact(TestChains.root().without("aud")));

        assertThat(run("--anchors", anchors, "--at", AT, "--chain", chain)).isZero();
        assertThat(run("--anchors", anchors, "--at", AT, "--chain", chain, "--require-aud"))
                .isEqualTo(1);
        assertThat(out.toString()).startsWith("permit").contains("deny 6c ");
    }
}
