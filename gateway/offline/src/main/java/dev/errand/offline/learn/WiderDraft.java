package dev.errand.offline.learn;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.limit.Bandwidth;
import dev.errand.template.Template;
import dev.errand.token.Attenuation;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells where a draft permits more than the running template, a sentence each. Pure. */
final class WiderDraft {
    private final Template before;
    private final Template draft;
    private final List<String> told = new ArrayList<>();

    private WiderDraft(Template before, Template draft) {
        this.before = before;
        this.draft = draft;
    }

    static List<String> of(Template before, Template draft) {
        WiderDraft wider = new WiderDraft(before, draft);
        wider.grants();
        wider.limits();
        wider.order();
        return wider.told;
    }

    private void say(String what) {
        told.add("the draft permits more than the running template: " + what);
    }

    private void grants() {
        draft.grants().tools().forEach((operation, arguments) -> {
            JsonObject known = before.grants().tools().get(operation);
            if (known == null) {
                say("it grants " + operation);
            } else if (isWider(operation, known, arguments)) {
                say("it grants " + operation + " with other values of its arguments");
            }
            var asked = before.grants().always().ids().get(operation);
            if (asked != null && !asked.equals(draft.grants().always().ids().get(operation))) {
                say("it does not ask humans about " + operation + " as before");
            }
        });
    }

    private static boolean isWider(String operation, JsonObject known, JsonObject drafted) {
        Optional<Capability> parent = capability(operation, known);
        Optional<Capability> child = capability(operation, drafted);
        return parent.isEmpty()
                || child.isEmpty()
                || Attenuation.check(parent.get(), child.get()).isPresent();
    }

    private static Optional<Capability> capability(String operation, JsonObject arguments) {
        JsonObject tools = new JsonObject(Map.of("tools", new JsonObject(Map.of(operation, arguments))));
        try {
            return Optional.of(CapabilityParser.parse(tools, CapabilityParser.MAX_NESTING));
        } catch (MalformedConstraintException unfilled) {
            return Optional.empty();
        }
    }

    private void limits() {
        Long calls = before.limits().calls();
        Long drafted = draft.limits().calls();
        if (calls != null && (drafted == null || drafted > calls)) {
            say((drafted == null ? "any number of" : drafted) + " calls instead of " + calls);
        }
        more("a task", before.limits().task(), draft.limits().task());
        before.limits()
                .operations()
                .forEach((operation, limits) ->
                        more(operation, limits, draft.limits().operations().getOrDefault(operation, List.of())));
        if (draft.lifetime().compareTo(before.lifetime()) > 0) {
            say("a task lives longer");
        }
    }

    /** A limit is kept if some limit of the draft has at most its capacity and at most its rate. */
    private void more(String what, List<Bandwidth> limits, List<Bandwidth> drafted) {
        boolean kept = limits.stream()
                .allMatch(limit -> drafted.stream()
                        .anyMatch(each -> each.capacity() <= limit.capacity()
                                && (double) each.capacity() / each.period().toNanos()
                                        <= (double) limit.capacity()
                                                / limit.period().toNanos()));
        if (!kept) {
            say("calls of " + what + " at a greater rate");
        }
    }

    private void order() {
        if (has(before, "sequence") && !has(draft, "sequence")) {
            say("it has no plan, and the running template has one");
        }
        int rules = rules(before);
        if (rules > 0) {
            long kept = rules(draft);
            say("it has its own " + kept + " rules in place of the " + rules + " of the running template");
        }
        if (draft.enforced().flow().compareTo(before.enforced().flow()) < 0) {
            say("flow is " + draft.enforced().flow().name().toLowerCase(java.util.Locale.ROOT));
        }
    }

    private static @Nullable YamlMap map(Template template) {
        return Yaml.parse(template.name(), template.text(), new Faults()) instanceof YamlMap map ? map : null;
    }

    private static boolean has(Template template, String key) {
        YamlMap map = map(template);
        return map != null && map.optional(key) != null;
    }

    private static int rules(Template template) {
        YamlMap map = map(template);
        return map != null && map.optional("rules") instanceof YamlList list
                ? list.items().size()
                : 0;
    }
}
