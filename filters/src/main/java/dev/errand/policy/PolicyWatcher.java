package dev.errand.policy;

import dev.errand.config.Faults;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a changed revision up while calls are under way: compiled beside the running one, swapped whole, refused whole.
 * Files are looked at by a thread of its own; a look costs their time stamps. Thread-safe.
 */
public final class PolicyWatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PolicyWatcher.class);

    private final PolicyFiles files;
    private final LivePolicies live;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "errand-reload");
        thread.setDaemon(true);
        return thread;
    });

    private String stamp;

    public PolicyWatcher(PolicyFiles files, LivePolicies live) {
        this.files = files;
        this.live = live;
        this.stamp = files.stamp();
    }

    /** Looks at the files so often, until closed. */
    public void start(Duration every) {
        thread.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Compiles what the files hold if they changed since the last look. */
    synchronized void look() {
        try {
            String now = files.stamp();
            if (!now.equals(stamp)) {
                stamp = now;
                reload();
            }
        } catch (RuntimeException e) {
            LOG.error("the configuration could not be looked at; the running revision stays", e);
        }
    }

    /** Compiles what the files hold and takes it up, or refuses it and says why. */
    public synchronized void reload() {
        Faults faults = new Faults();
        Policies next = files.load(faults);
        if (faults.isEmpty()) {
            live.replace(next);
            LOG.info("configuration taken up revision={}", next.revision());
        } else {
            live.refuse(faults.list());
            faults.list().forEach(fault -> LOG.warn("configuration refused {}", fault));
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
