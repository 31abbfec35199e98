package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The objects of docs/behind/others.md, held to the schemas that their gateways define. */
@Tag("crds")
class GatewayObjectsIT {
    private static final Page PAGE = new Page("docs/behind/others.md");
    private static final Map<String, Map<?, ?>> SCHEMAS = new HashMap<>();

    @BeforeAll
    static void read() throws Exception {
        Path file = RealServer.program("crds", "crds-1/crds.yaml");
        for (Map<?, ?> object : Chart.objects(Files.readString(file))) {
            if ("CustomResourceDefinition".equals(object.get("kind"))) {
                Map<?, ?> spec = map(object.get("spec"));
                for (Object version : (List<?>) spec.get("versions")) {
                    SCHEMAS.put(
                            spec.get("group") + "/" + map(version).get("name") + " "
                                    + map(spec.get("names")).get("kind"),
                            map(map(map(version).get("schema")).get("openAPIV3Schema")));
                }
            }
        }
    }

    private static Map<?, ?> map(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    /** What of the object's spec its schema does not allow. */
    private static List<String> faults(String yaml) {
        Map<?, ?> object = Chart.objects(yaml).get(0);
        Map<?, ?> schema = SCHEMAS.get(object.get("apiVersion") + " " + object.get("kind"));
        assertThat(schema).as("a schema of %s", object.get("kind")).isNotNull();
        List<String> faults = new ArrayList<>();
        check(object.get("spec"), map(map(schema.get("properties")).get("spec")), "spec", faults);
        return faults;
    }

    private static void check(Object value, Map<?, ?> schema, String at, List<String> faults) {
        String type = value instanceof Map ? "object" : value instanceof List ? "array" : "";
        if (!type.isEmpty() && schema.containsKey("type") && !type.equals(schema.get("type"))) {
            faults.add(at + " is no " + schema.get("type"));
        } else if (value instanceof Map<?, ?> members) {
            members(members, schema, at, faults);
        } else if (value instanceof List<?> items) {
            items.forEach(item -> check(item, map(schema.get("items")), at + "[]", faults));
        } else if (schema.get("enum") instanceof List<?> words && !words.contains(value)) {
            faults.add(at + " is none of " + words);
        }
    }

    private static void members(Map<?, ?> members, Map<?, ?> schema, String at, List<String> faults) {
        Map<?, ?> known = map(schema.get("properties"));
        if (schema.get("required") instanceof List<?> required) {
            required.stream()
                    .filter(name -> !members.containsKey(name))
                    .forEach(name -> faults.add(at + " lacks " + name));
        }
        members.forEach((name, member) -> {
            if (known.containsKey(name)) {
                check(member, map(known.get(name)), at + "." + name, faults);
            } else if (schema.get("additionalProperties") instanceof Map<?, ?> others) {
                check(member, others, at + "." + name, faults);
            } else if (!Boolean.TRUE.equals(schema.get("x-kubernetes-preserve-unknown-fields"))) {
                faults.add(at + " does not know " + name);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EnvoyExtensionPolicy",
                "EnvoyProxy",
                "ClientTrafficPolicy",
                "EnvoyFilter",
                "DestinationRule",
                "AgentgatewayPolicy"
            })
    void objectOfThePage_fitsItsSchema(String kind) {
        assertThat(faults(PAGE.block("kind: " + kind))).isEmpty();
    }

    @Test
    void wrongObject_isNoticed() {
        String good = PAGE.block("kind: EnvoyExtensionPolicy");
        assertThat(faults(good.replace("failOpen", "failClosed")))
                .containsExactly("spec.extProc[] does not know failClosed");
        assertThat(faults(good.replace("Buffered", "Whole")))
                .singleElement()
                .asString()
                .contains("is none of");
    }
}
