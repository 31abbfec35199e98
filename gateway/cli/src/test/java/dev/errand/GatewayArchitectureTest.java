package dev.errand;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rooms of the gateway's module: which of them may know which, and what the offline tools may know of the filters. */
class GatewayArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.errand");

    /** The rooms of the module; each knows only those of the lines before its own. */
    private static final List<List<String>> ROOMS = List.of(
            List.of("offline.explain", "offline.reconstruct", "offline.replay"),
            List.of("offline.learn", "offline.scenario"),
            List.of("offline.audit"),
            List.of("gateway.signin"),
            List.of("gateway.server", "gateway.lines", "gateway.issuer", "gateway.cli.agent"),
            List.of("gateway.operator"),
            List.of("gateway"));

    /** Those who serve calls and issue tokens. No tool is on their way. */
    private static final String[] LIVE = {
        "gateway.server..", "gateway.lines..", "gateway.signin..", "gateway.issuer..", "gateway.demo.."
    };

    /** The rooms of the filters that a tool may read with: pure ones, and the provenance that it is given. */
    private static final String[] PURE = {
        "text..",
        "json..",
        "bytes..",
        "denial..",
        "identity..",
        "config..",
        "delegation..",
        "limit..",
        "operation..",
        "sequence..",
        "task..",
        "provenance..",
        "policy.."
    };

    @Test
    void rooms_know_onlyThoseBeforeThem() {
        for (int line = 0; line < ROOMS.size() - 1; line++) {
            String[] known = rooms(ROOMS.subList(0, line));
            for (String room : ROOMS.get(line)) {
                noClasses()
                        .that(resideInAPackage(room(room)))
                        .should()
                        .dependOnClassesThat(resideInAnyPackage("dev.errand.gateway..", "dev.errand.offline..")
                                .and(not(resideInAnyPackage(known)))
                                .and(not(resideInAPackage(room(room)))))
                        .check(CLASSES);
            }
        }
    }

    @Test
    void liveCode_knows_noTool() {
        noClasses()
                .that(resideInAnyPackage(named(LIVE))
                        .or(resideInAPackage("dev.errand.gateway"))
                        .or(resideInAnyPackage(named(PURE)))
                        .or(resideInAnyPackage("dev.errand.web..", "dev.errand.state..", "dev.errand.autoconfigure..")))
                .should()
                .dependOnClassesThat(resideInAPackage("dev.errand.offline.."))
                .check(CLASSES);
    }

    @Test
    void tools_know_onlyThePureRooms() {
        noClasses()
                .that(resideInAPackage("dev.errand.offline.."))
                .should()
                .dependOnClassesThat(resideInAPackage("dev.errand..")
                        .and(not(resideInAPackage("dev.errand.offline..")))
                        .and(not(resideInAnyPackage(named(PURE)))))
                .orShould()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.springframework..", "reactor..", "com.nimbusds..", "io.lettuce..", "io.netty.."))
                .check(CLASSES);
    }

    private static String[] rooms(List<List<String>> lines) {
        return lines.stream()
                .flatMap(List::stream)
                .map(GatewayArchitectureTest::room)
                .toArray(String[]::new);
    }

    private static String room(String name) {
        return "dev.errand." + name + "..";
    }

    private static String[] named(String... names) {
        return Stream.of(names).map(name -> "dev.errand." + name).toArray(String[]::new);
    }
}
