package dev.errand.agent.task;

import dev.errand.json.JsonValue.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A route that the token's operations name, as {@code GET /oauth2/task} tells it.
 *
 * @param path the prefix of its calls, for jsonrpc their endpoint
 * @param resolver such as {@code kubernetes}, {@code s3}, {@code jsonrpc}, {@code template}
 * @param refusals the form of its refusals, such as {@code oci}
 */
public record TaskRoute(String id, String path, String catalogue, String resolver, String refusals) {

    /** Reads a route; null for what is none. */
    static @Nullable TaskRoute of(JsonObject json) {
        String id = json.string("id");
        String path = json.string("path");
        if (id == null || path == null || !path.startsWith("/")) {
            return null;
        }
        String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return new TaskRoute(id, prefix, text(json, "catalogue"), text(json, "resolver"), text(json, "refusals"));
    }

    private static String text(JsonObject json, String member) {
        String text = json.string(member);
        return text == null ? "" : text;
    }

    /** The id within the name of an environment variable. */
    public String variable() {
        return id.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    public boolean isS3() {
        return resolver.equals("s3");
    }

    public boolean isOci() {
        return refusals.equals("oci") && !isS3();
    }

    public boolean isKubernetes() {
        return resolver.equals("kubernetes");
    }

    public boolean isVault() {
        return catalogue.equals("vault") || refusals.equals("vault");
    }
}
