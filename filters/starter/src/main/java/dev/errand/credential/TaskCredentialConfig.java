package dev.errand.credential;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kind of credential that is separate for each task. */
public interface TaskCredentialConfig extends CredentialConfig {
    /** Whether this entry gives each task a credential of its own. */
    default boolean isPerTask() {
        return true;
    }

    /** Whether it needs a key of {@code errand.credential-keys}. */
    default boolean isSigned() {
        return true;
    }

    /** How long the credential of a task may exist; null for as long as the task. */
    @Nullable CredentialLifetime when();

    /** The audience that no upstream of another host may also have; null if there is none, or if hosts may share it. */
    default @Nullable String soleAudience() {
        return null;
    }

    /** The server that issues the credentials; null if no server does, or the upstream itself does. */
    default @Nullable String server() {
        return null;
    }

    /** Obtains the credentials and gives them back. */
    Minter minter(CredentialContext opening);

    @Override
    default List<Path> files(CredentialContext opening) {
        return List.of();
    }

    @Override
    default UpstreamCredential open(CredentialContext opening) {
        CredentialLifetime when = when();
        return new TaskCredential(
                opening.name(),
                minter(opening),
                when == null ? CredentialLifetime.TASK : when,
                opening.part(Minting.class));
    }
}
