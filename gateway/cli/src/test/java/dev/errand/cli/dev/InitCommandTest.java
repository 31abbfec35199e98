package dev.errand.cli.dev;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.autoconfigure.ConfigurationCheck;
import dev.errand.cli.Errand;
import dev.errand.config.Fault;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The configuration of a first run: what is written, what its tokens say, and where it is refused. */
class InitCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words);
    }

    private Path mine() {
        return directory.resolve("mine");
    }

    private Path made(String... more) {
        String[] words = Stream.concat(Stream.of("init", "--dev", mine().toString()), Stream.of(more))
                .toArray(String[]::new);
        assertThat(run(words)).as(err.toString()).isZero();
        return mine();
    }

    private List<String> faults(Map<String, Object> overrides) {
        return ConfigurationCheck.check(mine(), overrides).faults().stream()
                .map(Fault::toString)
                .toList();
    }

    private JsonObject claims() throws Exception {
        String payload = out.toString().strip().split("\\.")[1];
        return Json.parseObject(Base64.getUrlDecoder().decode(payload));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port=8080", "--upstream=http://127.0.0.1:3000"})
    void init_writesWhatCheckAndTestFindGood(String option) {
        made(option);
        assertThat(run("check", "--config", mine().toString(), "--strict"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("no refusal ends a task").doesNotContain("ends a task: ");
        assertThat(run("test", mine().toString())).as(out.toString() + err).isZero();
    }

    private static final String DOCUMENT = """
            openapi: 3.0.3
            info: {title: orders, version: "1"}
            servers: [{url: "https://orders.example.org/v1"}]
            paths:
              /orders/{id}:
                get: {operationId: getOrder, parameters: [{name: expand, in: query}]}
                delete: {operationId: removeOrder}
              /orders/{id}/refund:
                post: {operationId: "refund order"}
              /health:
                get: {}
            """;

    @ParameterizedTest
    @ValueSource(strings = {"orders.yaml", "orders.json"})
    void init_ofAnOpenApiDocument_writesItsOperationsWithEffectsToReview(String name) throws IOException {
        Path document = directory.resolve(name);
        Files.writeString(document, name.endsWith(".yaml") ? DOCUMENT : """
                        {"openapi": "3.1.0", "servers": [{"url": "/v1"}], "paths": {
                          "/orders/{id}": {"get": {"operationId": "getOrder"}, "delete": {"operationId": "removeOrder"}},
                          "/orders/{id}/refund": {"post": {}}, "/health": {"get": {}}}}
                        """);
        made("--upstream=http://127.0.0.1:3000", "--openapi=" + document);
        assertThat(out.toString()).contains("curl -s \"$ERRAND_ROUTE_API/v1/orders/1\"'");
        assertThat(mine().resolve("tasks/explore.yaml")).content().contains("then: deny}");
        assertThat(mine().resolve("operations/api.yaml"))
                .content()
                .contains(
                        "\"getOrder\": read  # review: GET /v1/orders/{id}",
                        "\"removeOrder\": delete  # review: DELETE /v1/orders/{id}",
                        "{id: \"get.health\", match: {method: GET, path: \"/health\"}, effect: read}  # review",
                        "{id: \"post.orders.id.refund\", match: {method: POST, path: \"/orders/{id}/refund\"}, effect: write}");
        assertThat(run("check", "--config", mine().toString(), "--strict"))
                .as(err.toString())
                .isZero();
        assertThat(run("test", mine().toString())).as(out.toString() + err).isZero();
        assertThat(mine().resolve("tests/explore.yaml"))
                .content()
                .contains("path: \"/api/v1/orders/1\"}, operation: \"api:getOrder\", expect: permit");
        assertThat(run("check", "--operations", "--config", mine().toString())).isZero();
        assertThat(out.toString()).contains("GET     /v1/orders/{id}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            openapi: 2.0                                                       | not an OpenAPI document
            [1                                                                 | orders.yaml
            {openapi: "3.0.0", paths: {}}                                      | has no operation that can be imported
            {openapi: "3.0.0", paths: {/a: {post: {operationId: a}}}}          | has no operation that only reads (GET)
            """)
    void init_ofADocumentThatCannotBeImported_saysWhyAndWritesNothing(String text, String told) throws IOException {
        Path document = directory.resolve("orders.yaml");
        Files.writeString(document, text);
        assertThat(run("init", "--dev", mine().toString(), "--upstream=http://127.0.0.1:3000", "--openapi=" + document))
                .isEqualTo(1);
        assertThat(err.toString()).contains(told);
        assertThat(mine()).doesNotExist();
    }

    @Test
    void init_ofADocumentWithoutAnUpstream_orThatIsNotThere_saysSo() {
        assertThat(run("init", "--dev", mine().toString(), "--openapi=orders.yaml"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--openapi: add --upstream URL");
        assertThat(run("init", "--dev", mine().toString(), "--upstream=http://127.0.0.1:1", "--openapi=orders.yaml"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("orders.yaml: there is no such file");
    }

    @Test
    void init_keepsItsKeysToTheOwnerAndOutOfGit() throws Exception {
        made();
        for (String secret : List.of("idp.jwk", "spiffe.jwk", "upstream-token", "idp.jwks", "bundle.json")) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(mine().resolve("dev").resolve(secret))))
                    .as(secret)
                    .isEqualTo("rw-------");
        }
        assertThat(mine().resolve("dev/.gitignore")).hasContent("*");
        assertThat(mine().resolve(".gitignore")).content().contains("/dev/", "/data/");
        for (String key : List.of("idp.jwk", "spiffe.jwk")) {
            JsonObject jwk =
                    Json.parseObject(Files.readAllBytes(mine().resolve("dev").resolve(key)));
            assertThat(jwk.get("errand_dev")).isEqualTo(new JsonBoolean(true));
            assertThat(jwk.string("d")).isNotNull();
        }
        for (String document : List.of("idp.jwks", "bundle.json")) {
            JsonObject set =
                    Json.parseObject(Files.readAllBytes(mine().resolve("dev").resolve(document)));
            JsonObject jwk = (JsonObject) ((JsonArray) Objects.requireNonNull(set.get("keys")))
                    .values()
                    .get(0);
            assertThat(jwk.get("errand_dev")).isEqualTo(new JsonBoolean(true));
            assertThat(jwk.string("d")).as("its private half").isNull();
        }
    }

    @Test
    void init_whereAFileIsThere_writesNothing() throws IOException {
        Files.createDirectories(mine().resolve("tasks"));
        Files.writeString(mine().resolve("tasks/triage.yaml"), "of mine");
        assertThat(run("init", "--dev", mine().toString())).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("errand: " + mine().resolve("tasks/triage.yaml")
                        + ": is there already, and nothing is overwritten; name another directory\n");
        assertThat(mine().resolve("tasks/triage.yaml")).hasContent("of mine");
        assertThat(mine().resolve("dev")).doesNotExist();
        assertThat(mine().resolve("application.yaml")).doesNotExist();
    }

    @Test
    void init_twice_isRefusedAndKeepsTheKeys() throws IOException {
        made();
        byte[] key = Files.readAllBytes(mine().resolve("dev/idp.jwk"));
        assertThat(run("init", "--dev", mine().toString())).isEqualTo(1);
        assertThat(mine().resolve("dev/idp.jwk")).hasBinaryContent(key);
    }

    @Test
    void init_whereNoDirectoryCanBeMade_saysSo() throws IOException {
        Files.writeString(mine(), "a file");
        assertThat(run("init", "--dev", mine().toString())).isEqualTo(1);
        assertThat(err.toString()).startsWith("errand: " + mine()).contains("cannot be written");
        assertThat(err.toString()).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --upstream=127.0.0.1:3000            | --upstream: '127.0.0.1:3000' must be
        --upstream=ftp://127.0.0.1           | --upstream: 'ftp://127.0.0.1' must be
        --upstream=http://127.0.0.1:3000/v1  | --upstream: leave the path out
        --upstream=http://u:s3cret@host      | --upstream: the address holds a user or password: take it out
        --port=0                             | --port must be 1..65535, was 0
        --port=70000                         | --port must be 1..65535, was 70000
        """)
    void init_ofABadOption_isAUsageErrorAndWritesNothing(String option, String message) {
        assertThat(run("init", "--dev", mine().toString(), option)).isEqualTo(2);
        assertThat(err.toString()).startsWith(message).doesNotContain("s3cret");
        assertThat(mine()).doesNotExist();
    }

    @Test
    void tokens_fitTheTemplateAndTheIssuer() throws Exception {
        made("--port", "18080");
        assertThat(run("token", "human", "--dev", mine().toString()))
                .as(err.toString())
                .isZero();
        JsonObject human = claims();
        assertThat(human.string("iss")).isEqualTo("https://idp.dev.invalid");
        assertThat(human.string("aud")).isEqualTo("errand");
        assertThat(human.string("sub")).isEqualTo("alice");
        assertThat(String.valueOf(human.get("groups"))).contains("support");
        String first = human.string("jti");
        run("token", "human", "--dev", mine().toString());
        assertThat(claims().string("jti")).isNotEqualTo(first);

        assertThat(run("token", "svid", "--dev", mine().toString()))
                .as(err.toString())
                .isZero();
        assertThat(claims().string("sub")).isEqualTo("spiffe://dev.invalid/agent/triage");
        assertThat(String.valueOf(claims().get("aud"))).contains("http://127.0.0.1:18080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"human", "svid"})
    void token_amongSeveralTemplates_saysWhichOneItFits(String kind) throws IOException {
        made();
        Path triage = mine().resolve("tasks/triage.yaml");
        Files.writeString(
                mine().resolve("tasks/another.yaml"),
                Files.readString(triage).replace("template: triage", "template: another"));
        assertThat(run("token", kind, "--dev", mine().toString())).isZero();
        assertThat(err.toString())
                .isEqualTo(
                        "errand: the token fits the template another, one of another, triage: --template names another"
                                + System.lineSeparator());
        assertThat(run("token", kind, "--dev", mine().toString(), "--template", "triage"))
                .isZero();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void tokens_sayWhatTheOptionsSay() throws Exception {
        made();
        String dev = mine().toString();
        assertThat(run(
                        "token",
                        "human",
                        "--dev",
                        dev,
                        "--sub",
                        "bob",
                        "--claim",
                        "groups=[\"guests\"]",
                        "--claim",
                        "acr=high",
                        "--audience",
                        "other",
                        "--lifetime",
                        "30s"))
                .as(err.toString())
                .isZero();
        assertThat(claims().string("sub")).isEqualTo("bob");
        assertThat(claims().string("acr")).isEqualTo("high");
        assertThat(claims().string("aud")).isEqualTo("other");
        assertThat(String.valueOf(claims().get("groups"))).contains("guests").doesNotContain("support");
        assertThat(run("token", "svid", "--dev", dev, "--id", "spiffe://dev.invalid/agent/other"))
                .isZero();
        assertThat(claims().string("sub")).isEqualTo("spiffe://dev.invalid/agent/other");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        human --lifetime 0s           | 2 | --lifetime must be 1s..24h
        human --lifetime 25h          | 2 | --lifetime must be 1s..24h
        human --lifetime soon         | 2 | --lifetime must be 1s..24h
        human --template triag        | 1 | there is no template 'triag'; there are triage
        human --claim groups=[guests  | 1 | --claim: not JSON
        svid --id alice               | 2 | --id: 'alice' is no SPIFFE ID
        svid --template nothing       | 1 | there is no template 'nothing'
        """)
    void token_ofABadOption_saysWhat(String options, int exit, String message) {
        made();
        String[] words = Stream.concat(
                        Stream.of("token", options.split(" ")[0], "--dev", mine().toString()),
                        Stream.of(options.split(" ")).skip(1))
                .toArray(String[]::new);
        assertThat(run(words)).as(err.toString()).isEqualTo(exit);
        assertThat(err.toString()).contains(message).doesNotContain("\tat ");
        assertThat(out.toString()).doesNotContain("eyJ");
    }

    @Test
    void token_withoutTheKeys_saysWhereTheyAreMade() throws IOException {
        made();
        Files.delete(mine().resolve("dev/idp.jwk"));
        assertThat(run("token", "human", "--dev", mine().toString())).isEqualTo(1);
        assertThat(err.toString()).contains("dev/idp.jwk does not exist", "errand init --dev");
        assertThat(run("token", "human", "--dev", directory.resolve("none").toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("is no directory", "errand init --dev");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        server.address | 0.0.0.0                     | server.address is 0.0.0.0
        server.address | 10.0.0.1                    | server.address is 10.0.0.1
        errand.issuer  | https://gateway.example.org | the host of errand.issuer is not loopback
        """)
    void check_aDevKeyBeyondLoopback_isAFault(String key, String value, String why) {
        made();
        assertThat(faults(Map.of(key, value)))
                .hasSize(2)
                .allMatch(fault -> fault.contains("holds a dev key (errand_dev)") && fault.contains(why))
                .anyMatch(fault -> fault.matches("application.yaml:\\d+:\\d+: file:dev/idp.jwks .*"))
                .anyMatch(fault -> fault.matches("application.yaml:\\d+:\\d+: file:dev/bundle.json .*"));
    }

    @Test
    void check_aDevKeyWithoutServerAddress_isAFault() throws IOException {
        made();
        Path application = mine().resolve("application.yaml");
        Files.writeString(application, Files.readString(application).replace("address: 127.0.0.1, ", ""));
        assertThat(faults(Map.of())).hasSize(2).allMatch(fault -> fault.contains("server.address is not set"));
        assertThat(run("run", "--config", mine().toString())).isEqualTo(1);
        assertThat(err.toString()).contains("holds a dev key (errand_dev)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://10.0.0.1:8200",
                "https://127.0.0.1:8200",
                "http://127.0.0.1",
                "http://127.0.0.1:8200/v1",
                "8200"
            })
    void check_aDevUpstreamThatIsNotServedHere_isAFault(String address) {
        made();
        assertThat(faults(Map.of("errand.dev.upstream", address)))
                .anyMatch(fault -> fault.startsWith("application.yaml:") && fault.contains("must be http"));
    }
}
