package dev.errand.state.histories;

import java.util.ArrayList;
import java.util.List;

/** A walk without faults at the end of a history, which must go on as it is written. */
interface CalmWalk {
    /** Walks with tasks of its own, and adds what was not as it is written. */
    void walk(int time, List<String> found) throws Exception;

    /**
     * What the walk found. On a busy machine the store may be away for a step. Then nothing is known of what follows, and the walk
     * begins again, at most five times.
     */
    static List<String> of(CalmWalk walk) throws Exception {
        List<String> found = new ArrayList<>();
        for (int time = 0; time < 5; time++) {
            found.clear();
            walk.walk(time, found);
            if (found.stream().noneMatch(line -> line.contains(" came to away "))) {
                break;
            }
        }
        return found;
    }
}
