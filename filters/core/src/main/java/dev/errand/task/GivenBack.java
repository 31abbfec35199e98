package dev.errand.task;

/**
 * A decision that was given back, remembered so that it is given back only once.
 *
 * @param decision 64 bits of the SHA-256 of the decision id
 * @param atMillis when it was given back, epoch milliseconds
 */
public record GivenBack(long decision, long atMillis) {}
