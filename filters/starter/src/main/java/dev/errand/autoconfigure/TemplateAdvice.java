package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlList;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.json.Durations;
import dev.errand.task.TaskPolicy;
import dev.errand.template.AgentPattern;
import dev.errand.template.Template;
import dev.errand.token.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Warnings about a template that does not fit {@code errand} in {@code application.yaml}. Pure. */
final class TemplateAdvice {
    /** A longer root still fits into a chain, but leaves little room for the tokens derived from it. In bytes. */
    private static final int LONG_ROOT = 6 * 1024;

    private TemplateAdvice() {}

    /** Warnings that need only the template. */
    static void consent(WrittenTemplate written, Faults faults) {
        Template template = written.template();
        if (template.enforced().flow() == TaskPolicy.Flow.ENFORCE
                && !template.admission().humans().consents()) {
            faults.warn(
                    written.at("flow"),
                    "`flow: enforce` without `consent`: what the agent says of its task is not confirmed by a human,"
                            + " so no argument counts as fixed by the human: write `humans: {consent: task}`, or `flow: observe`");
        }
        if (!template.grants().pinned().isEmpty()
                && !template.admission().humans().consents()) {
            faults.warn(
                    written.at("allow"),
                    "`pinned` without `consent`: the agent itself chooses the values when it starts the task: write"
                            + " `humans: {consent: task}`, or `consent: {claim: NAME}`");
        }
    }

    static void give(WrittenTemplate written, ErrandProperties errand, Faults faults) {
        lifetime(written, errand.trust().maxLifetime(), faults);
        Set<String> domains = errand.trust().workloads().stream()
                .map(ErrandProperties.Workloads::trustDomain)
                .collect(Collectors.toSet());
        agents(written, domains, faults);
        size(written, errand.issuer(), faults);
        asking(written, errand, faults);
    }

    /** Checks {@code ask}: tokens that start tasks must not approve calls. */
    private static void asking(WrittenTemplate written, ErrandProperties errand, Faults faults) {
        if (written.template().enforced().ask() == null) {
            return;
        }
        if (errand.trust().humans().stream().anyMatch(human -> human.audience().equals(errand.approvalsAudience()))) {
            faults.add(
                    written.at("ask"),
                    "`errand.approvals.audience` is the audience of tokens that start tasks, and such tokens must approve nothing:"
                            + " write another audience");
        }
    }

    private static void lifetime(WrittenTemplate written, Duration longest, Faults faults) {
        Duration lifetime = written.template().lifetime();
        if (lifetime.compareTo(longest) > 0) {
            faults.warn(
                    written.at("lifetime"),
                    "a task of this template is to live " + Durations.print(lifetime)
                            + ", and errand.trust.max-lifetime cuts it to " + Durations.print(longest)
                            + ": write `lifetime: " + Durations.print(longest) + "` here, or a longer max-lifetime");
        }
    }

    private static void agents(WrittenTemplate written, Set<String> domains, Faults faults) {
        List<AgentPattern> agents = written.template().admission().agents();
        YamlNode node = written.map().optional("agents");
        for (int i = 0; i < agents.size(); i++) {
            String domain = agents.get(i).trustDomain();
            if (!domains.contains(domain)) {
                Position at = node instanceof YamlList list && i < list.items().size()
                        ? list.items().get(i).at()
                        : node == null ? written.at("agents") : node.at();
                faults.warn(
                        at,
                        "'" + agents.get(i).text() + "' is of the trust domain '" + domain
                                + "', which errand.trust.workloads does not name, so that no such agent can prove who it"
                                + " is: add {trust-domain: " + domain + ", bundle: …} there"
                                + DidYouMean.hint(domain, domains));
            }
        }
    }

    private static void size(WrittenTemplate written, String issuer, Faults faults) {
        Template template = written.template();
        int least = RootSize.least(template, issuer);
        int depth = template.delegation().maxDepth();
        Position at = written.at("allow");
        String fix = ": grant fewer operations or shorter constraints, or make two templates of it";
        if (least > Limits.DEFAULT.tokenBytes()) {
            faults.add(
                    at,
                    "a root token of this template has at least " + least + " bytes, more than the "
                            + Limits.DEFAULT.tokenBytes() + " that chains may hold, so that no task of it can start"
                            + fix);
        } else if (least > LONG_ROOT) {
            faults.warn(
                    at,
                    "a root token of this template has at least " + least + " bytes, more than " + LONG_ROOT
                            + ", and every call carries it" + fix);
        } else if ((long) least * (depth + 1) > Limits.DEFAULT.chainBytes()) {
            faults.warn(
                    at,
                    "a chain of " + (depth + 1) + " tokens as long as the root, " + least
                            + " bytes each, is longer than"
                            + " the " + Limits.DEFAULT.chainBytes() + " bytes that chains may hold" + fix
                            + ", or write a smaller delegation.max-depth");
        }
    }
}
