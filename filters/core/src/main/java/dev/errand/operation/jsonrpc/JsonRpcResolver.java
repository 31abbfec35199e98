package dev.errand.operation.jsonrpc;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.words;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.operation.Canonical;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CatalogueKeys;
import dev.errand.operation.Choice;
import dev.errand.operation.Declaration;
import dev.errand.operation.HeaderProtocol;
import dev.errand.operation.Labels;
import dev.errand.operation.Normalisation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import dev.errand.operation.Resolver;
import java.util.Map;

/** The resolver {@code jsonrpc}, for MCP servers. */
public final class JsonRpcResolver implements Resolver {
    private static final Map<String, Boolean> BATCHES = Map.of("reject", true);
    private static final Keys KEYS = CatalogueKeys.of(
            "jsonrpc",
            required("path", text(), "The one path of the endpoint, such as /mcp."),
            optional(
                    "batch",
                    words(BATCHES.keySet()),
                    "How several messages in one body are treated. Only reject is possible."));

    @Override
    public String name() {
        return "jsonrpc";
    }

    @Override
    public Keys keys() {
        return KEYS;
    }

    @Override
    public HeaderProtocol protocol() {
        return HeaderProtocol.JSONRPC;
    }

    @Override
    public RefusalStyle refusals() {
        return RefusalStyle.JSONRPC;
    }

    @Override
    public OperationCatalogue read(Declaration declaration, Faults faults) {
        YamlMap map = declaration.map();
        Choice.of(map, "batch", BATCHES, true, faults);
        YamlNode node = map.required("path", faults);
        String text = node == null ? null : node.string(faults);
        String path = "/";
        if (node != null && text != null) {
            if (CanonicalPath.parse(text, Normalisation.DEFAULT) instanceof Canonical.Accepted<CanonicalPath> good
                    && good.value().text().equals(text)) {
                path = text;
            } else {
                faults.add(node.at(), "'" + text + "' is no path: write the one path of the endpoint, such as /mcp");
            }
        }
        return new JsonRpcCatalogue(
                declaration,
                path,
                Labels.read(map, RpcIds.TOOL, RpcIds::isLabel, faults).ofJson());
    }
}
