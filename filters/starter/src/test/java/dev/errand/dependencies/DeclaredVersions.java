package dev.errand.dependencies;

import dev.errand.Checkout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The versions that the root pom declares: what is shipped must be these, whatever an import before them says. */
public final class DeclaredVersions {
    /** The properties that choose the version of a whole group by way of Spring Boot's or another import. */
    private static final Map<String, String> GROUPS = Map.of(
            "netty.version", "io.netty",
            "kafka.version", "org.apache.kafka",
            "gson.version", "com.google.code.gson",
            "opentelemetry.version", "io.opentelemetry");

    /** Imports whose own version is not that of what they import. */
    private static final Set<String> TRAINS = Set.of("org.springframework.cloud:spring-cloud-dependencies");

    private final Map<String, String> properties = new java.util.HashMap<>();
    private final List<Declared> declared = new ArrayList<>();

    /** {@code artifact} and {@code classifier} are {@code "*"} where all of a group are meant. */
    private record Declared(String group, String artifact, String classifier, String version) {
        boolean covers(ShippedLibrary library) {
            return group.equals(library.group())
                    && (artifact.equals("*") || artifact.equals(library.artifact()))
                    && (classifier.equals("*") || classifier.equals(library.classifier()));
        }
    }

    private DeclaredVersions(Document pom) {
        Element project = pom.getDocumentElement();
        NodeList all = child(project, "properties").getChildNodes();
        for (int i = 0; i < all.getLength(); i++) {
            if (all.item(i) instanceof Element property) {
                properties.put(property.getTagName(), property.getTextContent().strip());
            }
        }
        NodeList managed =
                child(child(project, "dependencyManagement"), "dependencies").getChildNodes();
        for (int i = 0; i < managed.getLength(); i++) {
            if (managed.item(i) instanceof Element dependency) {
                String group = text(dependency, "groupId");
                String artifact = text(dependency, "artifactId");
                boolean imported = text(dependency, "scope").equals("import");
                if (!group.equals("dev.errand") && !TRAINS.contains(group + ":" + artifact)) {
                    declared.add(new Declared(
                            group,
                            imported ? "*" : artifact,
                            imported ? "*" : resolved(text(dependency, "classifier")),
                            resolved(text(dependency, "version"))));
                }
            }
        }
        GROUPS.forEach(
                (property, group) -> declared.add(new Declared(group, "*", "*", resolved("${" + property + "}"))));
        declared.add(new Declared("org.springframework.boot", "*", "*", text(child(project, "parent"), "version")));
    }

    static DeclaredVersions of(Path pom) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return new DeclaredVersions(factory.newDocumentBuilder().parse(pom.toFile()));
    }

    /** The pom above the module whose tests run. */
    public static DeclaredVersions ofTheTree() throws Exception {
        return of(Checkout.path("pom.xml"));
    }

    /** Each shipped library whose version is not the declared one; that of the artifact counts before that of its group. */
    public List<String> faults(List<ShippedLibrary> libraries) {
        List<String> faults = new ArrayList<>();
        for (ShippedLibrary library : libraries) {
            declared.stream()
                    .filter(one -> one.covers(library))
                    .min(java.util.Comparator.comparing(one -> one.artifact().equals("*")))
                    .filter(one -> !one.version().equals(library.version()))
                    .ifPresent(one -> faults.add(library.file() + " is shipped, and pom.xml says " + one.version()
                            + ": of two imports in dependencyManagement the first counts"));
        }
        return faults;
    }

    private String resolved(String text) {
        boolean named = text.startsWith("${") && text.endsWith("}");
        return named ? properties.getOrDefault(text.substring(2, text.length() - 1), text) : text;
    }

    private static Element child(Element parent, String name) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                return element;
            }
        }
        throw new IllegalArgumentException(parent.getTagName() + " has no " + name);
    }

    private static String text(Element parent, String name) {
        NodeList found = parent.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
    }
}
