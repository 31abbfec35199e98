package dev.errand.config;

import dev.errand.json.Durations;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Describes a value to editors. A shape is never narrower than what the value's reader accepts; only the reader
 * decides. Immutable and thread-safe.
 */
public sealed interface Shape
        permits Keys, Shape.Text, Shape.Words, Shape.Whole, Shape.Simple, Shape.Items, Shape.Either, Shape.Later {
    /**
     * A string.
     *
     * @param pattern what the whole string must match; null for any string
     */
    record Text(@Nullable String pattern) implements Shape {}

    /** One word out of a few. */
    record Words(SortedSet<String> words) implements Shape {
        public Words {
            words = Collections.unmodifiableSortedSet(new TreeSet<>(words));
        }
    }

    /** An integer within both bounds, inclusive. */
    record Whole(long min, long max) implements Shape {}

    /** A value that has no parts, or whose parts are not described. */
    enum Simple implements Shape {
        NUMBER,
        /** {@code true} or {@code false}. */
        FLAG,
        /** {@code true} only. */
        YES,
        /** A string, number, boolean or null. */
        SCALAR,
        /** A value that is not read. */
        ANYTHING
    }

    /** A list; {@code min} and {@code max} bound its length. */
    record Items(Shape item, int min, int max) implements Shape {}

    /** Any one of these. */
    record Either(List<Shape> shapes) implements Shape {
        public Either {
            shapes = List.copyOf(shapes);
        }
    }

    /** A reference to a shape that contains itself. */
    record Later(Supplier<Shape> shape) implements Shape {}

    /** Any string. */
    static Shape text() {
        return new Text(null);
    }

    /** A string that matches the pattern as a whole. */
    static Shape text(String pattern) {
        return new Text(pattern);
    }

    /** A length of time. */
    static Shape duration() {
        return new Text(Durations.PATTERN);
    }

    static Shape words(String... words) {
        return words(Arrays.asList(words));
    }

    static Shape words(Collection<String> words) {
        return new Words(new TreeSet<>(words));
    }

    /** An integer within both bounds, inclusive. */
    static Shape whole(long min, long max) {
        return new Whole(min, max);
    }

    static Shape list(Shape item) {
        return new Items(item, 0, Integer.MAX_VALUE);
    }

    /** A list with at least one item. */
    static Shape some(Shape item) {
        return new Items(item, 1, Integer.MAX_VALUE);
    }

    /** One string or a list of strings. */
    static Shape strings() {
        return either(text(), list(text()));
    }

    static Shape either(Shape... shapes) {
        return new Either(Arrays.asList(shapes));
    }

    /** A reference for a shape that contains itself. */
    static Shape later(Supplier<Shape> shape) {
        return new Later(shape);
    }
}
