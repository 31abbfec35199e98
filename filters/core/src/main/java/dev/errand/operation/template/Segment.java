package dev.errand.operation.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One segment of a path template. Immutable and thread-safe. */
sealed interface Segment {
    /** The segment as a path template writes it, literal text decoded. */
    String form();

    /** Exactly this text, decoded. */
    record Literal(String text) implements Segment {
        @Override
        public String form() {
            return text;
        }
    }

    /** Any one segment, not empty. */
    record Variable(String name) implements Segment {
        @Override
        public String form() {
            return '{' + name + '}';
        }
    }

    /** Any number of segments, at least {@code least}. */
    record Multi(String name, int least) implements Segment {
        @Override
        public String form() {
            return '{' + name + (least == 0 ? "*}" : "+}");
        }
    }

    /**
     * Literal text and variables within one segment, such as {@code {base}...{head}}.
     *
     * @param literals one more than there are names; only the first and the last may be empty
     * @param names the variables between the literals
     */
    record Mixed(List<String> literals, List<String> names) implements Segment {
        public Mixed {
            literals = List.copyOf(literals);
            names = List.copyOf(names);
        }

        @Override
        public String form() {
            StringBuilder form = new StringBuilder(literals.get(0));
            for (int i = 0; i < names.size(); i++) {
                form.append('{').append(names.get(i)).append('}').append(literals.get(i + 1));
            }
            return form.toString();
        }

        /**
         * The values of the variables, none of them empty; null if the text does not fit, or fits in two ways: then the
         * upstream may read it in the other way.
         */
        String @Nullable [] values(String text) {
            String first = literals.get(0);
            String last = literals.get(names.size());
            if (text.length() < first.length() + last.length() || !text.startsWith(first) || !text.endsWith(last)) {
                return null;
            }
            String middle = text.substring(first.length(), text.length() - last.length());
            String[] values = new String[names.size()];
            int from = 0;
            for (int i = 0; i < values.length - 1; i++) {
                String separator = literals.get(i + 1);
                int at = middle.indexOf(separator, from);
                if (at <= from) {
                    return null;
                }
                values[i] = middle.substring(from, at);
                from = at + separator.length();
            }
            values[values.length - 1] = middle.substring(from);
            return values[values.length - 1].isEmpty() || !isUnique(middle) ? null : values;
        }

        private boolean isUnique(String middle) {
            int end = middle.length();
            int start = 0;
            int[] ends = new int[names.size()];
            for (int i = names.size() - 1; i > 0; i--) {
                end = middle.lastIndexOf(literals.get(i), end - literals.get(i).length());
                ends[i] = end;
            }
            for (int i = 1; i < names.size(); i++) {
                int at = middle.indexOf(literals.get(i), start);
                if (at != ends[i]) {
                    return false;
                }
                start = at + literals.get(i).length();
            }
            return true;
        }

        /** Whether some text may fit both, as far as their first and last literals show. */
        boolean overlaps(Mixed other) {
            String first = literals.get(0);
            String otherFirst = other.literals.get(0);
            String last = literals.get(names.size());
            String otherLast = other.literals.get(other.names.size());
            return (first.startsWith(otherFirst) || otherFirst.startsWith(first))
                    && (last.endsWith(otherLast) || otherLast.endsWith(last));
        }
    }
}
