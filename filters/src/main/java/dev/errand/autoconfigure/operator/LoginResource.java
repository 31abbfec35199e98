package dev.errand.autoconfigure.operator;

import dev.errand.config.ConfigurationException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The {@code resource} of a login: for whom the provider is asked to make the token (RFC 8707). Pure. */
public final class LoginResource {
    private LoginResource() {}

    /**
     * What the provider is told; null for nothing. An audience that is no absolute URI is no resource.
     *
     * @param resource as it is configured
     * @param audience what the token must be for
     */
    public static @Nullable String of(@Nullable String resource, @Nullable String audience) {
        String asked = resource == null ? audience : resource;
        return asked == null || (resource == null && !isUri(asked)) || asked.equals(ConsoleProperties.Login.NONE)
                ? null
                : asked;
    }

    /** A {@link ConfigurationException} for what is neither an absolute URI without a fragment nor {@code none}. */
    static void check(@Nullable String resource) {
        if (resource != null && !resource.equals(ConsoleProperties.Login.NONE) && !isUri(resource)) {
            throw ConfigurationException.of("'" + resource
                    + "' must be an absolute URI without a fragment (RFC 8707), or 'none' for a provider that is told by the"
                    + " scope");
        }
    }

    private static boolean isUri(String text) {
        try {
            URI uri = URI.create(text);
            return uri.isAbsolute() && uri.getFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
