package dev.errand.agent;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The proofs that were used and are still valid: 10,000 at most. Caffeine would add 1 MB to the companion's jar of 7
 * MB. Used on the event loop only.
 */
final class UsedProofs {
    private static final int MOST = 10_000;

    private final Map<String, Long> until = new LinkedHashMap<>();

    /**
     * Notes that a proof is used.
     *
     * @param now in milliseconds
     * @param keepMillis how long the proof is still valid
     * @return false if the proof was used before, or if there is no room
     */
    boolean add(String hash, long now, long keepMillis) {
        Iterator<Long> oldest = until.values().iterator();
        // All entries are kept equally long, so they are in the order of their ends.
        while (oldest.hasNext() && oldest.next() <= now) {
            oldest.remove();
        }
        return until.size() < MOST && until.putIfAbsent(hash, now + keepMillis) == null;
    }
}
