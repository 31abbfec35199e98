package dev.errand.offline.learn;

import dev.errand.sequence.Times;
import java.util.ArrayList;
import java.util.List;

/**
 * A run of one operation, or of a group of operations that repeats; the counts are ranges over all words that were
 * merged. Immutable.
 *
 * @param min the least number of times
 * @param max the largest number of times
 * @param group the tokens of one turn; empty for a single operation
 */
record Token(String operation, int min, int max, List<Token> group) {
    Token {
        group = List.copyOf(group);
    }

    static Token run(String operation, int count) {
        return new Token(operation, count, count, List.of());
    }

    /** A group of turns that have the same operations and may differ in their counts. */
    static Token group(List<List<Token>> turns) {
        List<Token> merged = turns.get(0);
        for (List<Token> turn : turns) {
            merged = merge(merged, turn);
        }
        return new Token("", turns.size(), turns.size(), merged);
    }

    /** The operation or group without its counts: equal for tokens that can be merged. */
    String key() {
        return group.isEmpty()
                ? operation
                : "(" + String.join(" ", group.stream().map(Token::key).toList()) + ")";
    }

    Token merge(Token other) {
        return new Token(operation, Math.min(min, other.min), Math.max(max, other.max), merge(group, other.group));
    }

    /** As {@link #merge(Token)}, for the last token of a word that may have ended early: the least count stays. */
    Token mergeOpen(Token other) {
        return new Token(operation, min, Math.max(max, other.max), merge(group, other.group));
    }

    /** Merges two lists with the same keys element by element. */
    static List<Token> merge(List<Token> one, List<Token> other) {
        List<Token> merged = new ArrayList<>();
        for (int i = 0; i < one.size(); i++) {
            merged.add(one.get(i).merge(other.get(i)));
        }
        return merged;
    }

    LearnedStep step() {
        Times times = LearnedStep.times(min, max);
        return group.isEmpty()
                ? new LearnedStep.Op(operation, times)
                : new LearnedStep.Repeat(group.stream().map(Token::step).toList(), times);
    }

    Token optional() {
        return new Token(operation, 0, max, group);
    }
}
