package dev.errand.task;

/**
 * The position of a record among the records of one task. Each step raises the number. Numbers are compared only within
 * one count: a task whose record was lost may begin another count. Between counts the times are compared, which never
 * run backwards for a task.
 *
 * @param count the time from which the record counts its times; it identifies the count
 * @param number how many steps the count has
 * @param timeMillis when the last step was applied, epoch milliseconds
 */
public record TaskEpoch(long count, long number, long timeMillis) {
    /** The epoch of a task while nothing is known about it. */
    public static final TaskEpoch NONE = new TaskEpoch(0, 0, 0);

    /** Whether this is certainly an older record of the same task than the other one. */
    public boolean isBefore(TaskEpoch other) {
        return count == other.count ? number < other.number : timeMillis < other.timeMillis;
    }
}
