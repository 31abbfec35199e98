package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The {@code resource} of a login: the server that the token is to be made for (RFC 8707). Pure. */
public final class LoginResource {
    private LoginResource() {}

    /**
     * The value of {@code resource}; null for none. An audience that is not an absolute URI cannot be a resource.
     *
     * @param resource the configured value
     * @param audience the {@code aud} that the token needs
     */
    public static @Nullable String of(@Nullable String resource, @Nullable String audience) {
        String asked = resource == null ? audience : resource;
        return asked == null || (resource == null && !isUri(asked)) || asked.equals(ConsoleProperties.Login.NONE)
                ? null
                : asked;
    }

    /**
     * Throws a {@link ConfigurationException} unless the value is an absolute URI without a fragment, or {@code none}.
     */
    static void check(@Nullable String resource) {
        if (resource != null && !resource.equals(ConsoleProperties.Login.NONE) && !isUri(resource)) {
            throw ConfigurationException.of("'" + resource
                    + "' must be an absolute URI without a fragment (RFC 8707), or 'none' for a provider that learns"
                    + " the audience from the scope");
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
