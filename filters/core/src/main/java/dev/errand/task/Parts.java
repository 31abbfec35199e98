package dev.errand.task;

import org.jspecify.annotations.Nullable;

/**
 * The known stored form of a task's lists. A list that a step does not change is not encoded again, and is not written
 * again if it is a part of its own. Immutable.
 *
 * @param buckets of the template
 * @param sequence plan and rules
 * @param returned decisions that were given back
 * @param sessions MCP sessions
 * @param observation the consequences that denials would have had
 * @param approvals requests for approval
 * @param answers values that answers returned
 * @param candidate the state of a candidate
 */
public record Parts(
        @Nullable Slot buckets,
        @Nullable Slot sequence,
        @Nullable Slot returned,
        @Nullable Slot sessions,
        @Nullable Slot observation,
        @Nullable Slot approvals,
        @Nullable Slot answers,
        @Nullable Slot candidate) {
    /** The version of a list whose current content is not stored. */
    public static final long UNSTORED = 0;

    /** No stored form is known. */
    public static final Parts NONE = new Parts(null, null, null, null, null, null, null, null);

    /**
     * The stored form of one list.
     *
     * @param bytes the list if it is in the record itself; null if it is a part of its own
     * @param version the version of the part; {@link #UNSTORED} if the list is in the record itself
     */
    public record Slot(byte @Nullable [] bytes, long version) {}

    /** The stored forms of the lists that are the same objects in both tasks. Changed lists must be encoded again. */
    public static Parts kept(Task before, Task after) {
        Parts known = before.parts();
        TaskLists old = before.lists();
        TaskLists now = after.lists();
        return new Parts(
                before.buckets() == after.buckets() ? known.buckets : null,
                before.sequence() == after.sequence() ? known.sequence : null,
                old.returned() == now.returned() ? known.returned : null,
                old.sessions() == now.sessions() ? known.sessions : null,
                old.observation() == now.observation() ? known.observation : null,
                old.approvals() == now.approvals() ? known.approvals : null,
                old.answers() == now.answers() ? known.answers : null,
                old.candidate() == now.candidate() ? known.candidate : null);
    }
}
