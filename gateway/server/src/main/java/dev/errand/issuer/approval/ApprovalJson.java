package dev.errand.issuer.approval;

import dev.errand.issuer.IssuerSettings;
import dev.errand.issuer.approval.Requests.Found;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.ApprovalRequest;
import dev.errand.task.AskPolicy;
import dev.errand.task.Offer;
import dev.errand.task.ShownObjection;
import dev.errand.token.Human;
import dev.errand.web.stage.ShownBodies;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** Writes requests for approval as JSON, as people are shown them. Thread-safe. */
record ApprovalJson(IssuerSettings settings, UsedOperations used, ShownBodies bodies, Clock clock) {
    /** One request with all its members. */
    Mono<byte[]> of(Found found) {
        JsonObject told = found.told();
        JsonObject members = members(found);
        String operation = String.valueOf(members.string("operation"));
        return used.count(String.valueOf(told.string("template")), operation).map(count -> {
            Map<String, JsonValue> all = head(found);
            all.putAll(members.members());
            for (String name :
                    List.of("template", "human", "agents", "instruction", "decision", "route", "arguments")) {
                all.put(name, Objects.requireNonNullElse(told.get(name), JsonNull.NULL));
            }
            offer(found, all);
            all.put("why", texts(found.request().why()));
            all.put("objected", ShownObjection.list(found.request().objected()));
            all.put("shown", shown(found));
            all.put("refused_before", JsonNumber.of(found.refusedBefore()));
            all.put("flow", new JsonString(found.policy().flow().name().toLowerCase(Locale.ROOT)));
            all.put("plan", plan(found));
            all.put("approved_by", humans(found.request().by()));
            all.put(
                    "consequences",
                    texts(found.afterwards().stream()
                            .filter(id -> !found.possible().contains(id))
                            .toList()));
            all.put("used", count < 0 ? JsonNull.NULL : JsonNumber.of(count));
            all.put("closest", closest(found, operation));
            return Jcs.canonicalBytes(new JsonObject(all));
        });
    }

    /** The list of requests that a human may decide on, each in short. */
    byte[] list(List<Found> found) {
        return Jcs.canonicalBytes(listed(found));
    }

    /** The same list as a JSON object. */
    JsonObject listed(List<Found> found) {
        List<JsonValue> approvals = new ArrayList<>();
        for (Found each : found) {
            Map<String, JsonValue> all = head(each);
            JsonObject members = members(each);
            for (String name : List.of("task", "operation", "resource", "method", "target", "code")) {
                all.put(name, Objects.requireNonNullElse(members.get(name), JsonNull.NULL));
            }
            all.put("template", Objects.requireNonNullElse(each.told().get("template"), JsonNull.NULL));
            all.put("human", Objects.requireNonNullElse(each.told().get("human"), JsonNull.NULL));
            approvals.add(new JsonObject(all));
        }
        return new JsonObject(Map.of("approvals", new JsonArray(approvals)));
    }

    private Map<String, JsonValue> head(Found found) {
        ApprovalRequest request = found.request();
        AskPolicy ask = Objects.requireNonNull(found.policy().ask());
        Map<String, JsonValue> head = new LinkedHashMap<>();
        head.put("id", new JsonString(request.id()));
        head.put("uri", new JsonString(settings.url("/approvals/" + request.id())));
        head.put("digest", new JsonString(request.digest()));
        head.put("state", new JsonString(request.state().wire()));
        head.put("approvals", JsonNumber.of(request.by().size()));
        head.put("quorum", JsonNumber.of(ask.quorum()));
        head.put("expires_in", JsonNumber.of(Math.max(0, (request.endsMillis() - clock.millis() + 999) / 1000)));
        return head;
    }

    /** Every member of the digest under its name. */
    private static JsonObject members(Found found) {
        JsonObject fixed = found.told().object("members");
        return ApprovalQuestion.whole(fixed == null ? JsonObject.EMPTY : fixed, found.request());
    }

    /** The offer of many calls, with the values that stay the same and the limits of the others. */
    private static void offer(Found found, Map<String, JsonValue> all) {
        Offer offer = found.request().offer();
        if (offer == null) {
            return;
        }
        JsonObject arguments = found.told().get("arguments") instanceof JsonArray calls
                        && calls.values().get(0) instanceof JsonObject first
                ? first
                : JsonObject.EMPTY;
        all.put("offer", ApprovalQuestion.offer(ApprovalQuestion.fixed(arguments, offer.terms()), offer.terms()));
        all.put("offer_digest", new JsonString(offer.digest()));
        if (found.request().offered() != null) {
            all.put("offer_used", JsonNumber.of(offer.uses().size()));
        }
        JsonObject grants = found.told().object("grants");
        JsonObject limits = grants == null
                ? null
                : grants.object(String.valueOf(members(found).string("operation")));
        if (limits != null) {
            all.put("offer_within", limits);
        }
    }

    /** The agent's headers and body as people may read them. */
    private JsonObject shown(Found found) {
        JsonObject kept = found.told().object("shown");
        JsonValue headers = kept == null ? null : kept.get("headers");
        String sealed = kept == null ? null : kept.string("body");
        String body = sealed == null ? null : bodies.open(found.request().id(), sealed);
        Map<String, JsonValue> shown = new LinkedHashMap<>();
        shown.put("headers", headers == null ? JsonObject.EMPTY : headers);
        shown.put("body", body == null ? JsonNull.NULL : new JsonString(body));
        for (String marks : List.of("cut", "left_out")) {
            JsonValue names = kept == null ? null : kept.get(marks);
            if (names != null) {
                shown.put(marks, names);
            }
        }
        return new JsonObject(shown);
    }

    private static JsonValue plan(Found found) {
        if (found.states() == 0) {
            return JsonNull.NULL;
        }
        Map<String, JsonValue> plan = new LinkedHashMap<>();
        plan.put("at", new JsonString(found.request().at()));
        plan.put("of", JsonNumber.of(found.states()));
        plan.put("allows", texts(found.possible()));
        return new JsonObject(plan);
    }

    /** An operation that passes now, and about which no human is asked: the same one, or that with the most similar name; or null. */
    private static JsonValue closest(Found found, String operation) {
        AskPolicy ask = Objects.requireNonNull(found.policy().ask());
        String shown = null;
        for (String id : found.possible()) {
            boolean asked = ask.always().mayAsk(id);
            if (!asked && (shown == null || likeness(id, operation) > likeness(shown, operation))) {
                shown = id;
            }
        }
        if (shown == null) {
            return JsonNull.NULL;
        }
        JsonObject grants = found.told().object("grants");
        Map<String, JsonValue> closest = new LinkedHashMap<>();
        closest.put("operation", new JsonString(shown));
        closest.put(
                "arguments",
                grants == null ? JsonNull.NULL : Objects.requireNonNullElse(grants.get(shown), JsonNull.NULL));
        return new JsonObject(closest);
    }

    /** How many characters two ids have in common at their beginning. */
    private static int likeness(String one, String other) {
        int same = 0;
        while (same < one.length() && same < other.length() && one.charAt(same) == other.charAt(same)) {
            same++;
        }
        return one.equals(other) ? Integer.MAX_VALUE : same;
    }

    private static JsonArray texts(List<String> texts) {
        return new JsonArray(texts.stream().<JsonValue>map(JsonString::new).toList());
    }

    private static JsonArray humans(List<Human> humans) {
        return new JsonArray(humans.stream()
                .<JsonValue>map(human -> new JsonObject(
                        Map.of("iss", new JsonString(human.issuer()), "sub", new JsonString(human.subject()))))
                .toList());
    }
}
