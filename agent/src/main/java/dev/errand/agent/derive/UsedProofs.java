package dev.errand.agent.derive;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The proofs that were used and could be shown again: 10,000 at most. Caffeine would add 1 MB to the companion's jar of 7 MB.
 * Used on the event loop only.
 */
final class UsedProofs {
    private static final int MOST = 10_000;

    private final Map<String, Long> until = new LinkedHashMap<>();

    /**
     * Takes note of a proof.
     *
     * @param now in milliseconds
     * @param keepMillis how long the proof could be shown again
     * @return false where it was used before, or where there is no room
     */
    boolean add(String hash, long now, long keepMillis) {
        Iterator<Long> oldest = until.values().iterator();
        // All are kept equally long: behind the first that is kept all are.
        while (oldest.hasNext() && oldest.next() <= now) {
            oldest.remove();
        }
        return until.size() < MOST && until.putIfAbsent(hash, now + keepMillis) == null;
    }
}
