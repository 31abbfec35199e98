package dev.errand.agent.call;

import dev.errand.agent.net.Connections;
import dev.errand.agent.task.HeldTask;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What all calls share.
 *
 * @param patience the longest that one call's repeats take in all
 * @param parts where parts of uploads wait for their checksums
 * @param notes takes a line for the person who runs the companion
 */
public record CallRoom(
        Connections gateway, HeldTask task, Duration patience, Tally tally, PartRoom parts, Consumer<String> notes) {}
