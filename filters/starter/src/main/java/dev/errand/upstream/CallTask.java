package dev.errand.upstream;

import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.TokenId;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The task of a call, as a credential for its upstream names it. Immutable.
 *
 * @param key the key of the task's state
 * @param root the task's root token
 * @param task the task's id as answers and records show it
 * @param template the name of its template; null for a task of another anchor without a template
 * @param human the human on whose behalf it runs
 * @param agent the root's SPIFFE ID, or null
 * @param attested whether that agent was proven
 * @param instruction the instruction of the call, or null
 * @param expiresAtMillis when the root token expires, epoch milliseconds
 * @param policy the policy that judges the task's steps
 * @param catalogues the prefixes of the call's operations
 * @param granted the operations of the call's upstream that the root grants and that need a permission there
 */
public record CallTask(
        TaskKey key,
        TokenId root,
        String task,
        @Nullable String template,
        Human human,
        @Nullable String agent,
        boolean attested,
        @Nullable Instruction instruction,
        long expiresAtMillis,
        TaskPolicy policy,
        Set<String> catalogues,
        Supplier<List<GrantedOperation>> granted) {
    public CallTask {
        catalogues = Set.copyOf(catalogues);
    }

    /** The human as one text: {@code <iss>#<sub>}. */
    public String humanSubject() {
        return human.issuer() + '#' + human.subject();
    }
}
