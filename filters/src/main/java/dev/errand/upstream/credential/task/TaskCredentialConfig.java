package dev.errand.upstream.credential.task;

import dev.errand.upstream.credential.CredentialConfig;
import dev.errand.upstream.credential.UpstreamCredential;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kind of credential that is separate for each task. */
public interface TaskCredentialConfig extends CredentialConfig {
    /** Whether each task has one of its own, as it is written. */
    default boolean isPerTask() {
        return true;
    }

    /** Whether it needs a key of {@code errand.credential-keys}. */
    default boolean isSigned() {
        return true;
    }

    /** How long the credential of a task may exist; null for as long as the task. */
    @Nullable When when();

    /** The audience that no upstream of another host may have too; null where there is none, or the kind shares it. */
    default @Nullable String soleAudience() {
        return null;
    }

    /** The server that is asked for credentials; null where that is nobody, or the upstream itself. */
    default @Nullable String server() {
        return null;
    }

    /** How the credentials are had. */
    Minter minter(Opening opening);

    @Override
    default List<Path> files(Opening opening) {
        return List.of();
    }

    @Override
    default UpstreamCredential open(Opening opening) {
        When when = when();
        return new TaskCredential(
                opening.name(), minter(opening), when == null ? When.TASK : when, opening.part(Minting.class));
    }
}
