package dev.errand.schema;

import dev.errand.config.Shape;
import dev.errand.proof.PropertyReader;
import dev.errand.template.CatalogueLoader;
import dev.errand.template.TemplateParser;

/**
 * A JSON Schema (draft 2020-12) with which an editor completes and checks what a user writes. It accepts everything
 * that the gateway accepts; the gateway checks more and has better messages. Thread-safe.
 */
public enum EditorSchema {
    CATALOGUE("Errand catalogue", "operations/*.yaml: what the requests to one upstream mean", CatalogueLoader.SHAPE),
    TEMPLATE("Errand task template", "tasks/*.yaml: what tasks of one kind may do", TemplateParser.KEYS),
    PROPERTIES("Errand properties", "properties/*.yaml: what templates can and cannot do", PropertyReader.KEYS);

    private final String title;
    private final String description;
    private final Shape shape;

    EditorSchema(String title, String description, Shape shape) {
        this.title = title;
        this.description = description;
        this.shape = shape;
    }

    /** The schema, indented, without a line break at its end. */
    public String text() {
        return SchemaDrawing.draw(title, description, shape).toPrettyString();
    }
}
