package dev.errand.provenance.log;

import dev.errand.provenance.log.file.InstanceName;

/**
 * How far a log is written.
 *
 * @param instance the name of the log
 * @param size how many records it holds
 */
public record LogHead(InstanceName instance, long size) {}
