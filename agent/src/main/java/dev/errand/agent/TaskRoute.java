package dev.errand.agent;

import dev.errand.json.JsonValue.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A route of operations that the token grants, as {@code GET /oauth2/task} tells it.
 *
 * @param path the prefix of its calls, or for jsonrpc their endpoint
 * @param resolver such as {@code kubernetes}, {@code s3}, {@code jsonrpc}, {@code template}
 * @param refusals the form of its refusals, such as {@code oci}
 */
record TaskRoute(String id, String path, String catalogue, String resolver, String refusals) {

    private static final String JSON_RPC = "jsonrpc";

    /** Reads a route; null if the object is no route. */
    static @Nullable TaskRoute of(JsonObject json) {
        String id = json.string("id");
        String path = json.string("path");
        if (id == null || path == null || !path.startsWith("/")) {
            return null;
        }
        String resolver = text(json, "resolver");
        // An endpoint is one path: the path without its slash is another one.
        String kept = resolver.equals(JSON_RPC) ? path : withoutSlash(path);
        return new TaskRoute(id, kept, text(json, "catalogue"), resolver, text(json, "refusals"));
    }

    private static String withoutSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** The text with which the paths below the route begin. */
    public String prefix() {
        return withoutSlash(path);
    }

    private static String text(JsonObject json, String member) {
        String text = json.string(member);
        return text == null ? "" : text;
    }

    /** The id, as a part of the name of an environment variable. */
    public String variable() {
        return id.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    public boolean isS3() {
        return resolver.equals("s3");
    }

    public boolean isOci() {
        return refusals.equals("oci") && !isS3();
    }

    /** Whether its calls go to one endpoint of MCP. */
    public boolean isMcp() {
        return resolver.equals(JSON_RPC);
    }

    public boolean isKubernetes() {
        return resolver.equals("kubernetes");
    }

    public boolean isVault() {
        return catalogue.equals("vault") || refusals.equals("vault");
    }
}
