package dev.errand.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON Schemas of the kinds of Kubernetes, one file each, made of the OpenAPI document that kube-apiserver is built with. They are
 * strict: a member that a type does not have is a fault.
 */
final class KubernetesSchemas {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String REFERENCE = "#/definitions/";

    private KubernetesSchemas() {}

    /** Writes all of them; their names, such as {@code statefulset-apps-v1}. */
    static Set<String> write(Path directory) throws IOException {
        JsonNode definitions = JSON.readTree(document()).get("definitions");
        Set<String> names = new TreeSet<>();
        for (String type : definitions.propertyNames()) {
            JsonNode kinds = definitions.get(type).get("x-kubernetes-group-version-kind");
            if (kinds == null || kinds.size() != 1) {
                continue; // a part of others, or what every kind has
            }
            String name = name(kinds.get(0));
            ObjectNode schema = JSON.createObjectNode();
            schema.put("$ref", REFERENCE + type);
            ObjectNode needed = schema.putObject("definitions");
            for (String one : reached(definitions, type)) {
                needed.set(one, strict(definitions.get(one).deepCopy()));
            }
            Files.writeString(directory.resolve(name + ".json"), JSON.writeValueAsString(schema));
            names.add(name);
        }
        return names;
    }

    private static Path document() {
        RealServer.program("kubeconform", "kubeconform/kubeconform");
        String version = System.getProperty("kubernetes.version", "1.35.4");
        return RealServer.cache().resolve("openapi-" + version + ".json");
    }

    /** As kubeconform asks for it: the group by its first label. */
    private static String name(JsonNode kind) {
        String group = kind.get("group").asString();
        int dot = group.indexOf('.');
        String first = dot < 0 ? group : group.substring(0, dot);
        return (kind.get("kind").asString()
                        + (first.isEmpty() ? "" : '-' + first)
                        + '-'
                        + kind.get("version").asString())
                .toLowerCase(Locale.ROOT);
    }

    private static Set<String> reached(JsonNode definitions, String type) {
        Set<String> all = new LinkedHashSet<>(Set.of(type));
        for (boolean more = true; more; ) {
            more = false;
            for (String one : Set.copyOf(all)) {
                for (JsonNode reference : definitions.get(one).findValues("$ref")) {
                    // A member of that name is no reference.
                    more |= reference.isString() && all.add(reference.asString().substring(REFERENCE.length()));
                }
            }
        }
        return all;
    }

    /** The document says of a number or text that it is a text of a format. */
    private static JsonNode strict(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            if (object.has("properties") && !object.has("additionalProperties")) {
                object.put("additionalProperties", false);
            }
            JsonNode format = object.get("format");
            if (format != null && format.isString()) {
                if ("int-or-string".equals(format.asString())) {
                    object.putArray("type").add("string").add("integer");
                }
                object.remove("format");
            }
        }
        schema.forEach(KubernetesSchemas::strict);
        return schema;
    }
}
