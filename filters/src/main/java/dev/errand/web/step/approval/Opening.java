package dev.errand.web.step.approval;

import java.util.concurrent.atomic.AtomicBoolean;

/** One try to open a request, for which the limit was asked. It ends once, with whether the request was opened. Thread-safe. */
public final class Opening {
    /** The opening of a step that opens nothing. */
    public static final Opening NONE = new Opening(true, () -> {}, () -> {});

    private final boolean admitted;
    private final Runnable unused;
    private final Runnable over;
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * @param admitted whether the limit gave one request
     * @param unused gives that back
     * @param over lets the next try begin
     */
    Opening(boolean admitted, Runnable unused, Runnable over) {
        this.admitted = admitted;
        this.unused = unused;
        this.over = over;
    }

    boolean isAdmitted() {
        return admitted;
    }

    /** Ends the try; gives the request back to the limit if none was opened. */
    public void end(boolean opened) {
        if (ended.compareAndSet(false, true)) {
            if (admitted && !opened) {
                unused.run();
            }
            over.run();
        }
    }
}
