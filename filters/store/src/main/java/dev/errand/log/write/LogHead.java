package dev.errand.log.write;

import dev.errand.log.proof.InstanceName;

/**
 * How far a log is written.
 *
 * @param instance the name of the log
 * @param size how many records it holds
 */
public record LogHead(InstanceName instance, long size) {}
