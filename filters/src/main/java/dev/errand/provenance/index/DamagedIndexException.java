package dev.errand.provenance.index;

import java.io.IOException;

/** The index is not what was written, or not of this segment. The log is then read itself, and the index made anew. */
public final class DamagedIndexException extends IOException {
    private static final long serialVersionUID = 1L;

    public DamagedIndexException() {
        super("the index beside the log is damaged");
    }
}
