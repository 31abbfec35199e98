package dev.errand.operator;

/**
 * Why an operator ends a task. Immutable.
 *
 * @param operator who ends it
 * @param why the reason, for the log
 * @param tell whether the task's holders are told the reason
 */
record Ending(Operator operator, String why, boolean tell) {}
