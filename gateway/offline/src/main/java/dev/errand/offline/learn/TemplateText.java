package dev.errand.offline.learn;

import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a template file, key by key in the contract's order. Not thread-safe. */
public final class TemplateText {
    private static final List<String> KEYS = List.of(
            "template",
            "candidate",
            "description",
            "agents",
            "humans",
            "starts",
            "lifetime",
            "delegation",
            "parameters",
            "allow",
            "limits",
            "sequence",
            "interleave",
            "rules",
            "on-violation",
            "ask",
            "cut",
            "instruction",
            "streams",
            "flow");

    private final StringBuilder head = new StringBuilder();
    private final Map<String, String> blocks = new HashMap<>();

    /** @param before the template whose keys stay unless they are replaced, or null */
    public TemplateText(@Nullable YamlMap before) {
        if (before != null) {
            before.members().forEach((key, value) -> blocks.put(key, kept(key, value)));
        }
    }

    private static String kept(String key, YamlNode value) {
        StringBuilder block = new StringBuilder(key).append(':');
        if (key.equals("allow") && value instanceof YamlMap map) {
            map.members()
                    .forEach((id, grant) -> block.append("\n  ")
                            .append(YamlText.string(id))
                            .append(": ")
                            .append(YamlText.of(grant)));
        } else if ((key.equals("sequence") || key.equals("rules")) && value instanceof YamlList list) {
            list.items().forEach(item -> block.append("\n  - ").append(YamlText.of(item)));
        } else {
            block.append(' ').append(YamlText.of(value));
        }
        return block.append('\n').toString();
    }

    /** Adds a comment line above all keys. */
    public TemplateText head(String comment) {
        head.append("# ").append(YamlText.comment(comment)).append('\n');
        return this;
    }

    /** Writes the key with a value on its line. */
    public TemplateText put(String key, String value, String evidence) {
        blocks.put(key, line(key + ": " + value, evidence));
        return this;
    }

    /** Writes the key with lines below it, each made by {@link #line}. */
    public TemplateText put(String key, List<String> lines) {
        blocks.put(key, key + ":\n" + String.join("", lines));
        return this;
    }

    /** Leaves the key out. */
    public TemplateText drop(String key) {
        blocks.remove(key);
        return this;
    }

    /** The text of a template, turned into that of its candidate. */
    public static String candidate(String text) {
        return text.replaceFirst("(?m)^(template:.*)$", "$1\ncandidate: true");
    }

    /** A line with its evidence beside it. */
    public static String line(String text, String evidence) {
        return text + (evidence.isEmpty() ? "" : "  # " + YamlText.comment(evidence)) + "\n";
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(head);
        for (String key : KEYS) {
            text.append(blocks.getOrDefault(key, ""));
        }
        return text.toString();
    }
}
