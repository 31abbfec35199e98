package dev.errand.provenance.log;

import dev.errand.provenance.log.file.InstanceName;

/**
 * How far a log is written.
 *
 * @param instance whose log it is
 * @param size how many records stand in it
 */
public record LogHead(InstanceName instance, long size) {}
