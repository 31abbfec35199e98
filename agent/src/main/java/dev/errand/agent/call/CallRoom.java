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
 * @param kept where bodies are kept for another sending
 * @param notes takes a line for the person who runs the companion
 */
public record CallRoom(
        Connections gateway,
        HeldTask task,
        Duration patience,
        Tally tally,
        PartRoom parts,
        KeptRoom kept,
        Consumer<String> notes) {

    /** The same for a call of the companion's own, whose body is in memory in any case. */
    CallRoom ofOwnBody() {
        return new CallRoom(gateway, task, patience, tally, parts, new KeptRoom(), notes);
    }
}
