package dev.errand.web.stage;

import java.util.concurrent.atomic.AtomicBoolean;

/** One attempt to open a request, for which the limit was asked. It is ended once, by {@link #end}. Thread-safe. */
final class RequestReservation {
    /** The opening of a step that opens nothing. */
    public static final RequestReservation NONE = new RequestReservation(true, () -> {}, () -> {});

    private final boolean admitted;
    private final Runnable unused;
    private final Runnable over;
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * @param admitted whether the limit allowed one more request
     * @param unused gives this request back to the limit
     * @param over lets the next attempt begin
     */
    RequestReservation(boolean admitted, Runnable unused, Runnable over) {
        this.admitted = admitted;
        this.unused = unused;
        this.over = over;
    }

    boolean isAdmitted() {
        return admitted;
    }

    /** Ends the attempt, and gives the request back to the limit if none was opened. */
    public void end(boolean opened) {
        if (ended.compareAndSet(false, true)) {
            if (admitted && !opened) {
                unused.run();
            }
            over.run();
        }
    }
}
