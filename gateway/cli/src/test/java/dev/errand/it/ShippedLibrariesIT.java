package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.dependencies.DeclaredVersions;
import dev.errand.dependencies.KnownVulnerabilities;
import dev.errand.dependencies.ShippedLibrary;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What lies in the gateway's jar has no vulnerability that we know of, and the versions that the pom declares. */
class ShippedLibrariesIT {
    private static final String LIBRARIES = "BOOT-INF/lib/";

    @Test
    void jar_holdsTheLibrariesOfTheBuild_withoutKnownVulnerabilities() throws Exception {
        List<ShippedLibrary> shipped = ShippedLibrary.ofThisModule();
        try (JarFile jar = new JarFile("../target/errand.jar")) {
            Set<String> files = jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(LIBRARIES) && name.endsWith(".jar"))
                    .map(name -> name.substring(LIBRARIES.length()))
                    // Spring Boot's own, which its plugin adds.
                    .filter(name -> !name.startsWith("errand-") && !name.startsWith("spring-boot-jarmode-"))
                    .collect(Collectors.toSet());
            assertThat(shipped.stream().map(ShippedLibrary::file).toList()).containsAll(files);
            assertThat(files).hasSizeGreaterThan(80);
        }
        assertThat(KnownVulnerabilities.ofTheTree().faults(shipped)).isEmpty();
        assertThat(DeclaredVersions.ofTheTree().faults(shipped)).isEmpty();
    }
}
