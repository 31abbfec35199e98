package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.DidYouMean;
import dev.errand.limit.Bandwidth;
import dev.errand.task.HumanPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code agents, humans, starts, instruction, start, standing} and {@code delegation}. Not thread-safe. */
record AdmissionParser(PolicyParser policies, Faults faults) {
    /** The highest number of active tasks that a template may name. */
    static final int MAX_ACTIVE = 1_000_000;

    /** The most runs of one standing errand: one every five minutes for a month. */
    static final int MAX_RUNS = 10_000;

    /** The most runs of one standing errand that are active at a time. */
    static final int MAX_AT_ONCE = 100;

    private static final Duration MAX_WITHIN = Duration.ofDays(366);

    Admission parse(YamlMap template) {
        return new Admission(
                agents(template),
                humans(template),
                starts(template),
                instruction(template),
                allowed(template),
                standing(template));
    }

    private List<AgentPattern> agents(YamlMap template) {
        YamlNode node = template.required("agents", faults);
        List<String> texts = node == null ? null : node.strings(faults);
        List<AgentPattern> patterns = new ArrayList<>();
        if (node == null || texts == null) {
            return patterns;
        }
        if (texts.isEmpty()) {
            faults.add(node.at(), "agents must name at least one SPIFFE ID");
        }
        for (String text : texts) {
            AgentPattern.parse(text)
                    .ifPresentOrElse(
                            patterns::add,
                            () -> faults.add(
                                    node.at(),
                                    "'" + text + "' is not a SPIFFE ID with a path, '*' only within one path segment,"
                                            + " such as spiffe://example.org/agent/release-*"));
        }
        return patterns;
    }

    private HumanPolicy humans(YamlMap template) {
        template.required("humans", faults);
        YamlMap map = policies.section(template, "humans", TemplateKeys.HUMANS);
        if (map == null) {
            return new HumanPolicy(null, List.of(), null, false);
        }
        String claim = map.string("claim", faults);
        List<String> any = map.strings("any", faults);
        String issuer = map.string("issuer", faults);
        YamlNode consentNode = map.optional("consent");
        YamlMap byClaim = consentNode instanceof YamlMap form ? form : null;
        if (byClaim != null) {
            byClaim.unknownKeys(faults, TemplateKeys.CONSENT);
        }
        String consent = byClaim == null ? map.string("consent", faults) : null;
        if (consentNode != null && consent != null && !consent.equals("task")) {
            faults.add(
                    consentNode.at(),
                    "unknown value '" + consent + "' for consent" + DidYouMean.hint(consent, List.of("task")));
        }
        if (map.optional("claim") == null && map.optional("issuer") == null) {
            faults.add(map.at(), "humans must name a claim (with any: [..]) or an issuer");
        }
        if ((map.optional("claim") == null) != (map.optional("any") == null)) {
            faults.add(
                    map.at(),
                    "claim and any must both be there: a claim of the human's token, and its accepted values");
        } else if (map.optional("any") instanceof dev.errand.config.YamlList list
                && list.items().isEmpty()) {
            faults.add(list.at(), "any must have at least one value");
        }
        return new HumanPolicy(
                claim,
                any,
                issuer,
                "task".equals(consent),
                byClaim == null ? null : byClaim.requiredString("claim", faults),
                where(map));
    }

    private Map<String, List<String>> where(YamlMap humans) {
        YamlNode node = humans.optional("where");
        YamlMap given = node == null ? null : node.map(faults);
        Map<String, List<String>> where = new LinkedHashMap<>();
        if (given != null) {
            given.members().keySet().forEach(claim -> {
                List<String> values = given.strings(claim, faults);
                if (values.isEmpty()) {
                    faults.add(given.at(claim), "'" + claim + "' must have at least one value");
                }
                where.put(claim, values);
            });
        }
        return where;
    }

    private StartLimits starts(YamlMap template) {
        YamlMap map = policies.section(template, "starts", TemplateKeys.STARTS);
        if (map == null) {
            return StartLimits.NONE;
        }
        YamlNode active = map.optional("active");
        YamlNode limit = map.optional("limit");
        Long most = active == null ? null : active.integer(1, MAX_ACTIVE, faults);
        Bandwidth often = limit == null ? null : policies.bandwidth(limit, false);
        return new StartLimits(most == null ? null : most.intValue(), often);
    }

    private AllowedStart allowed(YamlMap template) {
        YamlMap map = policies.section(template, "start", TemplateKeys.START);
        if (map == null) {
            return AllowedStart.of(Set.of(), Duration.ZERO, false, true);
        }
        YamlNode node = map.optional("confirm");
        String confirm = map.string("confirm", faults);
        if (node != null && confirm != null && !confirm.equals("code") && !confirm.equals("none")) {
            faults.add(
                    node.at(),
                    "unknown value '" + confirm + "' for confirm" + DidYouMean.hint(confirm, List.of("code", "none")));
        }
        return AllowedStart.of(
                Set.copyOf(map.strings("acr", faults)),
                map.duration("max-age", Duration.ZERO, Duration.ZERO, PolicyParser.MAX_PERIOD, faults),
                map.bool("named", false, faults),
                !"none".equals(confirm));
    }

    private @Nullable StandingLimits standing(YamlMap template) {
        YamlMap map = policies.section(template, "standing", TemplateKeys.STANDING);
        if (map == null) {
            return null;
        }
        YamlNode runs = map.required("runs", faults);
        YamlNode within = map.required("within", faults);
        Long most = runs == null ? null : runs.integer(1, MAX_RUNS, faults);
        Duration last = within == null ? null : within.duration(Duration.ofSeconds(1), MAX_WITHIN, faults);
        int atOnce = (int) map.integer("at-once", 1, 1, MAX_AT_ONCE, faults);
        return most == null || last == null ? null : new StandingLimits(most.intValue(), last, atOnce);
    }

    private InstructionPolicy instruction(YamlMap template) {
        YamlMap map = policies.section(template, "instruction", TemplateKeys.INSTRUCTION);
        if (map == null) {
            return InstructionPolicy.NONE;
        }
        String trust = map.string("trust", faults);
        YamlNode node = map.optional("trust");
        if (node != null && trust != null && !trust.equals("agent")) {
            faults.add(node.at(), "unknown value '" + trust + "' for trust" + DidYouMean.hint(trust, List.of("agent")));
        }
        return new InstructionPolicy(map.bool("require", false, faults), "agent".equals(trust));
    }

    DelegationLimits delegation(YamlMap template) {
        YamlMap map = policies.section(template, "delegation", TemplateKeys.DELEGATION);
        if (map == null) {
            return DelegationLimits.NONE;
        }
        YamlNode children = map.optional("max-children");
        @Nullable Long most = children == null ? null : children.integer(0, PolicyParser.MAX_INTEGER, faults);
        return new DelegationLimits((int) map.integer("max-depth", 0, 0, DelegationLimits.MAX_DEPTH, faults), most);
    }
}
