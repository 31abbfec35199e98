package dev.errand.dependencies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the filters bring has no vulnerability that we know of, and the versions that the pom declares. */
class ShippedLibrariesTest {
    private static final ShippedLibrary OLD_JACKSON =
            new ShippedLibrary("tools.jackson.core", "jackson-databind", "", "3.1.4");

    private static final String LIST = """
            checked: 2026-11-27
            vulnerabilities:
              - {id: CVE-1, artifact: "a:b*", affected: "[1.0,1.5),[2.0,2.2)", source: s, what: w}
            exceptions:
              - {id: %s, artifact: "a:b", reason: "not reached", until: %s}
            """;

    private static ShippedLibrary b(String version) {
        return new ShippedLibrary("a", "b", "", version);
    }

    @Test
    void libraries_ofTheFilters_haveNoKnownVulnerability() {
        List<ShippedLibrary> shipped = ShippedLibrary.ofThisModule();
        assertThat(shipped.stream().map(ShippedLibrary::key))
                .contains("tools.jackson.core:jackson-core", "io.netty:netty-codec-http", "io.lettuce:lettuce-core");
        assertThat(KnownVulnerabilities.ofTheTree().faults(shipped)).isEmpty();
    }

    @Test
    void libraries_ofTheFilters_haveTheDeclaredVersions() throws Exception {
        assertThat(DeclaredVersions.ofTheTree().faults(ShippedLibrary.ofThisModule()))
                .isEmpty();
    }

    @Test
    void libraries_areOfOneVersionEach() {
        assertThat(ShippedLibrary.ofThisModule().stream()
                        .collect(Collectors.groupingBy(one -> one.key() + ":" + one.classifier()))
                        .values())
                .allMatch(same -> same.size() == 1);
    }

    @Test
    void faults_vulnerableVersion_saysWhichAndWhatToDo() {
        assertThat(KnownVulnerabilities.ofTheTree().faults(List.of(OLD_JACKSON)))
                .hasSize(5)
                .anyMatch(fault -> fault.startsWith("jackson-databind-3.1.4.jar has CVE-2026-83557 (")
                        && fault.contains("raise its version in pom.xml, or add an exception"))
                .anyMatch(fault -> fault.contains("CVE-2026-19032"));
    }

    @Test
    void faults_versionDeclaredButNotShipped_isNamed() throws Exception {
        assertThat(DeclaredVersions.ofTheTree()
                        .faults(List.of(
                                new ShippedLibrary("io.github.resilience4j", "resilience4j-core", "", "2.3.0"),
                                new ShippedLibrary("io.netty", "netty-codec-http", "", "4.2.17.Final"),
                                new ShippedLibrary("org.springframework.boot", "spring-boot", "", "4.0.7"))))
                .hasSize(3)
                .anyMatch(fault -> fault.startsWith("resilience4j-core-2.3.0.jar is shipped, and pom.xml says 2.4.0"));
    }

    @Test
    void faults_versionOutsideOfTheRanges_isNone() {
        KnownVulnerabilities list = KnownVulnerabilities.parse(LIST.formatted("CVE-1", "2026-12-01"));
        ShippedLibrary other = new ShippedLibrary("a", "bc", "linux", "2.1");
        assertThat(list.faults(List.of(b("1.5"), b("1.9"), b("2.2"), b("0.9")))).isEmpty();
        assertThat(list.faults(List.of(b("1.0"), b("2.1.9"))))
                .as("an exception")
                .isEmpty();
        assertThat(list.faults(List.of(other))).hasSize(1);
    }

    @Test
    void faults_exceptionThatEndedBeforeTheListWasChecked_isOne() {
        assertThat(KnownVulnerabilities.parse(LIST.formatted("CVE-1", "2026-11-26"))
                        .faults(List.of()))
                .containsExactly("the exception for CVE-1 ended on 2026-11-26, before the list was checked: raise the"
                        + " version, or judge it anew and move its 'until'");
        assertThat(KnownVulnerabilities.parse(LIST.formatted("CVE-1", "2026-11-27"))
                        .faults(List.of()))
                .isEmpty();
        assertThat(KnownVulnerabilities.parse(LIST.formatted("CVE-2", "2026-12-27"))
                        .faults(List.of()))
                .containsExactly("the exception for CVE-2 is for nothing in the list: remove it");
    }

    @Test
    void parse_exceptionWithoutAReason_isRefused() {
        String without = LIST.formatted("CVE-1", "2026-12-01").replace("\"not reached\"", "\"\"");
        assertThatThrownBy(() -> KnownVulnerabilities.parse(without))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no 'reason'");
    }
}
