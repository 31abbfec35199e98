package dev.errand.operation.template;

import dev.errand.operation.template.PathTemplate.InvalidTemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The grammar of one segment of a path template. */
final class SegmentGrammar {
    private static final int MAX_NAME = 128;

    private SegmentGrammar() {}

    /** Parses a segment and adds its variables to the names. A name may occur only once. */
    static Segment parse(String text, Set<String> names) throws InvalidTemplateException {
        if (text.isEmpty()) {
            throw new InvalidTemplateException("an empty segment");
        } else if (text.equals(".") || text.equals("..")) {
            throw new InvalidTemplateException("a dot segment");
        }
        List<String> literals = new ArrayList<>();
        List<String> variables = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{') {
                int end = text.indexOf('}', i);
                if (end < 0) {
                    throw new InvalidTemplateException("a { without its }");
                }
                String inner = text.substring(i + 1, end);
                if (i == 0 && end == text.length() - 1 && (inner.endsWith("+") || inner.endsWith("*"))) {
                    String name = name(inner.substring(0, inner.length() - 1), names);
                    return new Segment.Multi(name, inner.endsWith("+") ? 1 : 0);
                }
                if (literal.length() == 0 && !variables.isEmpty()) {
                    throw new InvalidTemplateException("two variables with nothing between them");
                }
                literals.add(literal.toString());
                literal.setLength(0);
                variables.add(name(inner, names));
                i = end;
            } else if (isLiteral(c)) {
                literal.append(c);
            } else {
                throw new InvalidTemplateException("the character '" + c + "' in '" + text
                        + "': a literal segment has letters, digits and -._~!$&'()+,=:@");
            }
        }
        if (variables.isEmpty()) {
            return new Segment.Literal(text);
        }
        literals.add(literal.toString());
        return variables.size() == 1
                        && literals.get(0).isEmpty()
                        && literals.get(1).isEmpty()
                ? new Segment.Variable(variables.get(0))
                : new Segment.Mixed(literals, variables);
    }

    private static String name(String name, Set<String> names) throws InvalidTemplateException {
        boolean valid = !name.isEmpty() && name.length() <= MAX_NAME && Character.isLetter(name.charAt(0));
        for (int i = 0; i < name.length() && valid; i++) {
            char c = name.charAt(i);
            valid = c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.');
        }
        if (!valid) {
            throw new InvalidTemplateException("'{" + name
                    + "}' is no variable: write {x} for one segment, {x+} for one or more, {x*} for zero or more");
        }
        if (!names.add(name)) {
            throw new InvalidTemplateException("the variable {" + name + "} stands twice");
        }
        return name;
    }

    private static boolean isLiteral(char c) {
        return c < 128 && (Character.isLetterOrDigit(c) || "-._~!$&'()+,=:@".indexOf(c) >= 0);
    }
}
