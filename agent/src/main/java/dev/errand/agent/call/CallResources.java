package dev.errand.agent.call;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * What all calls share.
 *
 * @param patience the longest time for all repeats of one call together
 * @param parts memory for the parts of uploads that wait for their checksums
 * @param kept memory for the bodies of calls that may be sent again
 * @param notes takes a line for the person who runs the companion
 */
public record CallResources(
        Connections gateway,
        HeldTask task,
        Duration patience,
        Tally tally,
        PartMemory parts,
        KeptBodyMemory kept,
        Consumer<String> notes) {

    /** A copy for a call of the companion itself: its body is in memory anyway and takes nothing from {@code kept}. */
    CallResources ofOwnBody() {
        return new CallResources(gateway, task, patience, tally, parts, new KeptBodyMemory(), notes);
    }
}
