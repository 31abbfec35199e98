package dev.errand.credential;

import dev.errand.config.ConfigurationException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code vault-login}: a token from Vault's JWT login, renewed while it lives: one for all tasks, or one for each.
 *
 * @param url Vault's address, without {@code /v1}
 * @param role the login's role
 * @param jwtFile the JWT to log in with, read at each login; null under {@code per: task}
 * @param mount where the auth method is mounted; null for {@code jwt}
 * @param namespace the namespace of the login and of every call; null for the root namespace
 * @param per {@code task} for a login for each task, with a JWT that names it; null for one login for all
 * @param audience the {@code aud} of that JWT; null without {@code per: task}
 * @param subject whom its {@code sub} names; null for the agent
 * @param when how long the token of a task may exist; null for as long as the task
 */
public record VaultLoginConfig(
        String url,
        String role,
        @Nullable String jwtFile,
        @Nullable String mount,
        @Nullable String namespace,
        @Nullable Per per,
        @Nullable String audience,
        @Nullable Subject subject,
        @Nullable CredentialLifetime when)
        implements TaskCredentialConfig {
    private static final String KIND = "vault-login";

    /** What has a login of its own at Vault. */
    public enum Per {
        TASK
    }

    @Override
    public boolean isPerTask() {
        return per != null;
    }

    @Override
    public String server() {
        return url;
    }

    @Override
    public @Nullable String soleAudience() {
        return audience;
    }

    @Override
    public void check(CredentialContext opening, BiConsumer<String, String> fault) {
        if (!isPerTask()) {
            if (jwtFile == null) {
                fault.accept(
                        KIND + ".jwt-file",
                        "missing key 'jwt-file' under 'vault-login': name the JWT to log in with, or write 'per: task'");
            }
            if (audience != null || subject != null || when != null) {
                fault.accept(
                        KIND,
                        "'audience', 'subject' and 'when' under 'vault-login' are for 'per: task': write that too");
            }
            return;
        }
        if (jwtFile != null) {
            fault.accept(
                    KIND + ".jwt-file",
                    "under 'per: task' each task logs in with a JWT of its own: leave 'jwt-file' out");
        }
        if (audience == null) {
            fault.accept(
                    KIND,
                    "missing key 'audience' under 'vault-login': 'per: task' needs the audience of the login's role");
        } else {
            Faults.audience(KIND, audience, fault);
        }
    }

    @Override
    public List<Path> files(CredentialContext opening) {
        address(opening);
        if (namespace != null && (namespace.isEmpty() || !namespace.chars().allMatch(c -> c > ' ' && c < 0x7f))) {
            throw ConfigurationException.of(
                    opening.key("vault-login.namespace")
                            + ": must be a namespace's path of visible ASCII, such as team/a; leave it out for the root namespace");
        }
        return jwtFile == null ? List.of() : List.of(opening.file(jwtFile));
    }

    @Override
    public UpstreamCredential open(CredentialContext opening) {
        if (isPerTask() || jwtFile == null) {
            return TaskCredentialConfig.super.open(opening);
        }
        return new VaultLoginCredential(
                address(opening),
                orJwt(mount),
                role,
                opening.file(jwtFile),
                namespace,
                opening.http(),
                System::nanoTime);
    }

    @Override
    public Minter minter(CredentialContext opening) {
        return new VaultTaskMinter(
                new VaultApi(address(opening), orJwt(mount), role, namespace, opening.http()),
                namespace != null,
                opening.part(Minting.class).tokens(),
                subject == null ? Subject.AGENT : subject,
                String.valueOf(audience));
    }

    private static String orJwt(@Nullable String mount) {
        return mount == null ? "jwt" : mount;
    }

    private URI address(CredentialContext opening) {
        String key = opening.key("vault-login.url");
        URI address = opening.server(key, url);
        if (address.getRawPath().matches("(?:.*/)?v1/*")) {
            throw ConfigurationException.of(key + ": '" + url + "' ends in /v1: leave it out");
        }
        return address;
    }
}
