package dev.errand.task;

/**
 * Which of the records of one task this is. Each step raises the number. Numbers are compared within one count only: a record of an
 * older format says none, and the step behind it begins another count. Across counts the times are compared, which never run
 * backwards for a task.
 *
 * @param count the time that the record counts its times from, which is another one in each count
 * @param number of the steps in it; 0 for none
 * @param timeMillis when the last step was applied, epoch milliseconds
 */
public record TaskEpoch(long count, long number, long timeMillis) {
    /** Of a task of which nothing is known. */
    public static final TaskEpoch NONE = new TaskEpoch(0, 0, 0);

    /** Whether it is known to be an older record of the same task than that one. */
    public boolean isBefore(TaskEpoch other) {
        return number > 0 && count == other.count ? number < other.number : timeMillis < other.timeMillis;
    }
}
