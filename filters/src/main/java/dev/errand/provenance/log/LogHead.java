package dev.errand.provenance.log;

/**
 * How far a log is written.
 *
 * @param instance whose log it is
 * @param size how many records stand in it
 */
public record LogHead(InstanceName instance, long size) {}
