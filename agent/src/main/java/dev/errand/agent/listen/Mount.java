package dev.errand.agent.listen;

import dev.errand.agent.call.GatewayAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Maps a listener's paths to the gateway's, and back. Immutable.
 *
 * @param own the prefix of the listener's paths, such as {@code /<secret>}; empty for a root
 * @param gateways the prefix of the gateway's paths, such as {@code /registry}; mostly empty
 * @param origin the listener's origin as tools write it, such as {@code http://127.0.0.1:8200}; empty for a Unix socket
 * @param isRoot whether the listener has a single route, at its root, and demands a credential of its tools
 * @param top the gateway's path for the listener's path that ends with the first slash
 */
public record Mount(String own, String gateways, String origin, boolean isRoot, String top) {

    /** A listener of all routes. */
    public static Mount of(String own, String origin) {
        return new Mount(own, "", origin, false, "/");
    }

    /** A listener with a single route at its root. */
    public static Mount root(String route, String origin) {
        return new Mount("", route, origin, true, route + "/");
    }

    /** A listener whose root is the endpoint of an MCP route: one path, with or without a slash at its end. */
    public static Mount endpoint(String path, String origin) {
        String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return new Mount("", prefix, origin, true, path);
    }

    /** The gateway's target for a target of the listener; null if that does not begin with the listener's prefix. */
    @Nullable String gatewayTarget(String target) {
        int length = own.length();
        if (target.length() <= length || target.charAt(length) != '/' || !sameText(target.substring(0, length), own)) {
            return null;
        }
        String below = target.substring(length);
        return below.equals("/") || below.startsWith("/?") ? top + below.substring(1) : gateways + below;
    }

    /** Compares in constant time, so that the time tells nothing about the secret. */
    private static boolean sameText(String given, String secret) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Maps an address in an answer to the listener. An address of another host stays, except at a root: there the tool
     * would send its password to that host.
     */
    String mapped(String address, GatewayAddress gateway, String issuer) {
        String path = path(address, gateway, issuer);
        if (path == null) {
            return address;
        }
        String below =
                path.startsWith(gateway.base()) ? path.substring(gateway.base().length()) : path;
        boolean inside = !gateways.isEmpty() && below.startsWith(gateways) && isPathEnd(below, gateways.length());
        String rest = inside ? below.substring(gateways.length()) : below;
        String mapped = own + (rest.startsWith("/") ? rest : "/" + rest);
        return address.startsWith("/") && !address.startsWith("//") ? mapped : origin + mapped;
    }

    /** Path, query and fragment of an address that must be mapped; null for an address that stays. */
    private @Nullable String path(String address, GatewayAddress gateway, String issuer) {
        if (address.startsWith("/") && !address.startsWith("//")) {
            return address;
        }
        for (String known : new String[] {gateway.url(), gateway.origin(), issuer}) {
            boolean its = address.regionMatches(true, 0, known, 0, known.length());
            if (its && isPathEnd(address, known.length())) {
                return address.substring(known.length());
            }
        }
        return isRoot ? foreignPath(address) : null;
    }

    /** Whether a name ends there, and not in the middle of a longer one. */
    private static boolean isPathEnd(String address, int at) {
        return address.length() == at || "/?#".indexOf(address.charAt(at)) >= 0;
    }

    private static @Nullable String foreignPath(String address) {
        int authority = address.startsWith("//") ? 0 : address.indexOf("://") + 1;
        boolean absolute = address.startsWith("//") || authority > 0;
        if (!absolute) {
            return null;
        }
        int slash = address.indexOf('/', authority + 2);
        return slash < 0 ? "/" : address.substring(slash);
    }
}
