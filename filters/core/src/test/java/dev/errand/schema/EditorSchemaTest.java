package dev.errand.schema;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.errand.Checkout;
import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.proof.PropertyReader;
import dev.errand.sequence.rule.RuleKinds;
import dev.errand.template.CatalogueDirectory;
import dev.errand.template.CatalogueLoader;
import dev.errand.template.OperationDirectory;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the schemas say is what the readers know. */
class EditorSchemaTest {
    private static final Path TOP = Checkout.TOP;
    private static final Path FULL = Path.of("src", "test", "resources", "schema");
    private static final String[] READERS = {"dev.errand.operation..", "dev.errand.task..", "dev.errand.sequence.."};
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.errand.operation", "dev.errand.task", "dev.errand.sequence");
    private static final OperationDirectory OPERATIONS =
            new CatalogueDirectory(CatalogueLoader.load(TOP.resolve("config/operations"), new Faults())
                    .byName()
                    .values());

    /** The faults that a schema can tell of; others are about what a document means. */
    private static final String OF_SHAPE = "unknown (key|value|effect|constraint) .*|missing key .*|expected .*"
            + "|'.*' is no (effect|resolver|refusals|style|batch|yields|needs|encoded-slash|trailing-slash|empty-segments|query)\\b.*";

    private static final Map<EditorSchema, Schema> SCHEMAS = new EnumMap<>(EditorSchema.class);

    static {
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        for (EditorSchema schema : EditorSchema.values()) {
            SCHEMAS.put(schema, registry.getSchema(schema.text(), InputFormat.JSON));
        }
    }

    private static List<String> refusals(EditorSchema schema, JsonNode document) {
        return SCHEMAS.get(schema).validate(document).stream()
                .map(Object::toString)
                .toList();
    }

    private static Faults read(EditorSchema schema, String text) {
        Faults faults = new Faults();
        switch (schema) {
            case CATALOGUE -> CatalogueLoader.parse("written.yaml", text, FULL, faults);
            case TEMPLATE -> {
                String name = text.contains("\ncandidate: ") ? "written.candidate.yaml" : "written.yaml";
                new TemplateParser().parse(name, text, OPERATIONS, faults);
            }
            case PROPERTIES -> {
                YamlNode node = Yaml.parse("written.yaml", text, faults);
                if (node != null) {
                    new PropertyReader(OPERATIONS, Set.of("release"), faults).read(node);
                }
            }
        }
        return faults;
    }

    private static List<Path> yaml(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    static List<Path> full() throws IOException {
        return yaml(FULL);
    }

    private static EditorSchema schemaOf(Path file) throws IOException {
        String text = Files.readString(file);
        return text.contains("\ntemplate: ")
                ? EditorSchema.TEMPLATE
                : text.contains("\nproperties:") ? EditorSchema.PROPERTIES : EditorSchema.CATALOGUE;
    }

    @ParameterizedTest
    @EnumSource
    void committed_isWhatTheCodeSays(EditorSchema schema) throws IOException {
        String name = schema.name().toLowerCase(Locale.ROOT);
        assertThat(TOP.resolve("docs/schema/" + name + ".json"))
                .as("renew it: ./errand schema %1$s > docs/schema/%1$s.json", name)
                .hasContent(schema.text());
    }

    @Test
    void shippedFiles_areGood() throws IOException {
        for (Path file : yaml(TOP.resolve("config/operations"))) {
            assertThat(refusals(EditorSchema.CATALOGUE, WrittenDocument.json(Files.readString(file))))
                    .as("%s", file)
                    .isEmpty();
        }
        for (Path file : yaml(TOP.resolve("config/tasks"))) {
            assertThat(refusals(EditorSchema.TEMPLATE, WrittenDocument.json(Files.readString(file))))
                    .as("%s", file)
                    .isEmpty();
        }
        for (Path file : yaml(TOP.resolve("config/properties"))) {
            assertThat(refusals(EditorSchema.PROPERTIES, WrittenDocument.json(Files.readString(file))))
                    .as("%s", file)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            CATALOGUE | {catalogue: c, resolver: s3, effects: {GetObject: raed}}
            CATALOGUE | {catalogue: c, resolver: s3, efects: {GetObject: read}}
            CATALOGUE | {catalogue: c, resolver: s4}
            CATALOGUE | {catalogue: c, resolver: kubernetes, base-path: /v1}
            CATALOGUE | {catalogue: c, resolver: jsonrpc}
            CATALOGUE | {catalogue: c, resolver: template, operations: [{id: a, match: {method: GET, path: /, pth: /}, effect: read}]}
            CATALOGUE | {catalogue: c, resolver: template, operations: [], normalise: {query: opened}}
            TEMPLATE  | {template: t, agents: [a], humans: {issuer: i}, allow: {vault:kv.read: {}}, cut: tree}
            TEMPLATE  | {template: t, agents: [a], humans: {issuer: i}, allow: {vault:kv.read: {}}, lifetimes: 1h}
            TEMPLATE  | {template: t, agents: [a], humans: {issuer: i}, allow: {vault:kv.read: {}}, lifetime: 1 hour}
            TEMPLATE  | {template: t, agents: [a], humans: {issuer: i}, allow: {vault:kv.read: {resource: {exact: a, one_of: [a]}}}}
            TEMPLATE  | {template: t, agents: [a], humans: {issuer: i}, allow: {"vault:*": {effects: [raed]}}}
            TEMPLATE  | {template: t, agents: [a], humans: {issuer: i}, allow: {vault:kv.read: {}}, on-violation: {rule: throttle}}
            TEMPLATE  | {template: t, agents: [a], humans: {issuer: i}, allow: {vault:kv.read: {}}, sequence: [{repeat: [vault:kv.read]}]}
            TEMPLATE  | {template: t, agents: [a], humans: {issuer: i}, allow: {vault:kv.read: {}}, rules: [{absence: vault:kv.read, before: vault:kv.read}]}
            PROPERTIES | {properties: [{name: a, templates: [release], never: "*:*", where: {}}]}
            PROPERTIES | {properties: [{name: a, templates: [release], bounded: vault:kv.read, at-most: few}]}
            PROPERTIES | {properties: [{name: a, templates: [release], bounded: vault:kv.read, at-most: 1, on-violation: deny}]}
            PROPERTIES | {properties: [{name: a, templates: [release], only: "vault:*", where: {resource: {exct: a}}}]}
            PROPERTIES | {propertys: []}
            """)
    void badDocuments_areRefusedByBoth(EditorSchema schema, String text) {
        assertThat(refusals(schema, WrittenDocument.json(text))).isNotEmpty();
        assertThat(read(schema, text).list()).isNotEmpty();
    }

    @Test
    void fullDocuments_haveEveryKeyOfTheSchemas() throws IOException {
        for (EditorSchema schema : EditorSchema.values()) {
            Set<String> written = new TreeSet<>();
            for (Path file : full()) {
                if (schemaOf(file) == schema) {
                    names(WrittenDocument.json(Files.readString(file)), written);
                }
            }
            Set<String> declared = new TreeSet<>();
            new JsonMapper()
                    .readTree(schema.text())
                    .findValues("properties")
                    .forEach(properties -> declared.addAll(properties.propertyNames()));
            assertThat(written).containsAll(declared);
        }
    }

    private static void names(JsonNode node, Set<String> names) {
        names.addAll(node.propertyNames());
        node.forEach(value -> names(value, names));
    }

    /** Each is good; with one slip the schema refuses nothing that the reader takes, and the reader no shape that it takes. */
    @ParameterizedTest
    @MethodSource("full")
    void fullDocuments_andTheirSlips_areJudgedAlike(Path file) throws IOException {
        EditorSchema schema = schemaOf(file);
        String text = Files.readString(file);
        assertThat(read(schema, text).list()).isEmpty();
        assertThat(refusals(schema, WrittenDocument.json(text))).isEmpty();

        List<String> differing = new ArrayList<>();
        List<WrittenDocument.Slip> slips = WrittenDocument.slips(WrittenDocument.json(text));
        for (WrittenDocument.Slip slip : slips) {
            Faults faults = read(schema, slip.document().toString());
            List<String> refusals = refusals(schema, slip.document());
            boolean ofShape =
                    faults.list().stream().anyMatch(fault -> fault.message().matches(OF_SHAPE));
            if (refusals.isEmpty() ? ofShape : faults.isEmpty()) {
                differing.add(slip.what() + "\n  reader: " + faults + "\n  schema: " + refusals);
            }
        }
        assertThat(slips).hasSizeGreaterThan(50);
        assertThat(differing).isEmpty();
    }

    @Test
    void everyMappingOfAReader_isInASchema() throws IllegalAccessException {
        Set<String> drawn = new TreeSet<>(Set.of("template"));
        for (EditorSchema schema : EditorSchema.values()) {
            drawn.addAll(new JsonMapper().readTree(schema.text()).get("$defs").propertyNames());
        }
        Set<String> declared = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            for (JavaField field : type.getFields()) {
                if (field.getRawType().isEquivalentTo(Keys.class)
                        && field.getModifiers().contains(JavaModifier.STATIC)) {
                    field.reflect().setAccessible(true);
                    declared.add(((Keys) field.reflect().get(null)).name());
                }
            }
        }
        RuleKinds.ALL.list().forEach(kind -> declared.add(kind.name()));
        assertThat(declared).hasSizeGreaterThan(20).isSubsetOf(drawn);
    }

    @Test
    void readers_knowNoKeysButDeclaredOnes() {
        noClasses()
                .that(resideInAnyPackage(READERS))
                .should()
                .callMethod(YamlMap.class, "unknownKeys", Faults.class, String[].class)
                .check(CLASSES);
    }
}
