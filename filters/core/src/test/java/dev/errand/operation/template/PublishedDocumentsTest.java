package dev.errand.operation.template;

import static dev.errand.operation.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.errand.config.Faults;
import dev.errand.operation.Effect;
import dev.errand.operation.ImportReport;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolution;
import dev.errand.template.CatalogueLoader;
import io.swagger.parser.OpenAPIParser;
import io.swagger.v3.parser.core.models.ParseOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Imports published documents, which lie beside the repository; without them there is nothing to test. */
class PublishedDocumentsTest {
    private static final Path FOLDER = folder();
    private static final Pattern VARIABLE = Pattern.compile("\\{[^}]*}");

    private static Path folder() {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            Path found = up.resolve("shared").resolve("openapi");
            if (Files.isDirectory(found)) {
                return found;
            }
        }
        return Path.of("shared", "openapi");
    }

    private static OpenApiDocument document(String file) throws IOException {
        assumeTrue(
                Files.isReadable(FOLDER.resolve(file)),
                "skipped: the published OpenAPI documents are not at ../shared/openapi");
        Faults faults = new Faults();
        OpenApiDocument document = OpenApiDocument.parse(Files.readAllBytes(FOLDER.resolve(file)), file, faults);
        assertThat(faults.list()).isEmpty();
        return Objects.requireNonNull(document);
    }

    /** The variables that some path begins with: each is bound to a segment of its own, wherever it stands. */
    private static Set<String> roots(OpenApiDocument document) {
        Set<String> roots = new TreeSet<>();
        for (DescribedOperation operation : document.operations()) {
            if (operation.template().startsWith("/{")) {
                roots.add(operation.template().substring(2, operation.template().indexOf('}')));
            }
        }
        return roots;
    }

    private static OperationCatalogue imported(String file, Set<String> roots) {
        StringBuilder bind = new StringBuilder();
        roots.forEach(root -> bind.append(bind.length() == 0 ? "" : ", ").append(root + ": [at-" + root + "]"));
        Faults faults = new Faults();
        OperationCatalogue catalogue = CatalogueLoader.parse(
                "c.yaml",
                "catalogue: api\nresolver: template\nbase-path: /base\nimport:\n  - openapi: " + file + "\n    bind: {"
                        + bind + "}\n",
                FOLDER,
                faults);
        assertThat(faults.list()).isEmpty();
        return Objects.requireNonNull(catalogue);
    }

    private static String path(String template, Set<String> roots) {
        Matcher variables = VARIABLE.matcher(template);
        StringBuilder path = new StringBuilder("/base");
        for (int i = 0; variables.find(); i++) {
            String name = variables.group().substring(1, variables.group().length() - 1);
            variables.appendReplacement(path, roots.contains(name) ? "at-" + name : "value" + i);
        }
        return variables.appendTail(path).toString();
    }

    /** The numbers are the templates and the operations; two of Vault's templates have none. */
    @ParameterizedTest
    @CsvSource({
        "argo-workflows-swagger2.json, 53, 73",
        "etcd-rpc-swagger2.json, 44, 44",
        "gitea-1.27-swagger2.json, 311, 485",
        "github-23.0-actions-subset-openapi3.json, 114, 176",
        "kubernetes-1.35-api-v1-openapi3.json, 113, 248",
        "kubernetes-1.35-batch-v1-openapi3.json, 15, 29",
        "vault-1.15-openapi3.json, 715, 1049"
    })
    void import_everyTemplate_resolvesToItselfOrIsReported(String file, int templates, int operations)
            throws IOException {
        OpenApiDocument document = document(file);
        assertThat(document.operations().stream().filter(operation -> operation.id() != null))
                .hasSize(operations);
        assertThat(document.operations().stream()
                        .map(DescribedOperation::template)
                        .distinct())
                .hasSize(templates);
        Set<String> roots = roots(document);
        OperationCatalogue catalogue = imported(file, roots);
        ImportReport report = catalogue.imports().orElseThrow();
        Set<String> leftOut = new HashSet<>();
        report.leftOut().forEach(out -> leftOut.add(out.method() + ' ' + out.template()));
        Set<String> ambiguous = new HashSet<>();
        report.ambiguities().forEach(two -> {
            ambiguous.add(two.id());
            ambiguous.add(two.otherId());
        });
        List<String> wrong = new ArrayList<>();
        for (DescribedOperation operation : document.operations()) {
            String id = "api:" + operation.id();
            Resolution found = catalogue.resolve(request(operation.method(), path(operation.template(), roots)));
            boolean itself = found instanceof Resolution.Resolved resolved
                    && resolved.calls().get(0).operation().id().equals(id);
            boolean reported = found instanceof Resolution.Ambiguous several
                    && several.candidates().contains(id)
                    && ambiguous.containsAll(several.candidates());
            if (!itself && !reported && !leftOut.contains(operation.method() + ' ' + operation.template())) {
                wrong.add(operation.method() + ' ' + operation.template() + " is " + found);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(report.taken() + report.leftOut().size())
                .isEqualTo(document.operations().size());
        assertThat(catalogue.reviewed(Set.of(Effect.values()))).isEmpty();
    }

    /** A second opinion on what a document says: method, template and operationId of every operation. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "argo-workflows-swagger2.json",
                "etcd-rpc-swagger2.json",
                "gitea-1.27-swagger2.json",
                "github-23.0-actions-subset-openapi3.json",
                "kubernetes-1.35-api-v1-openapi3.json",
                "kubernetes-1.35-batch-v1-openapi3.json",
                "vault-1.15-openapi3.json"
            })
    void operations_ofEveryDocument_areThoseOfSwaggerParser(String file) throws IOException {
        Set<String> ours = document(file).operations().stream()
                .filter(operation -> !operation.method().equals(DescribedOperation.NONE))
                .map(operation -> operation.method() + ' ' + operation.template() + ' ' + operation.id())
                .collect(Collectors.toCollection(TreeSet::new));
        ParseOptions options = new ParseOptions();
        options.setResolve(false);
        Set<String> theirs = new TreeSet<>();
        new OpenAPIParser()
                .readLocation(FOLDER.resolve(file).toUri().toString(), null, options)
                .getOpenAPI()
                .getPaths()
                .forEach((template, item) -> item.readOperationsMap()
                        .forEach((method, operation) ->
                                theirs.add(method + " " + template + ' ' + operation.getOperationId())));
        assertThat(ours).isEqualTo(theirs).isNotEmpty();
    }

    @Test
    void import_vault_leavesOutWhatHasNoMeaning_andNamesTheRest() throws IOException {
        document("vault-1.15-openapi3.json");
        Faults faults = new Faults();
        OperationCatalogue vault =
                Objects.requireNonNull(CatalogueLoader.parse("c.yaml", """
                        catalogue: vault
                        resolver: template
                        base-path: /v1
                        effects: {kv-v2-list: list}
                        import:
                          - openapi: vault-1.15-openapi3.json
                            bind: {kv_v2_mount_path: [secret, team/kv]}
                            multi-segment: ["/{kv_v2_mount_path}/*/{path}"]
                            skip: ["/sys/raw/{path}"]
                            rename: {kv-v2-read: kv.read, kv-v2-write: kv.write}
                        operations:
                          - {id: kv.read, match: {method: GET, path: "/secret/data/{path+}"}, effect: read, resource: "secret/{path}"}
                        """, FOLDER, faults), faults::toString);
        ImportReport report = vault.imports().orElseThrow();
        assertThat(report.replaced()).containsExactly("vault:kv.read");
        assertThat(report.leftOut())
                .extracting(out -> out.method() + ' ' + out.template() + ": " + out.why())
                .contains(
                        "GET /sys/raw/{path}: the catalogue skips it",
                        "GET /{kv_v1_mount_path}/{path}: it begins with a variable: bind it")
                .anyMatch(line -> line.startsWith("- /{kv_v2_mount_path}/^.*$: outside the grammar"));
        assertThat(name(vault, "GET", "/v1/secret/data/a/b")).isEqualTo("vault:kv.read READ on secret/a/b");
        assertThat(name(vault, "POST", "/v1/team/kv/data/a/b"))
                .isEqualTo("vault:kv.write UNREVIEWED on team/kv/data/a/b");
        assertThat(name(vault, "GET", "/v1/secret/metadata/a/b/?list=true"))
                .isEqualTo("vault:kv-v2-list LIST on secret/metadata/a/b");
        assertThat(name(vault, "GET", "/v1/sys/raw/a")).startsWith("Unknown");
    }

    private static String name(OperationCatalogue catalogue, String method, String target) {
        Resolution found = catalogue.resolve(request(method, target));
        return found instanceof Resolution.Resolved resolved
                ? resolved.calls().get(0).operation().id() + ' '
                        + resolved.calls().get(0).operation().effect() + " on "
                        + resolved.calls().get(0).resource()
                : found.toString();
    }
}
