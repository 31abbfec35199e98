package dev.errand.cli.dev;

import dev.errand.holder.AgentException;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.signin.DevKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * Keeps {@code DIR/dev/agent.svid} fresh while the gateway of a first run runs: the JWT-SVID of the first template's agent, for
 * {@code errand agent --dev DIR}. Thread-safe; closing it ends it, and leaves the last file.
 */
public final class FreshSvid implements AutoCloseable {
    private static final long LIFETIME_SECONDS = 600;
    private static final Duration EVERY = Duration.ofMinutes(1);

    private final Path directory;
    private final Consumer<String> tell;
    private final Disposable running;
    private volatile @Nullable String told;

    /**
     * Begins at once.
     *
     * @param directory what {@code errand init --dev} made
     * @param tell gets a line about why no file can be written, once for each reason
     */
    public FreshSvid(Path directory, Consumer<String> tell) {
        this.directory = directory;
        this.tell = tell;
        this.running = Flux.interval(Duration.ZERO, EVERY, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .subscribe(tick -> write());
    }

    /** Whether a directory has the key of the trust domain. */
    public static boolean isFor(Path directory) {
        return Files.isRegularFile(directory.resolve(DevKey.SPIFFE.file()));
    }

    private void write() {
        String fault;
        try {
            DevDirectory dev = DevDirectory.open(directory);
            String svid = svid(directory, dev.agent(dev.template(null)), dev.issuer(), LIFETIME_SECONDS);
            Path made = Files.createTempFile(directory.resolve("dev"), "agent", ".new"); // readable by its owner alone
            Files.write(made, (svid + "\n").getBytes(StandardCharsets.UTF_8));
            Files.move(made, directory.resolve("dev/agent.svid"), StandardCopyOption.REPLACE_EXISTING);
            fault = null;
        } catch (AgentException e) {
            fault = e.getMessage();
        } catch (IOException e) {
            fault = directory.resolve("dev/agent.svid") + ": cannot be written ("
                    + e.getClass().getSimpleName() + ")";
        }
        if (fault != null && !fault.equals(told)) {
            tell.accept(fault);
        }
        told = fault;
    }

    /** A JWT-SVID by the key of a directory. */
    static String svid(Path directory, String agent, String audience, long lifetimeSeconds) {
        return DevKey.SPIFFE.sign(
                directory,
                Map.of("sub", new JsonString(agent), "aud", new JsonArray(List.of(new JsonString(audience)))),
                lifetimeSeconds);
    }

    @Override
    public void close() {
        running.dispose();
    }
}
