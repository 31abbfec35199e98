package dev.errand.task;

/**
 * Which bucket of a template.
 *
 * @param operation the operation that it bounds; empty for the task's own
 * @param index its place in the template's list
 */
record BucketName(String operation, int index) {}
