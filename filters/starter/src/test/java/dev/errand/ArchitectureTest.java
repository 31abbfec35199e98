package dev.errand;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
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

    /** The rooms of a task: its words, its state, how that is stored, and how a step changes it. */
    private static final List<List<String>> TASK = List.of(
            List.of("task.intent", "task.template.start", "task.template.value"),
            List.of("task.approval"),
            List.of("task/"),
            List.of("task.limit", "task.template/"),
            List.of("task.state"),
            List.of("task.record"),
            List.of("task.step"));

    /** The rooms of the record and its log. */
    private static final List<List<String>> LOG = List.of(
            List.of("provenance.merkle", "provenance.index", "provenance/"),
            List.of("provenance.log.file"),
            List.of("provenance.log/", "provenance.log.read"),
            List.of("provenance.log.verify", "provenance.log.upkeep"));

    /** What only its own house knows, but for the classes that are named. */
    private static final Map<String, List<String>> INSIDES = Map.of(
            "task.limit", List.of(),
            "task.state", List.of("Task", "BudgetUse"),
            "task.step", List.of("StepBatch"),
            "provenance.log.file",
                    List.of("CheckpointSigner", "InstanceName", "LogDirectories", "UnusableLogException"));

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

    @Test
    void roomsOfATask_know_onlyThoseBeforeThem() {
        onlyThoseBefore(TASK, "dev.errand.task..");
    }

    @Test
    void roomsOfTheLog_know_onlyThoseBeforeThem() {
        onlyThoseBefore(LOG, "dev.errand.provenance..");
    }

    @Test
    void insides_are_knownToTheirHouseOnly() {
        INSIDES.forEach((room, open) -> noClasses()
                .that(not(resideInAPackage(room(room.substring(0, room.indexOf('.'))))))
                .should()
                .dependOnClassesThat(resideInAPackage(room(room)).and(not(open(open))))
                .check(CLASSES));
    }

    /** The classes of these simple names, with their nested ones. */
    private static DescribedPredicate<JavaClass> open(List<String> names) {
        return DescribedPredicate.describe("are open", type -> {
            JavaClass outer = type;
            while (outer.getEnclosingClass().isPresent()) {
                outer = outer.getEnclosingClass().get();
            }
            return names.contains(outer.getSimpleName());
        });
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
                        "dev.errand.provenance.log..")))
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

    /** A room with those inside it; without them where the name ends in a slash. */
    private static String room(String name) {
        return "dev.errand." + (name.endsWith("/") ? name.substring(0, name.length() - 1) : name + "..");
    }
}
