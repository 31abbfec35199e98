package dev.errand.sequence;

/** What plan and rules must be told of a permitted call. Each constant includes those before it. */
public enum Awaited {
    NOTHING,
    /** The outcome. */
    OUTCOME,
    /** If no answer comes, also whether the whole request was handed to the connection. */
    SENDING,
    /** That the whole request was handed to the connection, as soon as it was: other calls may wait for it. */
    SENDING_AT_ONCE;

    public boolean outcome() {
        return this != NOTHING;
    }

    /** Whether it matters that the whole request was handed to the connection. */
    public boolean sending() {
        return compareTo(SENDING) >= 0;
    }

    /** What has to be told for both. */
    public Awaited and(Awaited other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
