package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.json.DidYouMean;
import dev.errand.limit.Bandwidth;
import dev.errand.sequence.rule.RuleKeys;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.Approvers;
import dev.errand.task.AskPolicy;
import dev.errand.task.HumanPolicy;
import dev.errand.task.TaskPolicy.Reactions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code ask}, and reports what asks although the template says nobody who may decide. Not thread-safe.
 *
 * @param client the client at which people sign in if {@code by} names none, or null
 */
record AskParser(PolicyParser policies, @Nullable String client, Faults faults) {
    static final int MAX_QUORUM = 16;

    private static final Duration WITHIN = Duration.ofMinutes(10);
    private static final int PENDING = 4;
    private static final Bandwidth LIMIT = new Bandwidth(20, Duration.ofHours(1), false);

    /**
     * Reads {@code ask}; null if the template does not have it.
     *
     * @param reactions the template's reactions to violations
     * @param always the operations that the grants always ask about
     */
    @Nullable AskPolicy parse(YamlMap template, Reactions reactions, AlwaysAsked always) {
        YamlMap map = policies.section(template, "ask", TemplateKeys.ASK);
        if (map == null) {
            if (template.optional("ask") == null) {
                unanswered(template, reactions, always);
            }
            return null;
        }
        if (always.isEmpty() && !reactions.asks()) {
            faults.warn(
                    template.at("ask"),
                    "nothing asks: write 'ask' under on-violation (sequence, rule or flow) or on a rule, or 'ask: always' or 'ask:"
                            + " {unless: …}' or 'ask: {offer: …}' on a grant");
        }
        map.required("by", faults);
        int quorum = (int) map.integer("quorum", 1, 1, MAX_QUORUM, faults);
        YamlNode limit = map.optional("limit");
        Bandwidth often = limit == null ? LIMIT : policies.bandwidth(limit, false);
        return new AskPolicy(
                approvers(policies.section(map, "by", TemplateKeys.BY), quorum),
                quorum,
                map.duration("within", WITHIN, Duration.ofSeconds(1), PolicyParser.MAX_PERIOD, faults)
                        .toMillis(),
                (int) map.integer("pending", PENDING, 1, AskPolicy.MAX_PENDING, faults),
                often == null ? LIMIT : often,
                "interrupt".equals(word(map, "refused", List.of("deny", "interrupt"))),
                always);
    }

    /** Adds a fault at everything that asks, since the template does not say who may decide. */
    private void unanswered(YamlMap template, Reactions reactions, AlwaysAsked always) {
        String missing = "nobody may approve: the template needs the key 'ask', whose 'by' says who";
        YamlNode violations = template.optional("on-violation");
        if (template.optional("rules") instanceof YamlList rules) {
            rules.items().forEach(item -> {
                if (item instanceof YamlMap rule
                        && rule.optional(RuleKeys.REACTION) instanceof YamlScalar word
                        && word.text().equals("ask")) {
                    faults.add(word.at(), missing);
                }
            });
        }
        if (reactions.asks() && violations instanceof YamlMap map) {
            map.members().forEach((key, value) -> {
                if (value instanceof YamlScalar word && word.text().equals("ask")) {
                    faults.add(value.at(), missing);
                }
            });
        }
        if (!always.isEmpty() && template.optional("allow") instanceof YamlMap allow) {
            allow.members().forEach((id, grant) -> {
                if (grant instanceof YamlMap arguments) {
                    if (arguments.optional("ask") != null) {
                        faults.add(arguments.at("ask"), missing);
                    }
                    arguments.members().forEach((name, constraint) -> {
                        if (constraint instanceof YamlMap one
                                && one.optional("pinned") instanceof YamlMap pinned
                                && pinned.optional("else") != null) {
                            faults.add(pinned.at("else"), missing);
                        }
                    });
                }
            });
        }
    }

    private Approvers approvers(@Nullable YamlMap by, int quorum) {
        if (by == null) {
            return new Approvers(new HumanPolicy(null, List.of(), null, false), Set.of(), Set.of(), null, false, false);
        }
        String claim = by.string("claim", faults);
        List<String> any = by.strings("any", faults);
        String issuer = by.string("issuer", faults);
        if (by.optional("claim") == null && by.optional("issuer") == null) {
            faults.add(by.at(), "by must name a claim (with any: [..]) or an issuer");
        }
        if ((by.optional("claim") == null) != (by.optional("any") == null)) {
            faults.add(
                    by.at(), "claim and any must both be there: a claim of the human's token, and its accepted values");
        } else if (by.optional("any") instanceof YamlList list && list.items().isEmpty()) {
            faults.add(list.at(), "any must have at least one value");
        }
        List<String> clients = clients(by);
        if (by.optional("acr") instanceof YamlList list && list.items().isEmpty()) {
            faults.add(list.at(), "acr must have at least one value");
        }
        YamlNode age = by.optional("max-age");
        return new Approvers(
                new HumanPolicy(claim, any, issuer, false),
                Set.copyOf(clients),
                Set.copyOf(by.strings("acr", faults)),
                age == null ? null : age.duration(Duration.ofSeconds(1), PolicyParser.MAX_PERIOD, faults),
                by.bool("fresh", false, faults),
                by.bool("not-starter", quorum > 1, faults));
    }

    /** The clients that the template names, otherwise the client of the console's login. */
    private List<String> clients(YamlMap by) {
        List<String> clients = by.strings("clients", faults);
        YamlNode named = by.optional("clients");
        if (named == null && client != null) {
            return List.of(client);
        }
        if (named == null || (named instanceof YamlList list && list.items().isEmpty())) {
            faults.add(
                    named == null ? by.at() : named.at(),
                    "by must name 'clients': the clients at which people sign in to approve, none of which starts tasks;"
                            + " or write 'errand.console.login', whose client is the default");
        }
        return clients;
    }

    private @Nullable String word(YamlMap map, String key, List<String> words) {
        String word = map.string(key, faults);
        YamlNode node = map.optional(key);
        if (word != null && node != null && !words.contains(word)) {
            faults.add(node.at(), "unknown value '" + word + "' for " + key + DidYouMean.hint(word, words));
        }
        return word;
    }
}
