package dev.errand.agent.call;

import dev.errand.holder.AgentException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * The address of a gateway, or of the parent's companion. Immutable.
 *
 * @param host a name or an address, an IPv6 address in brackets
 * @param base the path below which the gateway's own paths lie, without a slash at its end; mostly empty
 */
public record GatewayAddress(boolean tls, String host, int port, String base) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[(0*:)*0*1]|::1");

    /**
     * Parses a URL.
     *
     * @throws AgentException unless it is https, or http on loopback, without user, query and fragment
     */
    public static GatewayAddress parse(String option, String url) {
        return parse(option, url, ", was '" + url + "'");
    }

    /** Parses a URL whose path is a secret, so that no message quotes it. */
    public static GatewayAddress parseSecret(String option, String url) {
        return parse(option, url, "");
    }

    private static GatewayAddress parse(String option, String url, String quoted) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new AgentException(option + " must be a URL" + quoted);
        }
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        boolean web = tls || "http".equalsIgnoreCase(uri.getScheme());
        String host = uri.getHost();
        if (!web
                || host == null
                || uri.getRawUserInfo() != null
                || uri.getQuery() != null
                || uri.getFragment() != null) {
            throw new AgentException(option + " must be http[s]://host[:port]" + quoted);
        }
        if (!tls && !isLoopback(host)) {
            throw new AgentException(option + " must be https beyond loopback" + quoted);
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? HTTPS : HTTP;
        return new GatewayAddress(tls, host, port, path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
    }

    /** Whether a host is this machine. Only the text is compared: a name is not resolved. */
    public static boolean isLoopback(String host) {
        return LOOPBACK.matcher(host).matches();
    }

    /** Whether the address is on this machine. */
    public boolean isLoopback() {
        return isLoopback(host);
    }

    /** The host as a socket needs it: without brackets. */
    String socketHost() {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** The value of {@code Host}. */
    public String authority() {
        return port == (tls ? HTTPS : HTTP) ? host : host + ":" + port;
    }

    /** The origin, such as {@code https://gateway.example.org}. */
    public String origin() {
        return (tls ? "https://" : "http://") + authority();
    }

    /** The URL, without a slash at its end. */
    public String url() {
        return origin() + base;
    }
}
