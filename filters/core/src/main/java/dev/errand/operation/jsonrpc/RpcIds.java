package dev.errand.operation.jsonrpc;

import dev.errand.operation.Effect;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The operation ids of this resolver, without a catalogue's prefix, and their default effects. */
final class RpcIds {
    static final String INITIALIZE = "initialize";
    static final String DISCOVER = "server.discover";
    static final String TOOL = "tools.call/";
    static final String PROMPT = "prompts.get/";
    static final String STREAM = "session.stream";
    static final String END = "session.end";
    static final String REPLY = "session.reply";
    static final String TOOLS = "tools.list";
    static final String PROMPTS = "prompts.list";
    static final String RESOURCES = "resources.list";
    static final String READ = "resources.read";

    private static final int MAX_NAME = 128;
    private static final Set<String> PROTOCOL =
            Set.of(INITIALIZE, DISCOVER, "ping", "logging.setLevel", "completion.complete");

    private static final Map<String, Effect> EFFECTS = Map.ofEntries(
            Map.entry(INITIALIZE, Effect.READ),
            Map.entry("ping", Effect.READ),
            Map.entry(DISCOVER, Effect.READ),
            Map.entry("notifications.initialized", Effect.READ),
            Map.entry("notifications.cancelled", Effect.READ),
            Map.entry("notifications.progress", Effect.READ),
            Map.entry("notifications.tasks.status", Effect.READ),
            Map.entry("notifications.roots.list_changed", Effect.READ),
            Map.entry(TOOLS, Effect.LIST),
            Map.entry(PROMPTS, Effect.LIST),
            Map.entry(RESOURCES, Effect.LIST),
            Map.entry("resources.templates.list", Effect.LIST),
            Map.entry(READ, Effect.READ),
            Map.entry("resources.subscribe", Effect.READ),
            Map.entry("resources.unsubscribe", Effect.READ),
            Map.entry("completion.complete", Effect.READ),
            Map.entry("logging.setLevel", Effect.WRITE),
            Map.entry(STREAM, Effect.CONNECT),
            Map.entry(END, Effect.WRITE),
            Map.entry(REPLY, Effect.WRITE));

    private RpcIds() {}

    /** The ids whose effect this resolver knows. */
    static Set<String> builtIn() {
        return new TreeSet<>(EFFECTS.keySet());
    }

    /** The effect of an id, unless the file gives another. Tools, prompts and unknown methods are unreviewed. */
    static Effect effect(String id) {
        return EFFECTS.getOrDefault(id, Effect.UNREVIEWED);
    }

    /** Whether clients of MCP send this message by themselves, and not because their model wants something done. */
    static boolean isProtocol(String id) {
        return id.indexOf('/') < 0
                && (PROTOCOL.contains(id)
                        || id.startsWith("notifications.")
                        || id.startsWith("session.")
                        || id.endsWith(".list"));
    }

    /** Whether a request can have this id. */
    static boolean isId(String id) {
        if (id.startsWith(TOOL)) {
            return isName(id.substring(TOOL.length()));
        } else if (id.startsWith(PROMPT)) {
            return isName(id.substring(PROMPT.length()));
        }
        return EFFECTS.containsKey(id)
                || (id.indexOf('/') < 0
                        && !id.equals("tools.call")
                        && !id.equals("prompts.get")
                        && isMethod(id.replace('.', '/')));
    }

    /** Whether a text in the labels of a file is an operation's id, and not the bare name of a tool. */
    static boolean isLabel(String text) {
        return text.startsWith(TOOL) || text.startsWith(PROMPT)
                ? isId(text)
                : text.indexOf('.') > 0 && EFFECTS.containsKey(text);
    }

    /** Whether the text may be the name of a tool or a prompt. It has no spaces, since spaces separate ids. */
    static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_NAME
                && text.chars().allMatch(c -> isWord(c) || c == '.' || c == '/');
    }

    /** Whether the text is a method with an unambiguous id: it has no dot, and does not begin with {@code session/}. */
    static boolean isMethod(String text) {
        if (text.isEmpty() || text.length() > MAX_NAME || text.startsWith("session/")) {
            return false;
        }
        for (String part : text.split("/", -1)) {
            if (part.isEmpty() || !part.chars().allMatch(RpcIds::isWord)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isWord(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
}
