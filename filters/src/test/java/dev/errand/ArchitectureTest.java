package dev.errand;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which room may know which: a stage knows those before it, rules are pure, each library has one home. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.errand");

    /** Each knows only those before it; the rooms of one line do not know each other. */
    private static final List<List<String>> ROOMS = List.of(
            List.of("loop", "text"),
            List.of("json"),
            List.of("bytes", "denial", "identity", "config"),
            List.of("delegation", "limit", "operation", "sequence"),
            List.of("task", "provenance"),
            List.of("jose", "state"),
            List.of("policy", "upstream", "sink", "schema", "holder", "trace"),
            List.of("fleet"),
            List.of("web", "event"),
            List.of("autoconfigure"));

    /** The rooms of a call, in its order: each knows only those before it; those of one line do not know each other. */
    private static final List<List<String>> STAGES = List.of(
            List.of("web.request", "web.route"),
            List.of("web.body"),
            List.of("web.call"),
            List.of("web.trace"),
            List.of("web.refusal"),
            List.of("web.caller", "web.operation", "web.answer"),
            List.of("web.live"),
            List.of("web.step"),
            List.of("web.record"),
            List.of("web.send"));

    /** Those of the rules, with the provenance. */
    private static final List<List<String>> RULES = ROOMS.subList(1, 5);

    @Test
    void rooms_know_onlyThoseBeforeThem() {
        onlyThoseBefore(ROOMS, "dev.errand..");
    }

    @Test
    void stages_know_onlyThoseBeforeThem() {
        onlyThoseBefore(STAGES, "dev.errand.web..");
    }

    private static void onlyThoseBefore(List<List<String>> lines, String house) {
        for (int line = 0; line < lines.size(); line++) {
            for (String room : lines.get(line)) {
                String[] known = rooms(lines.subList(0, line));
                noClasses()
                        .that(resideInAPackage(room(room)))
                        .should()
                        .dependOnClassesThat(resideInAPackage(house)
                                .and(not(resideInAnyPackage(known)))
                                .and(not(resideInAPackage(room(room)))))
                        .check(CLASSES);
            }
        }
    }

    @Test
    void rules_are_pure() {
        noClasses()
                .that(resideInAnyPackage(rooms(RULES)))
                .and(not(resideInAnyPackage("dev.errand.provenance", "dev.errand.provenance.log")))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.springframework..",
                        "reactor..",
                        "com.nimbusds..",
                        "io.lettuce..",
                        "io.netty..",
                        "java.net.http.."))
                .check(CLASSES);
    }

    @Test
    void rules_read_noFile() {
        noClasses()
                .that(resideInAnyPackage(rooms(RULES)))
                .and(not(resideInAnyPackage(
                        "dev.errand.config",
                        "dev.errand.operation.catalogue",
                        "dev.errand.operation.declaration",
                        "dev.errand.operation.openapi",
                        "dev.errand.operation.template",
                        "dev.errand.task.template",
                        "dev.errand.provenance.index",
                        "dev.errand.provenance.log")))
                .should()
                .dependOnClassesThat(resideInAPackage("java.nio.file.."))
                .check(CLASSES);
    }

    @Test
    void libraries_have_oneHome() {
        home("io.lettuce..", "state", "sink.redis");
        home("org.apache.kafka..", "sink.kafka");
        home("io.opentelemetry..", "sink.otlp", "trace");
        home("com.nimbusds..", "jose");
        home("io.spiffe..", "jose");
        home("io.github.bucket4j..", "limit");
        home("org.snakeyaml..", "config");
        home("software.amazon.awssdk..", "upstream");
        home("org.springframework.web..", "web");
        home("org.springframework.boot..", "autoconfigure");
    }

    private static void home(String library, String... rooms) {
        noClasses()
                .that(not(resideInAnyPackage(rooms(List.of(List.of(rooms))))))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .check(CLASSES);
    }

    private static String[] rooms(List<List<String>> lines) {
        return lines.stream().flatMap(List::stream).map(ArchitectureTest::room).toArray(String[]::new);
    }

    private static String room(String name) {
        return "dev.errand." + name + "..";
    }
}
