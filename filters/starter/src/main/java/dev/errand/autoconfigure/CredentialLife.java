package dev.errand.autoconfigure;

import dev.errand.credential.OrphanedCredentials;
import dev.errand.credential.TaskCredentials;
import dev.errand.credential.TaskWatch;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * Starts and stops the credentials of tasks. In between, it watches tasks and other replicas. When the replica stops,
 * and its calls have ended, all credentials that it holds are given back.
 */
final class CredentialLife implements SmartLifecycle {
    /** How long a stop waits for servers that take credentials back. Other replicas give back the rest. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final TaskCredentials credentials;
    private final TaskWatch watch;
    private final OrphanedCredentials orphaned;
    private volatile Disposable watching = Disposables.disposed();
    private volatile boolean running;

    CredentialLife(TaskCredentials credentials, TaskWatch watch, OrphanedCredentials orphaned) {
        this.credentials = credentials;
        this.watch = watch;
        this.orphaned = orphaned;
    }

    @Override
    public void start() {
        watching = Disposables.composite(watch.watch(), orphaned.watch());
        running = true;
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public void stop(Runnable stopped) {
        running = false;
        watching.dispose();
        credentials
                .stop(LONGEST)
                .timeout(LONGEST.plusSeconds(1))
                .onErrorComplete()
                .doFinally(done -> stopped.run())
                .subscribe();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        // Stops after the web server, whose calls need the credentials, and before the store's connections.
        return 1_000;
    }
}
