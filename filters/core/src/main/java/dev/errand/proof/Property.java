package dev.errand.proof;

import dev.errand.config.Position;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.sequence.rule.Rule;
import dev.errand.token.ToolGrant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One property of templates, as its file says it (CONTRACT-3.md section 21). Immutable and thread-safe.
 *
 * @param name for messages
 * @param at where it was written
 * @param templates the templates that must have it; null for all
 * @param kind what it says
 * @param operations the operations that it names, in their order
 * @param rule for a property in the form of a rule: the rule over the texts of {@code operations}; else null
 * @param where for {@link Kind#ONLY}: what the arguments must be
 * @param approved whether a call that a human may let pass counts as permitted
 * @param assume whether the property is taken to hold if this cannot be decided
 */
public record Property(
        String name,
        Position at,
        @Nullable List<String> templates,
        Kind kind,
        List<Operations> operations,
        @Nullable Rule rule,
        @Nullable ToolGrant where,
        boolean approved,
        boolean assume) {
    public Property {
        operations = List.copyOf(operations);
    }

    /** What a property says. */
    public enum Kind {
        /** No run breaks the rule. */
        RULE,
        /** No run has such a call. */
        NEVER,
        /** A human let each such call pass. */
        APPROVAL,
        /** Each such call has these arguments. */
        ONLY,
        /** Some run has these calls in this order, and each happened. */
        POSSIBLE
    }

    /**
     * The operations that a text means: one by its id, or those of a catalogue ({@code k8s:*}), or all ({@code *:*}).
     *
     * @param effects the effects of operations under a pattern; empty for any
     */
    public record Operations(String text, Set<Effect> effects) {
        private static final String ALL = "*:*";

        public Operations {
            effects = Set.copyOf(effects);
        }

        static boolean isPattern(String text) {
            return text.endsWith(":*");
        }

        boolean has(Operation operation) {
            if (!isPattern(text)) {
                return text.equals(operation.id());
            }
            return (text.equals(ALL) || operation.id().startsWith(text.substring(0, text.length() - 1)))
                    && (effects.isEmpty() || effects.contains(operation.effect()));
        }
    }

    /** Whether the template must have the property. */
    public boolean isOf(String template) {
        return templates == null || templates.contains(template);
    }
}
