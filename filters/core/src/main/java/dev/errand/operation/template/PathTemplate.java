package dev.errand.operation.template;

import dev.errand.operation.CanonicalPath;
import dev.errand.operation.template.Segment.Literal;
import dev.errand.operation.template.Segment.Mixed;
import dev.errand.operation.template.Segment.Multi;
import dev.errand.operation.template.Segment.Variable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A path template: literals, {@code {x}} for one segment, {@code {x+}} for one or more, {@code {x*}} for zero or more,
 * and variables within a segment. At most one variable spans several segments, so a path fits in only one way.
 * Immutable and thread-safe.
 */
record PathTemplate(String text, List<Segment> segments, boolean trailingSlash, int multi) {
    /** The most segments of a template. */
    static final int MAX_SEGMENTS = 64;

    PathTemplate {
        segments = List.copyOf(segments);
    }

    /** The text violates the grammar; the message says where. */
    static final class InvalidTemplateException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidTemplateException(String message) {
            super(message);
        }
    }

    /** Reads a template. */
    static PathTemplate parse(String text) throws InvalidTemplateException {
        if (!text.startsWith("/")) {
            throw new InvalidTemplateException("a path template begins with /");
        }
        boolean trailing = text.length() > 1 && text.endsWith("/");
        String body = text.substring(1, text.length() - (trailing ? 1 : 0));
        List<Segment> segments = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        int multi = -1;
        for (String part : body.isEmpty() ? List.<String>of() : List.of(body.split("/", -1))) {
            Segment segment = SegmentGrammar.parse(part, names);
            if (segment instanceof Multi) {
                if (multi >= 0) {
                    throw new InvalidTemplateException("only one variable of a template may span several segments");
                }
                multi = segments.size();
            }
            segments.add(segment);
        }
        if (segments.size() > MAX_SEGMENTS) {
            throw new InvalidTemplateException("more than " + MAX_SEGMENTS + " segments");
        }
        return new PathTemplate(text, segments, trailing, multi);
    }

    /** How many segments follow the variable that spans several; 0 if there is none. */
    int suffix() {
        return multi < 0 ? 0 : segments.size() - multi - 1;
    }

    /** The fewest segments of a path that fits. */
    int least() {
        return multi < 0 ? segments.size() : segments.size() - 1 + ((Multi) segments.get(multi)).least();
    }

    /** This template with the segments of a literal prefix before it. */
    PathTemplate under(PathTemplate base) throws InvalidTemplateException {
        String prefix = base.text.equals("/") ? "" : base.text;
        return parse(prefix + text);
    }

    PathTemplate withoutTrailingSlash() {
        return trailingSlash ? new PathTemplate(text.substring(0, text.length() - 1), segments, false, multi) : this;
    }

    Set<String> variables() {
        Set<String> names = new LinkedHashSet<>();
        for (Segment segment : segments) {
            if (segment instanceof Variable variable) {
                names.add(variable.name());
            } else if (segment instanceof Multi several) {
                names.add(several.name());
            } else if (segment instanceof Mixed mixed) {
                names.addAll(mixed.names());
            }
        }
        return names;
    }

    /** The template's segment for a position in a path of {@code size} segments. */
    Segment at(int position, int size) {
        if (multi < 0 || position < multi) {
            return segments.get(position);
        }
        int fromEnd = size - position;
        return fromEnd <= suffix() ? segments.get(segments.size() - fromEnd) : segments.get(multi);
    }

    /** Whether the variable that spans several segments matches none in a path of that size. */
    boolean isEmptyAt(int size) {
        return multi >= 0 && size == segments.size() - 1;
    }

    /** The index of the segment that holds a variable, or -1. */
    int index(String variable) {
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment instanceof Variable whole && whole.name().equals(variable)
                    || segment instanceof Multi several && several.name().equals(variable)
                    || segment instanceof Mixed mixed && mixed.names().contains(variable)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * The value of a variable, in a path that fits; {@code index} is that of its segment. Null if a mixed segment does
     * not fit.
     */
    @Nullable String value(int index, String variable, CanonicalPath path) {
        int position = multi >= 0 && index > multi ? path.size() - (segments.size() - index) : index;
        if (index == multi) {
            return path.join(index, path.size() - suffix());
        } else if (segments.get(index) instanceof Mixed mixed) {
            String[] values = mixed.values(path.segment(position));
            return values == null ? null : values[mixed.names().indexOf(variable)];
        }
        return path.segment(position);
    }

    /**
     * Compares two templates that both fit a path. From the left, a literal is better than a variable. If that does not
     * decide, a template is worse if a variable of it matches no segment. Negative if {@code a} is better, zero or
     * positive.
     */
    static int compare(PathTemplate a, PathTemplate b, int size) {
        for (int i = 0; i < size; i++) {
            boolean literal = a.at(i, size) instanceof Literal;
            if (literal != b.at(i, size) instanceof Literal) {
                return literal ? -1 : 1;
            }
        }
        return Boolean.compare(a.isEmptyAt(size), b.isEmptyAt(size));
    }

    /** Whether some path fits both templates equally well. */
    boolean ties(PathTemplate other) {
        if (trailingSlash != other.trailingSlash) {
            return false;
        }
        int from = Math.max(least(), other.least());
        int to = multi < 0 || other.multi < 0
                ? Math.min(
                        multi < 0 ? segments.size() : MAX_SEGMENTS,
                        other.multi < 0 ? other.segments.size() : MAX_SEGMENTS)
                : segments.size() + other.segments.size();
        for (int size = from; size <= to; size++) {
            if (compare(this, other, size) == 0 && meet(other, size)) {
                return true;
            }
        }
        return false;
    }

    private boolean meet(PathTemplate other, int size) {
        for (int i = 0; i < size; i++) {
            Segment mine = at(i, size);
            Segment its = other.at(i, size);
            if (mine instanceof Literal && !mine.equals(its)
                    || mine instanceof Mixed a && its instanceof Mixed b && !a.overlaps(b)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PathTemplate template && template.text.equals(text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text);
    }

    @Override
    public String toString() {
        return text;
    }
}
