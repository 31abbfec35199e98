package dev.errand.web.send;

import dev.errand.operation.OperationCall;
import dev.errand.token.Holders;
import dev.errand.token.RootFacts;
import dev.errand.upstream.CallTask;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import java.util.LinkedHashSet;
import java.util.Set;

/** Describes the task of a call for the credentials that live with the task. */
final class TasksOfCalls {
    private static final long MILLIS = 1_000;

    private TasksOfCalls() {}

    static CallTask of(Call.Verified call) {
        Caller caller = call.caller();
        RootFacts root = caller.chain().root();
        Holders holders = caller.holders();
        String template = caller.policy().template();
        Set<String> catalogues = new LinkedHashSet<>();
        for (OperationCall pair : call.operations()) {
            String id = pair.operation().id();
            int colon = id.indexOf(':');
            catalogues.add(colon < 0 ? id : id.substring(0, colon));
        }
        return new CallTask(
                caller.taskKey(),
                caller.chain().rootToken().id(),
                caller.taskLabel(),
                template.isEmpty() ? null : template,
                root.human(),
                root.actor(),
                !holders.list().isEmpty() && holders.list().get(0).attested(),
                caller.chain().rootToken().instruction(),
                caller.chain().rootToken().expiry() * MILLIS,
                caller.policy(),
                catalogues);
    }
}
