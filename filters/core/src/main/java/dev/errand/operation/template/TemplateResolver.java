package dev.errand.operation.template;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Shape.list;
import static dev.errand.config.Shape.text;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.operation.CatalogueKeys;
import dev.errand.operation.Declaration;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.Resolver;

/** The resolver {@code template}. */
public final class TemplateResolver implements Resolver {
    private static final Keys KEYS = CatalogueKeys.of(
            "template",
            optional("base-path", text(), "The beginning of every path, such as /v1."),
            optional(
                    "import", list(OpenApiImport.KEYS), "OpenAPI documents whose operations are imported, unreviewed."),
            optional(
                    "permissions",
                    Permissions.KEYS,
                    "By id of an imported operation: what it needs of a credential that is made for the task."),
            optional("operations", list(OperationReader.KEYS), "The operations that are written by hand."));

    @Override
    public String name() {
        return "template";
    }

    @Override
    public Keys keys() {
        return KEYS;
    }

    @Override
    public OperationCatalogue read(Declaration declaration, Faults faults) {
        return TemplateReader.read(declaration, faults);
    }
}
