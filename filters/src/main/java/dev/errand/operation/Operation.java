package dev.errand.operation;

/**
 * A named call.
 *
 * @param id catalogue and operation, such as {@code vault:kv.read}
 * @param effect what it does
 * @param yieldsUntrusted whether its answer carries content from outside
 * @param needsTrusted whether only a task that no untrusted content has touched may make it
 */
public record Operation(String id, Effect effect, boolean yieldsUntrusted, boolean needsTrusted) {}
