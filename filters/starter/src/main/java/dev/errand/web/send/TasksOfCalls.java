package dev.errand.web.send;

import dev.errand.operation.OperationCall;
import dev.errand.token.Capability;
import dev.errand.token.Holders;
import dev.errand.token.RootFacts;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.GrantedOperation;
import dev.errand.web.Call;
import dev.errand.web.Caller;
import dev.errand.web.Revision;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Describes the task of a call for the credentials that live with the task. */
final class TasksOfCalls {
    private static final long MILLIS = 1_000;

    private TasksOfCalls() {}

    static CallTask of(Call.Verified call, String upstream) {
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
        Revision revision = call.arrived().revision();
        Capability capability = caller.chain().rootToken().capability();
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
                catalogues,
                () -> granted(revision, upstream, capability));
    }

    /** What the root grants at an upstream, as far as it needs a permission there. */
    private static List<GrantedOperation> granted(Revision revision, String upstream, Capability capability) {
        return GrantedOperation.of(
                revision.policies(),
                revision.catalogues(upstream),
                capability.tools().keySet(),
                id -> Objects.requireNonNull(capability.tools().get(id)).toJson());
    }
}
