package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pieces of programs on the pages. Each is Python or JavaScript, and compiles. Those of {@code docs/verify-upstream.md} verify
 * the request that is kept beside the page. Also in this table: clients/python/README.md, clients/node/README.md,
 * docs/first-configuration.md, docs/github.md, docs/operations/mcp.md and docs/operations/minio.md.
 */
class PageSnippetsTest {
    private static final String PAGE = "docs/verify-upstream.md";
    private static final Path KEPT = Block.REPOSITORY.resolve("verify/upstream");
    private static final String SAID = "d-AaIOo2BKboE92K1z3xlSWA";

    @TempDir
    private Path directory;

    private static List<Block> of(String language) {
        List<Block> blocks = Block.all().stream()
                .filter(block -> block.language().equals(language))
                .toList();
        assertThat(blocks).isNotEmpty();
        return blocks;
    }

    private static String only(String beginning) {
        List<Block> found = Block.of(PAGE).stream()
                .filter(block -> block.text().startsWith(beginning))
                .toList();
        assertThat(found).as(beginning).hasSize(1);
        return found.get(0).text();
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path said = directory.resolve("said");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        return Files.readString(said);
    }

    @Test
    void everyPython_isPython() throws Exception {
        List<String> files = new ArrayList<>(List.of("python3", "-m", "py_compile"));
        for (Block block : of("python")) {
            String name = "p" + files.size() + ".py";
            Files.writeString(directory.resolve(name), "# " + block.place() + "\n" + block.text());
            files.add(name);
        }
        run(files.toArray(String[]::new));
    }

    @Test
    void everyJavaScript_isJavaScript() throws Exception {
        for (Block block : of("js")) {
            Files.writeString(directory.resolve("module.mjs"), "// " + block.place() + "\n" + block.text());
            run("node", "--check", "module.mjs");
        }
    }

    @Test
    void python_verifiesTheKeptRequest() throws Exception {
        Files.writeString(
                directory.resolve("verify.py"),
                """
                import json, sys, time
                sys.path.insert(0, %s)
                from upstream import Verifier
                jwks = json.load(open(%s))
                request = json.load(open(%s))
                method, target, headers, body = request["method"], request["target"], request["headers"], request["body"].encode()
                time.time = lambda: 1795541922
                """.formatted(
                                        quoted(KEPT.getParent()),
                                        quoted(KEPT.resolve("jwks.json")),
                                        quoted(KEPT.resolve("request.json")))
                        + atTheKeptAddress(only("verifier = Verifier(")) + "print(claims['txn'])\n");
        assertThat(run("python3", "verify.py").strip()).isEqualTo(SAID);
    }

    @Test
    void node_verifiesTheKeptRequest() throws Exception {
        Files.writeString(
                directory.resolve("verify.mjs"),
                """
                import { readFileSync } from 'node:fs';
                const { Verifier } = await import(%s);
                const jwks = JSON.parse(readFileSync(%s));
                const kept = JSON.parse(readFileSync(%s));
                const request = { method: kept.method, url: kept.target };
                const rawHeaderPairs = kept.headers, body = Buffer.from(kept.body);
                Date.now = () => 1795541922000;
                """.formatted(
                                        quoted(KEPT.getParent().resolve("upstream.mjs")),
                                        quoted(KEPT.resolve("jwks.json")),
                                        quoted(KEPT.resolve("request.json")))
                        + atTheKeptAddress(only("const verifier = new Verifier(")) + "console.log(claims.txn);\n");
        assertThat(run("node", "verify.mjs").strip()).isEqualTo(SAID);
    }

    private static String quoted(Path path) {
        return '"' + path.toString() + '"';
    }

    private static String atTheKeptAddress(String snippet) {
        return snippet.replace("https://gateway.example.org", "http://127.0.0.1:18480")
                .replace("vault.internal:8200", "127.0.0.1:18481");
    }

    @Test
    void java_compiles() throws IOException {
        Path source =
                Files.writeString(directory.resolve("Snippet.java"), """
                import dev.errand.json.JsonValue.JsonObject;
                import dev.errand.upstream.UpstreamVerifier;
                import java.time.Instant;
                import java.util.List;
                import java.util.Map;

                class Snippet {
                    void snippet(String jwksText, String method, String rawPath, String rawQueryOrNull,
                            Map<String, List<String>> headersInLowerCase, byte[] bodyOrNull) {
                %s
                    }
                }
                """.formatted(only("UpstreamVerifier verifier")));
        int exit = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-d",
                        directory.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString());
        assertThat(exit).isZero();
    }
}
