package dev.errand.operation.s3;

import dev.errand.operation.Effect;
import java.util.Set;

/**
 * One action of the S3 API and the requests for it.
 *
 * @param id the API's own name
 * @param effect its effect
 * @param method upper-case
 * @param level what its path names
 * @param selectors query keys that must all be present
 * @param optional query keys that may be present
 */
record Action(String id, Effect effect, String method, Level level, Set<String> selectors, Set<String> optional) {
    /** What a path names. */
    enum Level {
        SERVICE,
        BUCKET,
        OBJECT
    }

    Action {
        selectors = Set.copyOf(selectors);
        optional = Set.copyOf(optional);
    }
}
