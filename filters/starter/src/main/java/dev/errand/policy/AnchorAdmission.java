package dev.errand.policy;

import dev.errand.denial.StartReason;
import dev.errand.policy.GoverningPolicies.Found.Refused;
import dev.errand.task.TaskPolicy;
import dev.errand.template.Admission;
import dev.errand.token.Instruction;
import dev.errand.token.RootFacts;
import dev.errand.token.SpiffeId;
import dev.errand.token.VerifiedChain;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether the template that caps an anchor would have started a task for a root's agent, human and instruction.
 * Our own issuer checks the same at a start; for a root of another anchor it can be checked only here. A root that
 * lacks a needed claim is refused. Pure.
 */
final class AnchorAdmission {
    private AnchorAdmission() {}

    /**
     * Why the template does not admit the root; null if it does.
     *
     * @param policy the policy of the template
     */
    static @Nullable Refused refuses(Admission admission, VerifiedChain chain, TaskPolicy policy) {
        RootFacts root = chain.root();
        if (root.actor() == null
                || SpiffeId.parse(root.actor()).filter(admission::admits).isEmpty()) {
            return new Refused(
                    "task:act", "the template that caps the anchor is not for this agent", StartReason.AGENT, policy);
        }
        if (admission.humans().consents()) {
            return new Refused(
                    "task:sub_id",
                    "the template that caps the anchor demands the human's own token, which a root does not bring",
                    StartReason.CONSENT,
                    policy);
        }
        if (!admission.humans().admits(root.human().issuer(), root.texts())) {
            return new Refused(
                    "task:sub_id",
                    "the human may not authorise the template that caps the anchor",
                    StartReason.GROUP,
                    policy);
        }
        Instruction instruction = chain.rootToken().instruction();
        if (admission.instruction().require() && (instruction == null || !instruction.isFindable())) {
            return new Refused(
                    "task:instruction",
                    "the template that caps the anchor requires an instruction with ref or digest in the root",
                    StartReason.INSTRUCTION,
                    policy);
        }
        return null;
    }
}
