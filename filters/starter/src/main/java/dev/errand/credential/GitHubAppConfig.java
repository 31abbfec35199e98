package dev.errand.credential;

import dev.errand.jose.AppKey;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code github-app}: an installation token of a GitHub App, for the repositories and permissions that the task's grants need.
 *
 * @param appId the App's id or client id
 * @param keyFile the App's private key in PEM
 * @param installation the id of its installation at one owner
 * @param api the address of GitHub's API; null for {@code https://api.github.com}
 * @param when how long the token of a task may exist; null for as long as the task
 */
public record GitHubAppConfig(
        String appId,
        String keyFile,
        String installation,
        @Nullable String api,
        @Nullable CredentialLifetime when) implements TaskCredentialConfig {
    private static final String KIND = "github-app";
    private static final String API = "https://api.github.com";

    @Override
    public boolean isSigned() {
        return false;
    }

    @Override
    public String server() {
        return api == null ? API : api;
    }

    @Override
    public void check(CredentialContext opening, BiConsumer<String, String> fault) {
        if (!appId.matches("[A-Za-z0-9._-]{1,64}")) {
            fault.accept(KIND + ".app-id", "'" + appId + "' is no id of an App: write its number or client id");
        }
        if (!installation.matches("[0-9]{1,19}")) {
            fault.accept(
                    KIND + ".installation",
                    "'" + installation
                            + "' is no id of an installation: write the number at the end of the address of its settings");
        }
        Faults.address(opening, KIND + ".api", server(), fault);
    }

    @Override
    public List<Path> files(CredentialContext opening) {
        return List.of(opening.file(keyFile));
    }

    @Override
    public Minter minter(CredentialContext opening) {
        return new GitHubAppMinter(
                new GitHubApi(opening.server(opening.key(KIND + ".api"), server()), installation, opening.http()),
                new WatchedFile<>(
                        List.of(opening.file(keyFile)), contents -> AppKey.parse(contents.get(0)), System::nanoTime),
                appId,
                Clock.systemUTC());
    }
}
