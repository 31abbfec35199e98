package dev.errand.agent.listen;

import dev.errand.agent.net.GatewayAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * How a listener's paths and the gateway's stand for each other. Immutable.
 *
 * @param own what the listener's paths begin with, such as {@code /<secret>}; empty for a root
 * @param gateways what the gateway's paths begin with instead, such as {@code /registry}; mostly empty
 * @param origin the listener's origin as tools write it, such as {@code http://127.0.0.1:8200}; empty for a Unix socket
 * @param isRoot whether its paths begin at a route, and its tools show a password
 */
public record Mount(String own, String gateways, String origin, boolean isRoot) {

    /** A listener of all routes. */
    public static Mount of(String own, String origin) {
        return new Mount(own, "", origin, false);
    }

    /** A listener whose root is one route. */
    public static Mount root(String route, String origin) {
        return new Mount("", route, origin, true);
    }

    /** The gateway's target for one of the listener's; null for one that does not lie below it. */
    @Nullable String gatewayTarget(String target) {
        int length = own.length();
        if (target.length() <= length || target.charAt(length) != '/' || !sameText(target.substring(0, length), own)) {
            return null;
        }
        return gateways + target.substring(length);
    }

    /** Compares in a time that tells nothing about the secret. */
    private static boolean sameText(String given, String secret) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), secret.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * An address in an answer, as it leads back to the listener. One of another host leads there, except from a root: whoever
     * uses a root sends its password to where an answer leads.
     */
    String mapped(String address, GatewayAddress gateway, String issuer) {
        String path = path(address, gateway, issuer);
        if (path == null) {
            return address;
        }
        String below =
                path.startsWith(gateway.base()) ? path.substring(gateway.base().length()) : path;
        boolean inside = !gateways.isEmpty() && (below.equals(gateways) || below.startsWith(gateways + '/'));
        String rest = inside ? below.substring(gateways.length()) : below;
        String mapped = own + (rest.startsWith("/") ? rest : "/" + rest);
        return address.startsWith("/") && !address.startsWith("//") ? mapped : origin + mapped;
    }

    /** Path, query and fragment of an address that is to be mapped; null for one that is not. */
    private @Nullable String path(String address, GatewayAddress gateway, String issuer) {
        if (address.startsWith("/") && !address.startsWith("//")) {
            return address;
        }
        for (String known : new String[] {gateway.url(), gateway.origin(), issuer}) {
            boolean its = address.regionMatches(true, 0, known, 0, known.length());
            if (its && (address.length() == known.length() || "/?#".indexOf(address.charAt(known.length())) >= 0)) {
                return address.substring(known.length());
            }
        }
        return isRoot ? foreignPath(address) : null;
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
