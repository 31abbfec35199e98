package dev.errand.operation.template;

import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.operation.Effect;
import dev.errand.operation.ImportReport;
import dev.errand.operation.OperationCatalogue;
import dev.errand.template.CatalogueLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenApiImportTest {
    private static final String SWAGGER = """
            swagger: "2.0"
            basePath: /ignored
            parameters: {deep: {name: depth, in: query}}
            paths:
              x-extension: {}
              /{mount}/data/{path}:
                parameters: [{name: version, in: query}, {name: path, in: path}]
                get: {operationId: read, parameters: [{$ref: '#/parameters/deep'}]}
                put: {operationId: write, responses: {200: {examples: {a: {$ref: 'https://elsewhere.example/x'}}}}}
                head: {operationId: peek}
              /{mount}/files/{name}:
                get: {operationId: file, parameters: [{name: name, in: path, x-multi-segment: true}]}
              /{other}/x: {get: {operationId: rootless}}
              /sys/^.*$: {get: {operationId: regex}}
              /sys/{a}{b}: {get: {operationId: glued}}
              /sys/idle: {}
              /sys/anonymous: {get: {}}
              /sys/odd: {get: {operationId: "an id"}}
              /sys/twice: {get: {operationId: read}}
              /sys/{one}/a: {post: {operationId: left}}
              /sys/{two}/{three}: {post: {operationId: right}}
              /{mount}/{four}/a: {post: {operationId: third}}
              /sys/raw: {get: {operationId: raw}}
            """;

    @TempDir
    private Path directory;

    private OperationCatalogue load(String entry, String more, Faults faults) {
        String yaml = "catalogue: api\nresolver: template\nbase-path: /v1\nimport:\n  - " + entry + "\n" + more;
        return CatalogueLoader.parse("c.yaml", yaml, directory, faults);
    }

    private OperationCatalogue swagger() throws IOException {
        Files.writeString(directory.resolve("a.yaml"), SWAGGER);
        Faults faults = new Faults();
        OperationCatalogue catalogue = load(
                "{openapi: a.yaml, bind: {mount: [secret, team/kv, sys]}, multi-segment: [\"/{mount}/*/{path}\"], skip: [/sys/raw], rename: {write: kv.write}}",
                "effects: {file: read}\nyields: {untrusted: [file]}\n",
                faults);
        assertThat(faults.list()).isEmpty();
        return Objects.requireNonNull(catalogue);
    }

    @Test
    void import_takesWhatIsMeant_below_theBasePath() throws IOException {
        OperationCatalogue api = swagger();
        assertThat(outcome(api, request("GET", "/v1/secret/data/a/b?version=1&depth=2")))
                .isEqualTo("api:read on secret/data/a/b");
        assertThat(outcome(api, request("GET", "/v1/secret/data/a?other=1"))).isEqualTo("malformed");
        assertThat(outcome(api, request("PUT", "/v1/team/kv/data/a/b"))).isEqualTo("api:kv.write on team/kv/data/a/b");
        assertThat(outcome(api, request("PUT", "/v1/elsewhere/data/a"))).isEqualTo("unknown");
        assertThat(outcome(api, request("GET", "/v1/secret/files/a/b"))).isEqualTo("api:file on secret/files/a/b");
        assertThat(outcome(api, request("POST", "/v1/sys/b/a"))).isEqualTo("ambiguous [api:left, api:third]");
        assertThat(outcome(api, request("POST", "/v1/sys/b/c"))).isEqualTo("api:right on sys/b/c");
        assertThat(api.operation("api:file").orElseThrow().yieldsUntrusted()).isTrue();
        assertThat(api.operation("api:read").orElseThrow().effect()).isEqualTo(Effect.UNREVIEWED);
        assertThat(api.reviewed(Set.of(Effect.values())))
                .containsExactly(api.operation("api:file").orElseThrow());
        assertThat(api.as("b").imports()).isEqualTo(api.imports());
    }

    @Test
    void import_reportsEverythingThatItLeavesOut() throws IOException {
        ImportReport report = swagger().imports().orElseThrow();
        assertThat(report.lines())
                .containsExactly(
                        "imported 6 operations",
                        "left out: a.yaml: HEAD /{mount}/data/{path}: HEAD names the GET operation",
                        "left out: a.yaml: GET /{other}/x: it begins with a variable: bind it",
                        "left out: a.yaml: GET /sys/^.*$: outside the grammar: the character '^' in '^.*$': a literal segment has letters, digits and -._~!$&'()+,=:@",
                        "left out: a.yaml: GET /sys/{a}{b}: outside the grammar: two variables with nothing between them",
                        "left out: a.yaml: - /sys/idle: it has no operation",
                        "left out: a.yaml: GET /sys/anonymous: it has no operationId",
                        "left out: a.yaml: GET /sys/odd: its operationId is no id here: rename it",
                        "left out: a.yaml: GET /sys/raw: the catalogue skips it",
                        "left out: a.yaml: GET /sys/twice: the id 'read' is taken: rename it",
                        "ambiguous: api:third (/v1/sys/{four}/a) and api:left (/v1/sys/{one}/a)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{openapi: none.json} | c.yaml:5:6: DIR/none.json does not exist or cannot be read: save the document there",
                "{openapi: 'https://x.example/a.json'} | c.yaml:5:6: a document is never fetched: save it beside the catalogue and name the file",
                "{openapi: a.yaml, binds: {}} | c.yaml:5:23: unknown key 'binds'; did you mean 'bind'?",
                "{openapi: a.yaml, bind: {mont: [a]}} | c.yaml:5:23: the document has no variable 'mont'; did you mean 'mount'?",
                "{openapi: a.yaml, bind: {mount: ['a/']}} | c.yaml:5:30: 'a/' cannot stand for {mount}: write literal segments, without a slash at either end",
                "{openapi: a.yaml, skip: [/sys/rar]} | c.yaml:5:23: the document has no path '/sys/rar'; did you mean '/sys/raw'?",
                "{openapi: a.yaml, rename: {raed: kv}} | c.yaml:5:23: the document has no operationId 'raed'; did you mean 'read'?",
                "{openapi: a.yaml, rename: {read: 'a b'}} | c.yaml:5:38: 'a b' is no id of an operation",
                "{openapi: a.yaml, rename: {read: a, write: a}} | c.yaml:5:48: two operations are renamed to 'a'",
                "{openapi: a.yaml, multi-segment: [/sys/raw]} | c.yaml:5:23: no path of a.yaml fits '/sys/raw', which must have a variable as a segment of its own",
                "{bind: {}} | c.yaml:5:5: missing key 'openapi'",
                "{openapi: foreign.json} | foreign.json:1:1: refers to 'other.json#/x': only references within the document (#/…) are followed",
                "{openapi: version.json} | version.json:1:1: not an OpenAPI document: it says neither 'swagger: 2.0' nor 'openapi: 3.0' or '3.1'",
                "{openapi: loop.json} | loop.json:1:1: the path /a has a part that is no object, or a reference that leads nowhere",
                "{openapi: deep.json} | deep.json:1:1: not one JSON value: too deep",
                "{openapi: alias.yaml} | alias.yaml:3:11: aliases (*) are not allowed: write the value again",
                "{openapi: big.json} | c.yaml:5:6: big.json is larger than 16777216 bytes"
            })
    void import_faults_sayWhereAndWhat(String entry, String fault) throws IOException {
        Files.writeString(directory.resolve("a.yaml"), SWAGGER);
        Files.writeString(
                directory.resolve("foreign.json"),
                "{\"openapi\":\"3.1.0\",\"paths\":{\"/a\":{\"$ref\":\"other.json#/x\"}}}");
        Files.writeString(directory.resolve("version.json"), "{\"openapi\":\"4.0.0\",\"paths\":{}}");
        Files.writeString(
                directory.resolve("loop.json"),
                "{\"openapi\":\"3.0.1\",\"paths\":{\"/a\":{\"$ref\":\"#/paths/~1b\"},\"/b\":{\"$ref\":\"#/paths/%7E1a\"}}}");
        Files.writeString(directory.resolve("deep.json"), "[".repeat(65) + "]".repeat(65));
        Files.writeString(directory.resolve("alias.yaml"), "openapi: 3.0.0\npaths:\n  /a: {x: *b}\n");
        Files.write(directory.resolve("big.json"), new byte[(16 << 20) + 1]);
        Faults faults = new Faults();
        assertThat(load(entry, "", faults)).isNull();
        assertThat(faults.toString().replace(directory.toString(), "DIR")).isEqualTo(fault);
    }
}
