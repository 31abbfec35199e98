package dev.errand.schema;

import dev.errand.config.Keys;
import dev.errand.config.Shape;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Builds one schema: each mapping once, under {@code $defs}. Not thread-safe. */
final class SchemaDrawing {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Map<String, Keys> drawn = new HashMap<>();
    private final ObjectNode definitions = NODES.objectNode();

    private SchemaDrawing() {}

    static ObjectNode draw(String title, String description, Shape root) {
        SchemaDrawing drawing = new SchemaDrawing();
        ObjectNode schema = NODES.objectNode()
                .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", title)
                .put("description", description);
        schema.setAll(root instanceof Keys keys ? drawing.mapping(keys) : drawing.value(root));
        schema.set("$defs", drawing.definitions);
        return schema;
    }

    private ObjectNode value(Shape shape) {
        ObjectNode node = NODES.objectNode();
        if (shape instanceof Shape.Text text) {
            node.put("type", "string");
            if (text.pattern() != null) {
                node.put("pattern", whole(text.pattern()));
            }
        } else if (shape instanceof Shape.Words words) {
            node.set("enum", strings(words.words()));
        } else if (shape instanceof Shape.Whole bounds) {
            node.put("type", "integer").put("minimum", bounds.min()).put("maximum", bounds.max());
        } else if (shape instanceof Shape.Simple simple) {
            simple(node, simple);
        } else if (shape instanceof Shape.Items items) {
            node.put("type", "array").set("items", value(items.item()));
            if (items.min() > 0) {
                node.put("minItems", items.min());
            }
            if (items.max() < Integer.MAX_VALUE) {
                node.put("maxItems", items.max());
            }
        } else if (shape instanceof Shape.Either either) {
            ArrayNode any = node.putArray("anyOf");
            either.shapes().forEach(each -> any.add(value(each)));
        } else if (shape instanceof Shape.Later later) {
            return value(later.shape().get());
        } else if (shape instanceof Keys keys) {
            define(keys);
            node.put("$ref", "#/$defs/" + keys.name());
        }
        return node;
    }

    private static void simple(ObjectNode node, Shape.Simple simple) {
        switch (simple) {
            case NUMBER -> node.put("type", "number");
            case FLAG -> node.put("type", "boolean");
            case YES -> node.put("const", true);
            case SCALAR ->
                node.putArray("type").add("string").add("number").add("boolean").add("null");
            case ANYTHING -> {}
        }
    }

    private void define(Keys keys) {
        Keys same = drawn.putIfAbsent(keys.name(), keys);
        if (same == null) {
            definitions.putNull(keys.name()); // keeps the order in which mappings are met, also for nested ones
            definitions.set(keys.name(), mapping(keys));
        } else if (!same.equals(keys)) {
            throw new IllegalStateException("two mappings are named " + keys.name());
        }
    }

    private ObjectNode mapping(Keys keys) {
        ObjectNode node = NODES.objectNode().put("type", "object");
        if (!keys.list().isEmpty()) {
            ObjectNode properties = node.putObject("properties");
            for (Keys.Key key : keys.list()) {
                properties.putObject(key.name()).put("description", key.what()).setAll(value(key.shape()));
            }
        }
        keys.others().forEach((pattern, shape) -> {
            if (!pattern.isEmpty()) {
                node.withObjectProperty("patternProperties").set(whole(pattern), value(shape));
            }
        });
        Shape other = keys.others().get("");
        if (other == null) {
            node.put("additionalProperties", false);
        } else {
            node.set("additionalProperties", value(other));
        }
        ArrayNode required = strings(keys.list().stream()
                .filter(Keys.Key::required)
                .map(Keys.Key::name)
                .toList());
        if (!required.isEmpty()) {
            node.set("required", required);
        }
        if (!keys.exactlyOne().isEmpty()) {
            ArrayNode one = node.putArray("oneOf");
            keys.exactlyOne()
                    .forEach(name -> one.addObject().putArray("required").add(name));
        }
        return node;
    }

    private static ArrayNode strings(Collection<String> values) {
        ArrayNode node = NODES.arrayNode();
        values.forEach(node::add);
        return node;
    }

    private static String whole(String pattern) {
        return "^(?:" + pattern + ")$";
    }
}
