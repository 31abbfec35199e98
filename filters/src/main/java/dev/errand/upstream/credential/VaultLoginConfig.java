package dev.errand.upstream.credential;

import dev.errand.config.ConfigurationException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code vault-login}: a token from Vault's JWT login, renewed while it lives.
 *
 * @param url Vault's address, without {@code /v1}
 * @param role the login's role
 * @param jwtFile the JWT to log in with, read at each login
 * @param mount where the auth method is mounted; null for {@code jwt}
 * @param namespace the namespace of the login and of every call; null for the root namespace
 */
public record VaultLoginConfig(
        String url,
        String role,
        String jwtFile,
        @Nullable String mount,
        @Nullable String namespace) implements CredentialConfig {
    @Override
    public List<Path> files(Opening opening) {
        address(opening);
        if (namespace != null && (namespace.isEmpty() || !namespace.chars().allMatch(c -> c > ' ' && c < 0x7f))) {
            throw ConfigurationException.of(
                    opening.key("vault-login.namespace")
                            + ": must be a namespace's path of visible ASCII, such as team/a; leave it out for the root namespace");
        }
        return List.of(opening.file(jwtFile));
    }

    @Override
    public UpstreamCredential open(Opening opening) {
        return new VaultLoginCredential(
                address(opening),
                mount == null ? "jwt" : mount,
                role,
                opening.file(jwtFile),
                namespace,
                opening.http(),
                System::nanoTime);
    }

    private URI address(Opening opening) {
        String key = opening.key("vault-login.url");
        URI address = opening.server(key, url);
        if (address.getRawPath().matches("(?:.*/)?v1/*")) {
            throw ConfigurationException.of(key + ": '" + url + "' ends in /v1: leave it out");
        }
        return address;
    }
}
