package dev.errand.log;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Human;
import org.jspecify.annotations.Nullable;

/**
 * Who ended a task or a token, or made an operator's change, in the form of the record. Immutable.
 *
 * @param wire {@code operator:<name>}, {@code holder}, {@code human}, {@code provider}, {@code policy} or {@code rollback}
 * @param human the human, or an operator whom an identity provider names; null for everybody else
 */
public record EndedBy(String wire, @Nullable Human human) {
    /** The holder of a token, at the revocation endpoint. */
    public static final EndedBy HOLDER = new EndedBy("holder", null);
    /** The identity provider, by a security event about the human. */
    public static final EndedBy PROVIDER = new EndedBy("provider", null);
    /** The template, by its reaction to a violation. */
    public static final EndedBy POLICY = new EndedBy("policy", null);
    /** A rollback: the store lost the newest record of a task, and the replica knew only its number. */
    public static final EndedBy ROLLBACK = new EndedBy("rollback", null);

    private static final String OPERATOR = "operator";

    /**
     * An operator.
     *
     * @param name the name that the configuration gives
     * @param human whom the identity provider names, where the configuration's entry is for people of a provider
     */
    public static EndedBy operator(String name, @Nullable Human human) {
        return new EndedBy(OPERATOR + ":" + name, human);
    }

    /** The human on whose behalf the task runs, at the page of the gateway. */
    public static EndedBy human(Human human) {
        return new EndedBy("human", human);
    }

    /** Reads who ended a task from a record; null if the record does not say. */
    public static @Nullable EndedBy of(JsonObject ended) {
        String by = ended.string("by");
        return by == null ? null : new EndedBy(by, human(ended));
    }

    private static @Nullable Human human(JsonObject record) {
        String issuer = record.string("iss");
        String subject = record.string("sub");
        return issuer == null || subject == null ? null : new Human(issuer, subject);
    }

    /** The kind without the name, such as {@code operator} or {@code holder}. */
    public String cause() {
        return isOperator() ? OPERATOR : wire;
    }

    /** Whether an operator ended the task or token; an operator's reason is private. */
    public boolean isOperator() {
        return wire.startsWith(OPERATOR + ":");
    }

    /** The matching value of CAEP's {@code initiating_entity} (CAEP 1.0 section 2). */
    public String initiatingEntity() {
        return switch (cause()) {
            case OPERATOR -> "admin";
            case "holder", "human" -> "user";
            case "rollback", "provider" -> "system";
            default -> wire;
        };
    }
}
