package dev.errand.issuer;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.ParameterValue;
import dev.errand.token.Sha256;
import dev.errand.token.TaskBounds;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code authorization_details} ask for: one {@code errand_start} entry and at most one
 * {@code attenuating_agent_token} entry (RFC 9396).
 *
 * @param template the template's name
 * @param parameters the task's parameters
 * @param instruction what instructed the task, as the requester says
 * @param lifetimeSeconds how long the task shall live at most, or null
 * @param bounds narrower bounds, {@link TaskBounds#NONE} where none were asked for
 * @param tools the {@code attenuating_agent_token} entry, or null
 * @param digest the digest of the tools that a human agrees to; null if the human's token names none
 * @param sequence the steps of a plan that is narrower than the template's, or null
 * @param purpose what the agent says to the human who is asked, or null
 * @param named the only human who may see the request, or null
 * @param standing the runs that a human is to allow at once, or null
 */
record StartDetails(
        String template,
        Map<String, ParameterValue> parameters,
        @Nullable Instruction instruction,
        @Nullable Long lifetimeSeconds,
        TaskBounds bounds,
        @Nullable JsonObject tools,
        @Nullable String digest,
        @Nullable JsonArray sequence,
        @Nullable String purpose,
        @Nullable Human named,
        @Nullable StandingAsked standing) {
    static final String TYPE = "errand_start";

    private static final String TOOLS_TYPE = "attenuating_agent_token";
    private static final int MAX_LIMITS = 8;
    private static final int MAX_PARAMETERS = 64;
    private static final int MAX_REF = 512;
    private static final String DIGEST = "sha-256:[A-Za-z0-9_-]{43}";
    private static final long MAX_INTEGER = (1L << 53) - 1;
    private static final int MAX_PURPOSE = 512;
    private static final int MAX_SEQUENCE = 16 * 1024;
    private static final Set<String> MEMBERS = Set.of(
            "type",
            "template",
            "parameters",
            "instruction",
            "lifetime",
            "calls",
            "children",
            "limits",
            "digest",
            "sequence",
            "purpose",
            "human",
            "standing");

    /** The details are malformed; the message quotes no value. */
    static final class MalformedDetailsException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedDetailsException(String message) {
            super(message);
        }
    }

    static StartDetails parse(String text) throws MalformedDetailsException {
        JsonValue value;
        try {
            value = Json.parse(text);
        } catch (MalformedJsonException e) {
            throw new MalformedDetailsException("authorization_details must be a JSON array without duplicate members");
        }
        if (!(value instanceof JsonArray array)) {
            throw new MalformedDetailsException("authorization_details must be a JSON array");
        }
        JsonObject start = null;
        JsonObject tools = null;
        for (JsonValue element : array.values()) {
            String type = element instanceof JsonObject object ? object.string("type") : null;
            if (TYPE.equals(type) && start == null) {
                start = (JsonObject) element;
            } else if (TOOLS_TYPE.equals(type) && tools == null) {
                tools = (JsonObject) element;
            } else {
                throw new MalformedDetailsException(
                        "authorization_details take one errand_start and at most one attenuating_agent_token entry");
            }
        }
        if (start == null) {
            throw new MalformedDetailsException("authorization_details need an errand_start entry");
        }
        if (tools != null && !tools.members().keySet().equals(Set.of("type", "tools"))) {
            throw new MalformedDetailsException("an attenuating_agent_token entry has type and tools");
        }
        StartDetails details = of(start, tools);
        if (details.digest() != null && !details.digest().equals(details.toolsDigest())) {
            throw new MalformedDetailsException("digest is not that of the tools of the attenuating_agent_token entry");
        }
        return details;
    }

    /** The runs that a text asks for; null for one. */
    static @Nullable StandingAsked standing(String text) {
        try {
            return parse(text).standing();
        } catch (MalformedDetailsException e) {
            return null;
        }
    }

    /** The steps of the narrower plan in their JCS form, or null. */
    @Nullable String plan() {
        return sequence == null ? null : Jcs.canonical(sequence);
    }

    /** The digest of the tools' JCS form, which the token of a human who agrees to them holds; null without tools. */
    @Nullable String toolsDigest() {
        JsonValue asked = tools == null ? null : tools.get("tools");
        return asked == null || !Jcs.isAdmissible(asked) ? null : Sha256.labelOf(Jcs.canonicalBytes(asked));
    }

    /** The {@code errand_start} entries that a human's own token carries. */
    static List<StartDetails> consents(JsonObject claims) throws MalformedDetailsException {
        if (!(claims.get("authorization_details") instanceof JsonArray array)) {
            return List.of();
        }
        List<StartDetails> consents = new ArrayList<>();
        for (JsonValue element : array.values()) {
            if (element instanceof JsonObject object && TYPE.equals(object.string("type"))) {
                consents.add(of(object, null));
            }
        }
        return consents;
    }

    private static StartDetails of(JsonObject start, @Nullable JsonObject tools) throws MalformedDetailsException {
        if (!MEMBERS.containsAll(start.members().keySet())) {
            throw new MalformedDetailsException("errand_start has a member that is not one of its own");
        }
        String template = start.string("template");
        if (template == null) {
            throw new MalformedDetailsException("errand_start needs template, a string");
        }
        JsonValue standing = start.get("standing");
        return new StartDetails(
                template,
                parameters(start.get("parameters")),
                start.get("instruction") == null ? null : instruction(start.get("instruction")),
                integer(start, "lifetime", 1),
                new TaskBounds(
                        integer(start, "calls", 0), integer(start, "children", 0), limits(start.get("limits")), null),
                tools,
                digest(start),
                sequence(start.get("sequence")),
                purpose(start.get("purpose")),
                named(start.get("human")),
                standing == null ? null : StandingAsked.parse(standing));
    }

    private static @Nullable JsonArray sequence(@Nullable JsonValue value) throws MalformedDetailsException {
        if (value == null) {
            return null;
        }
        if (value instanceof JsonArray steps
                && Jcs.isAdmissible(value)
                && Jcs.canonicalBytes(value).length <= MAX_SEQUENCE) {
            return steps;
        }
        throw new MalformedDetailsException("sequence is an array of steps of at most 16 KiB");
    }

    private static @Nullable String purpose(@Nullable JsonValue value) throws MalformedDetailsException {
        if (value == null) {
            return null;
        }
        if (value instanceof JsonString text
                && text.value().codePointCount(0, text.value().length()) <= MAX_PURPOSE
                && text.value().chars().noneMatch(c -> Character.isISOControl(c) && c != '\n')) {
            return text.value();
        }
        throw new MalformedDetailsException("purpose is a text of at most 512 characters, none of them control");
    }

    private static @Nullable Human named(@Nullable JsonValue value) throws MalformedDetailsException {
        if (value == null) {
            return null;
        }
        String issuer = value instanceof JsonObject human ? human.string("iss") : null;
        String subject = value instanceof JsonObject human ? human.string("sub") : null;
        if (issuer == null || subject == null || ((JsonObject) value).members().size() != 2) {
            throw new MalformedDetailsException("human is an object of iss and sub");
        }
        return new Human(issuer, subject);
    }

    private static @Nullable String digest(JsonObject start) throws MalformedDetailsException {
        JsonValue value = start.get("digest");
        if (value != null && !(value instanceof JsonString text && text.value().matches(DIGEST))) {
            throw new MalformedDetailsException("digest is sha-256: and 43 characters of base64url");
        }
        return start.string("digest");
    }

    private static Map<String, ParameterValue> parameters(@Nullable JsonValue value) throws MalformedDetailsException {
        if (value == null) {
            return Map.of();
        }
        Map<String, ParameterValue> parameters = new LinkedHashMap<>();
        if (value instanceof JsonObject object && object.members().size() <= MAX_PARAMETERS) {
            for (var member : object.members().entrySet()) {
                parameters.put(
                        member.getKey(),
                        ParameterValue.parse(member.getValue())
                                .orElseThrow(() -> new MalformedDetailsException(
                                        "a parameter must be a string or an array of at most "
                                                + ParameterValue.MAX_VALUES + " strings")));
            }
            return parameters;
        }
        throw new MalformedDetailsException("parameters must be an object of at most 64 members");
    }

    private static Instruction instruction(@Nullable JsonValue value) throws MalformedDetailsException {
        if (!(value instanceof JsonObject object)
                || !Set.of("source", "ref", "digest", "integrity")
                        .containsAll(object.members().keySet())) {
            throw new MalformedDetailsException("instruction is an object of source, ref, digest and integrity");
        }
        String ref = optionalString(object, "ref");
        String digest = optionalString(object, "digest");
        String integrity = optionalString(object, "integrity");
        String source = object.string("source");
        Instruction.Source from = null;
        for (Instruction.Source each : Instruction.Source.values()) {
            if (each.wire().equals(source)) {
                from = each;
            }
        }
        if (from == null) {
            throw new MalformedDetailsException("instruction.source is human, agent, document or tool");
        }
        if (ref != null
                && (ref.isEmpty() || ref.length() > MAX_REF || ref.chars().anyMatch(Character::isISOControl))) {
            throw new MalformedDetailsException("instruction.ref has 1 to 512 characters, none of them control");
        }
        if (digest != null && !digest.matches(DIGEST)) {
            throw new MalformedDetailsException("instruction.digest is sha-256: and 43 characters of base64url");
        }
        if (integrity != null && !integrity.equals("trusted") && !integrity.equals("untrusted")) {
            throw new MalformedDetailsException("instruction.integrity is trusted or untrusted");
        }
        return new Instruction(
                from,
                ref,
                digest,
                "untrusted".equals(integrity) ? Instruction.Integrity.UNTRUSTED : Instruction.Integrity.TRUSTED);
    }

    private static @Nullable String optionalString(JsonObject object, String name) throws MalformedDetailsException {
        JsonValue value = object.get(name);
        if (value != null && !(value instanceof JsonString)) {
            throw new MalformedDetailsException("instruction." + name + " must be a string");
        }
        return object.string(name);
    }

    private static List<TaskBounds.Limit> limits(@Nullable JsonValue value) throws MalformedDetailsException {
        List<TaskBounds.Limit> limits = new ArrayList<>();
        if (value == null) {
            return limits;
        }
        if (value instanceof JsonArray array && array.values().size() <= MAX_LIMITS) {
            for (JsonValue element : array.values()) {
                if (element instanceof JsonObject object
                        && object.members().keySet().equals(Set.of("capacity", "period"))) {
                    Long capacity = integer(object, "capacity", 1);
                    Long period = integer(object, "period", 1);
                    if (capacity != null && period != null) {
                        limits.add(new TaskBounds.Limit(capacity, period));
                    }
                } else {
                    throw new MalformedDetailsException("a limit has capacity and period (seconds)");
                }
            }
            return limits;
        }
        throw new MalformedDetailsException("limits must be an array of at most 8");
    }

    private static @Nullable Long integer(JsonObject object, String name, long min) throws MalformedDetailsException {
        JsonValue value = object.get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof JsonNumber number
                && number.isLong()
                && number.asLong() >= min
                && number.asLong() <= MAX_INTEGER) {
            return number.asLong();
        }
        throw new MalformedDetailsException(name + " must be an integer from " + min + " to 2^53-1");
    }
}
