package dev.errand.config;

import java.util.List;

/**
 * A sequence.
 *
 * @param at where it begins
 * @param items in order
 */
public record YamlList(Position at, List<YamlNode> items) implements YamlNode {
    public YamlList {
        items = List.copyOf(items);
    }

    @Override
    public String kind() {
        return "a list";
    }
}
