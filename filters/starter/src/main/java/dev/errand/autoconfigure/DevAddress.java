package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import java.net.URI;

/** The address at which {@code errand run} serves the small upstream of a first run. */
public final class DevAddress {
    private DevAddress() {}

    /**
     * Reads an address. Throws a {@link ConfigurationException} unless it is {@code http} on loopback, with a port and
     * without a path.
     */
    public static URI parse(String value) {
        URI url = WebAddress.parseServer("errand.dev.upstream", value);
        if (!"http".equalsIgnoreCase(url.getScheme())
                || url.getPort() < 1
                || !url.getRawPath().isEmpty()
                || !OperatorAddress.isLoopback(url.getHost())) {
            throw ConfigurationException.of(
                    "errand.dev.upstream: '" + value + "' must be http://127.0.0.1:PORT: it is served on this machine");
        }
        return url;
    }
}
