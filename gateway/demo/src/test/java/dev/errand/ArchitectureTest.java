package dev.errand;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which module and which package may know which. The order stands in CONTRIBUTING.md; the build holds the walls of the modules. */
class ArchitectureTest {
    private static final Pattern OWN = Pattern.compile(
            "<groupId>dev\\.errand</groupId>\\s*<artifactId>(errand-\\w+)</artifactId>"
                    + "(?:\\s*<version>[^<]*</version>)?(?:\\s*<classifier>\\w+</classifier>)?(\\s*<type>test-jar</type>)?");

    /** The packages that serve calls and issue tokens: no tool is on their way. */
    private static final String[] LIVE = {
        "dev.errand.server..",
        "dev.errand.decision..",
        "dev.errand.issuer..",
        "dev.errand.signin..",
        "dev.errand.demo.."
    };

    @Test
    void modules_useThoseOfTheTable() {
        Map<String, String> folders = new TreeMap<>();
        House.modules().forEach(module -> folders.put(module.artifact(), module.folder()));
        assertThat(House.modules().stream().map(House.Module::folder)).isEqualTo(Checkout.MODULES);
        for (House.Module module : House.modules()) {
            String pom = String.join("\n", House.lines(Checkout.path(module.folder() + "/pom.xml")));
            assertThat(pom).contains("<artifactId>" + module.artifact() + "</artifactId>");
            List<String> uses = new ArrayList<>();
            Matcher found = OWN.matcher(pom.substring(pom.indexOf("<dependencies>")));
            while (found.find()) {
                if (found.group(2) == null) {
                    uses.add(folders.get(found.group(1)));
                }
            }
            assertThat(uses).as(module.folder()).isEqualTo(module.uses());
        }
    }

    @Test
    void packages_areThoseOfTheTable() throws Exception {
        Map<String, String> there = new TreeMap<>();
        for (String module : Checkout.MODULES) {
            Path java = Checkout.path(module + "/src/main/java");
            try (Stream<Path> files = Files.walk(java)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .map(file ->
                                java.relativize(file.getParent()).toString().replace('/', '.'))
                        .forEach(name -> there.put(name, module));
            }
        }
        assertThat(new TreeMap<>(House.packages())).isEqualTo(there);
    }

    /** So no circle of packages can be. */
    @Test
    void packages_useOnlyThoseAboveThem() {
        List<String> order = List.copyOf(House.packages().keySet());
        TreeSet<String> wrong = new TreeSet<>();
        for (JavaClass type : House.CLASSES) {
            int own = order.indexOf(type.getPackageName());
            for (Dependency use : type.getDirectDependenciesFromSelf()) {
                JavaClass target = use.getTargetClass().getBaseComponentType();
                if (order.indexOf(target.getPackageName()) > own) {
                    wrong.add(type.getName() + " uses " + target.getName());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void rules_areFreeOfFrameworks() {
        noClasses()
                .that(resideInAnyPackage(of("filters/token", "filters/core", "filters/log", "gateway/offline")))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.springframework..", "reactor..", "io.lettuce..", "io.netty..", "java.net.http.."))
                .check(House.CLASSES);
    }

    @Test
    void companion_isFreeOfFrameworks() {
        noClasses()
                .that(resideInAPackage("dev.errand.agent.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.springframework..", "reactor..", "io.lettuce.."))
                .check(House.CLASSES);
    }

    /** Only what reads the configuration touches files. */
    @Test
    void rules_readNoFile() {
        noClasses()
                .that(resideInAnyPackage(of("filters/core")))
                .and(not(resideInAnyPackage(
                        "dev.errand.config",
                        "dev.errand.operation",
                        "dev.errand.operation.template",
                        "dev.errand.template")))
                .should()
                .dependOnClassesThat(resideInAPackage("java.nio.file.."))
                .check(House.CLASSES);
    }

    /** Of the code that serves calls, only the operator's API uses the tools. */
    @Test
    void liveCode_knowsNoTool() {
        noClasses()
                .that(resideInAnyPackage(LIVE))
                .should()
                .dependOnClassesThat(resideInAPackage("dev.errand.offline.."))
                .check(House.CLASSES);
    }

    @Test
    void libraries_haveOneHome() {
        home("com.nimbusds..", "jose");
        home("org.snakeyaml..", "config", "agent");
        home("com.google.re2j..", "template");
        home("io.github.bucket4j..", "limit", "issuer", "server");
        home("io.lettuce..", "state.redis", "sink");
        home("org.apache.kafka..", "sink");
        home("io.opentelemetry..", "sink", "web");
        home("io.spiffe..", "trust");
        home("software.amazon.awssdk..", "credential");
        home("ch.qos.logback..", "server");
        home("picocli..", "cli", "agent", "demo");
        home("com.github.tomakehurst..", "demo");
        home("io.grpc..", "decision");
        home("io.envoyproxy..", "decision");
        home("org.springframework.web..", "web", "decision", "issuer", "operator");
        home(
                "org.springframework.boot..",
                "autoconfigure",
                "decision",
                "server",
                "operator",
                "issuer.approval",
                "cli",
                "demo");
    }

    private static void home(String library, String... packages) {
        noClasses()
                .that(not(resideInAnyPackage(Stream.of(packages)
                        .map(name -> "dev.errand." + name + "..")
                        .toArray(String[]::new))))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .check(House.CLASSES);
    }

    /** The packages of these modules. */
    private static String[] of(String... modules) {
        List<String> wanted = List.of(modules);
        return House.packages().entrySet().stream()
                .filter(entry -> wanted.contains(entry.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toList())
                .toArray(String[]::new);
    }
}
