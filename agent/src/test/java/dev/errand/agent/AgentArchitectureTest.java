package dev.errand.agent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The rooms of the companion: which may know which, where its libraries live, and what it takes of the filters. */
class AgentArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.errand.agent");

    /** Each knows only those before it; the rooms of one line do not know each other. */
    private static final List<List<String>> ROOMS = List.of(
            List.of("net", "workload", "tls", "peer"),
            List.of("task"),
            List.of("call", "command"),
            List.of("listen", "mcp"),
            List.of("root", "derive", "serve"),
            List.of("cli"),
            List.of("rehearsal"));

    /** What the jar takes of the filters. */
    private static final String[] SHARED = {
        "dev.errand.bytes..",
        "dev.errand.config..",
        "dev.errand.delegation..",
        "dev.errand.holder..",
        "dev.errand.identity..",
        "dev.errand.jose..",
        "dev.errand.json..",
        "dev.errand.text..",
        "dev.errand.task"
    };

    @Test
    void rooms_know_onlyThoseBeforeThem() {
        for (int line = 0; line < ROOMS.size(); line++) {
            String[] known = ROOMS.subList(0, line).stream()
                    .flatMap(List::stream)
                    .map(AgentArchitectureTest::room)
                    .toArray(String[]::new);
            for (String room : ROOMS.get(line)) {
                noClasses()
                        .that(resideInAPackage(room(room)))
                        .should()
                        .dependOnClassesThat(resideInAPackage("dev.errand.agent..")
                                .and(not(resideInAnyPackage(known)))
                                .and(not(resideInAPackage(room(room)))))
                        .allowEmptyShould(true)
                        .check(CLASSES);
            }
        }
    }

    @Test
    void companion_knows_neitherSpringNorTheRestOfTheFilters() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.springframework..", "reactor..", "io.lettuce..")
                        .or(resideInAPackage("dev.errand..")
                                .and(not(resideInAPackage("dev.errand.agent..")))
                                .and(not(resideInAnyPackage(SHARED)))))
                .check(CLASSES);
    }

    @Test
    void libraries_have_oneHome() {
        for (String[] home :
                new String[][] {{"info.picocli..", "cli"}, {"io.netty.handler.codec.http2..", "workload"}}) {
            noClasses()
                    .that(not(resideInAPackage(room(home[1]))))
                    .should()
                    .dependOnClassesThat(resideInAPackage(home[0]))
                    .check(CLASSES);
        }
    }

    @Test
    void classes_haveAtMostEightMutableFields() {
        Set<String> more = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            long mutable = type.getFields().stream()
                    .map(field -> field.getModifiers())
                    .filter(modifiers -> !modifiers.contains(JavaModifier.STATIC)
                            && !modifiers.contains(JavaModifier.FINAL)
                            && !modifiers.contains(JavaModifier.SYNTHETIC))
                    .count();
            if (mutable > 8) {
                more.add(type.getSimpleName());
            }
        }
        // picocli writes a command's options into its fields.
        assertThat(more).isSubsetOf("StartOptions", "ListenOptions");
    }

    private static String room(String name) {
        return "dev.errand.agent." + name + "..";
    }
}
