package dev.errand.schema;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A document as a user writes it, and as a user might have written it wrongly. JSON is YAML, so that both sides read it. */
final class WrittenDocument {
    /** A document with one thing changed. */
    record Slip(String what, JsonNode document) {}

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<JsonNode> OTHER_VALUES = List.of(
            NODES.stringNode("nonsense"),
            NODES.numberNode(7),
            NODES.booleanNode(true),
            NODES.nullNode(),
            NODES.arrayNode(),
            NODES.objectNode());

    private WrittenDocument() {}

    static JsonNode json(String yaml) {
        Faults faults = new Faults();
        return json(Objects.requireNonNull(Yaml.parse("written.yaml", yaml, faults), faults.toString()));
    }

    private static JsonNode json(YamlNode node) {
        if (node instanceof YamlMap map) {
            ObjectNode object = NODES.objectNode();
            map.members().forEach((key, value) -> object.set(key, json(value)));
            return object;
        } else if (node instanceof YamlList list) {
            ArrayNode array = NODES.arrayNode();
            list.items().forEach(item -> array.add(json(item)));
            return array;
        }
        YamlScalar scalar = (YamlScalar) node;
        return scalar.type() == YamlScalar.Type.STRING
                ? NODES.stringNode(scalar.text())
                : MAPPER.readTree(scalar.text());
    }

    /** Every document with one key misspelt, one key left out, one value replaced by another kind, or one item more. */
    static List<Slip> slips(JsonNode document) {
        List<Slip> slips = new ArrayList<>();
        slips(document, "", slips, document);
        return slips;
    }

    private static void slips(JsonNode node, String at, List<Slip> slips, JsonNode document) {
        for (String name : List.copyOf(node.propertyNames())) {
            String place = at + '/' + name.replace("~", "~0").replace("/", "~1");
            slip(at, "without " + place, slips, document, parent -> parent.remove(name));
            slip(at, place + " misspelt", slips, document, parent -> parent.set(name + "x", parent.remove(name)));
            for (JsonNode other : OTHER_VALUES) {
                slip(at, place + ": " + other, slips, document, parent -> parent.set(name, other));
            }
            slips(node.get(name), place, slips, document);
        }
        for (int i = 0; i < (node.isArray() ? node.size() : 0); i++) {
            String place = at + '/' + i;
            int index = i;
            for (JsonNode other : OTHER_VALUES) {
                JsonNode copy = document.deepCopy();
                ((ArrayNode) copy.at(at)).set(index, other);
                slips.add(new Slip(place + ": " + other, copy));
            }
            slips(node.get(i), place, slips, document);
        }
    }

    private static void slip(String at, String what, List<Slip> slips, JsonNode document, Consumer<ObjectNode> change) {
        JsonNode copy = document.deepCopy();
        change.accept((ObjectNode) copy.at(at));
        slips.add(new Slip(what, copy));
    }
}
