package dev.errand.dependencies;

import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The list of {@code known-vulnerabilities.yaml}, which libraries are held to.
 *
 * @param checked the day of the last refresh
 */
public record KnownVulnerabilities(LocalDate checked, List<Vulnerability> vulnerabilities, List<Accepted> exceptions) {
    private static final String FILE = "/dependencies/known-vulnerabilities.yaml";

    /** One vulnerability of one artifact; {@code *} in the artifact stands for any characters. */
    public record Vulnerability(String id, String artifact, VersionRange affected, String source, String what) {
        boolean strikes(ShippedLibrary library) {
            return matches(artifact, library)
                    && affected.containsVersion(new DefaultArtifactVersion(library.version()));
        }
    }

    /** A vulnerability that is shipped nevertheless. */
    public record Accepted(String id, String artifact, String reason, LocalDate until) {}

    private static boolean matches(String artifact, ShippedLibrary library) {
        return library.key().matches(artifact.replace(".", "\\.").replace("*", ".*"));
    }

    /** The list of the tree. */
    public static KnownVulnerabilities ofTheTree() {
        try (InputStream in = Objects.requireNonNull(KnownVulnerabilities.class.getResourceAsStream(FILE))) {
            return parse(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Reads a list; an {@link IllegalArgumentException} names what is wrong. */
    static KnownVulnerabilities parse(String yaml) {
        Map<?, ?> map = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(yaml);
        List<Vulnerability> vulnerabilities = new ArrayList<>();
        for (Object one : (List<?>) map.get("vulnerabilities")) {
            vulnerabilities.add(new Vulnerability(
                    text(one, "id"),
                    text(one, "artifact"),
                    range(text(one, "affected")),
                    text(one, "source"),
                    text(one, "what")));
        }
        List<Accepted> exceptions = new ArrayList<>();
        for (Object one : (List<?>) map.get("exceptions")) {
            exceptions.add(new Accepted(
                    text(one, "id"), text(one, "artifact"), text(one, "reason"), LocalDate.parse(text(one, "until"))));
        }
        return new KnownVulnerabilities(LocalDate.parse(text(map, "checked")), vulnerabilities, exceptions);
    }

    private static String text(Object map, String key) {
        Object value = ((Map<?, ?>) map).get(key);
        if (value == null || value.toString().isBlank()) {
            throw new IllegalArgumentException(map + " has no '" + key + "'");
        }
        return value.toString();
    }

    private static VersionRange range(String text) {
        try {
            return VersionRange.createFromVersionSpec(text);
        } catch (InvalidVersionSpecificationException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** What is wrong with shipping these libraries, one sentence each; empty if nothing is. */
    public List<String> faults(List<ShippedLibrary> libraries) {
        List<String> faults = new ArrayList<>();
        for (ShippedLibrary library : libraries) {
            for (Vulnerability known : vulnerabilities) {
                if (known.strikes(library) && !isAccepted(known, library)) {
                    faults.add(library.file() + " has " + known.id() + " (" + known.what() + "; " + known.source()
                            + "), which is in " + known.affected()
                            + ": raise its version in pom.xml, or add an exception"
                            + " with a reason and an 'until' to known-vulnerabilities.yaml");
                }
            }
        }
        for (Accepted exception : exceptions) {
            if (exception.until().isBefore(checked)) {
                faults.add("the exception for " + exception.id() + " ended on " + exception.until()
                        + ", before the list was checked: raise the version, or judge it anew and move its 'until'");
            }
            if (vulnerabilities.stream().noneMatch(known -> known.id().equals(exception.id()))) {
                faults.add("the exception for " + exception.id() + " is for nothing in the list: remove it");
            }
        }
        return faults;
    }

    private boolean isAccepted(Vulnerability known, ShippedLibrary library) {
        return exceptions.stream()
                .anyMatch(exception -> exception.id().equals(known.id()) && matches(exception.artifact(), library));
    }
}
