package dev.errand.web;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How far a call is: facts that several threads find out, and steps that may happen once only. A call is either sent or given
 * back, whichever comes first. Thread-safe.
 */
public final class Progress {
    private static final int SENT = 1;
    private static final int GIVEN_BACK = 1 << 1;
    private static final int SETTLED = 1 << 2;
    private static final int RECORDED = 1 << 3;
    private static final int PERMITTED = 1 << 4;
    private static final int LASTING = 1 << 5;
    private static final int EVENT_STREAM = 1 << 6;
    private static final int HANDED = 1 << 7;
    private static final int ECHOED = 1 << 8;

    private final AtomicInteger marks = new AtomicInteger();
    private volatile long sendByNanos;
    private volatile long answeredNanos;
    private volatile int headStatus;
    private volatile @Nullable Runnable whenHanded;
    private volatile @Nullable Consumer<CutException> socket;
    private volatile @Nullable AnswerTap tap;

    /** Marks that a byte may be written from now on; false if the call was given back and must not be sent. */
    public boolean beginSending() {
        return either(SENT, GIVEN_BACK);
    }

    /** Marks that the call will not be sent; false if a byte of it may have been written. */
    public boolean endUnsent() {
        return either(GIVEN_BACK, SENT);
    }

    /** Who was to send the call says that no byte of it was written. It will not be sent. */
    public void unsend() {
        marks.getAndUpdate(now -> (now & ~SENT) | GIVEN_BACK);
    }

    private boolean either(int mark, int other) {
        int now = marks.get();
        while ((now & (other | mark)) == 0) {
            if (marks.compareAndSet(now, now | mark)) {
                return true;
            }
            now = marks.get();
        }
        return (now & mark) != 0;
    }

    /** Sets what tells others, once, that the last byte of the request was handed to the connection. */
    public void whenHanded(Runnable tells) {
        whenHanded = tells;
    }

    /** The last byte of the request was handed to the connection. */
    public void hand() {
        Runnable tells = whenHanded;
        if (first(HANDED) && tells != null) {
            tells.run();
        }
    }

    /** Whether the last byte of the request was handed to the connection. */
    public boolean isHanded() {
        return has(HANDED);
    }

    /** Notes the status in the head of the upstream's answer; 0 if the call is sent again instead. */
    public void head(int status) {
        headStatus = status;
    }

    /** The status in the head of the upstream's answer; 0 before. */
    public int headStatus() {
        return headStatus;
    }

    /** Whether the call's place in its task is yet to be settled or given back; true once. */
    public boolean beginSettling() {
        return first(SETTLED);
    }

    /** Whether the call's place is settled, given back, or about to be. */
    public boolean isSettling() {
        return has(SETTLED);
    }

    /** Whether the call's outcome is yet to be recorded; true once. An agent may leave while its failure is being answered. */
    public boolean beginOutcome() {
        return first(RECORDED);
    }

    private boolean first(int mark) {
        int now = marks.get();
        while ((now & mark) == 0) {
            if (marks.compareAndSet(now, now | mark)) {
                return true;
            }
            now = marks.get();
        }
        return false;
    }

    /**
     * The task's state permitted the call. From now on the call may be cut; before that, its step answers it.
     *
     * @param untilNanos after this time the permit is too old to send the call, {@link System#nanoTime}
     */
    public void permit(long untilNanos) {
        sendByNanos = untilNanos;
        first(PERMITTED);
    }

    /** Whether the permit is too old to send the call: the task may have ended meanwhile. */
    public boolean isLate() {
        return has(PERMITTED) && System.nanoTime() - sendByNanos > 0;
    }

    /** Whether a byte may have been written. */
    public boolean isSending() {
        return has(SENT);
    }

    /** Whether the step permitted the call. */
    public boolean isPermitted() {
        return has(PERMITTED);
    }

    /** Marks the call as one that will last: a WebSocket, or an operation that connects. */
    public void last() {
        first(LASTING);
    }

    /** Whether the call was marked by {@link #last}. */
    public boolean isLasting() {
        return has(LASTING);
    }

    /** The upstream's answer goes on to the agent. */
    public void answer(boolean eventStream) {
        if (eventStream) {
            first(EVENT_STREAM);
        }
        answeredNanos = System.nanoTime();
    }

    /** When the upstream's answer went on to the agent, {@link System#nanoTime}; 0 before. */
    public long answeredNanos() {
        return answeredNanos;
    }

    /** Whether the answer is an event stream, which has no end of its own. */
    public boolean isEventStream() {
        return has(EVENT_STREAM);
    }

    /** A header of the upstream's answer holds the credential that the gateway sent. */
    public void echo() {
        first(ECHOED);
    }

    /** Whether the call is marked by {@link #echo}. */
    public boolean isEchoed() {
        return has(ECHOED);
    }

    /** Whether the call was marked by {@link #echo}, and ends the mark: the gateway's own answer follows. */
    public boolean takeEcho() {
        return has(ECHOED) && (marks.getAndUpdate(now -> now & ~ECHOED) & ECHOED) != 0;
    }

    private boolean has(int mark) {
        return (marks.get() & mark) != 0;
    }

    /** Sets what reads along while the answer passes. */
    public void tap(AnswerTap reads) {
        tap = reads;
    }

    /** What reads along while the answer passes; null where nothing does. */
    public @Nullable AnswerTap tap() {
        return tap;
    }

    /** The connection to the agent has become a WebSocket; {@code close} ends it with a close frame. */
    public void upgrade(Consumer<CutException> close) {
        socket = close;
    }

    /** How the open WebSocket is cut; null where there is none. */
    public @Nullable Consumer<CutException> socket() {
        return socket;
    }
}
