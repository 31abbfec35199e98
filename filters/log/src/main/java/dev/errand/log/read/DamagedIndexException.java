package dev.errand.log.read;

import java.io.IOException;

/**
 * The index is damaged, or belongs to another segment. The reader then uses the log itself, and the index is rebuilt.
 */
final class DamagedIndexException extends IOException {
    private static final long serialVersionUID = 1L;

    public DamagedIndexException() {
        super("the index beside the log is damaged");
    }
}
