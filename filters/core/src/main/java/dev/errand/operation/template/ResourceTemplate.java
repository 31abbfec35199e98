package dev.errand.operation.template;

import dev.errand.json.DidYouMean;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.template.PathTemplate.InvalidTemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the resource is made from a path: text and variables, compiled against the path template. Immutable and
 * thread-safe.
 */
final class ResourceTemplate {
    private final List<Part> parts;
    private final PathTemplate template;
    private final int skipped;

    /**
     * Text, or a variable of one of the template's segments.
     *
     * @param text the text or the variable's name
     * @param segment the index of the variable's segment; -1 for text
     */
    private record Part(String text, int segment) {
        boolean isVariable() {
            return segment >= 0;
        }
    }

    private ResourceTemplate(List<Part> parts, PathTemplate template, int skipped) {
        this.parts = List.copyOf(parts);
        this.template = template;
        this.skipped = skipped;
    }

    /** The resource is the path below the base path, unchanged. */
    static ResourceTemplate below(PathTemplate base, PathTemplate template) {
        return new ResourceTemplate(List.of(), template, base.segments().size());
    }

    /** The resource is the values of the path's variables, joined by slashes; for a path without variables the path. */
    static ResourceTemplate variables(PathTemplate base, PathTemplate template) throws InvalidTemplateException {
        Set<String> names = template.variables();
        return names.isEmpty()
                ? below(base, template)
                : compile(names.stream().map(name -> '{' + name + '}').collect(Collectors.joining("/")), template);
    }

    /** Compiles a written resource; each of its variables must be one of the template. */
    static ResourceTemplate compile(String text, PathTemplate template) throws InvalidTemplateException {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int open = text.indexOf('{', from);
            int literalEnd = open < 0 ? text.length() : open;
            String literal = text.substring(from, literalEnd);
            if (literal.indexOf('}') >= 0) {
                throw new InvalidTemplateException("a } without its {");
            }
            if (!literal.isEmpty()) {
                parts.add(new Part(literal, -1));
            }
            if (open < 0) {
                break;
            }
            int close = text.indexOf('}', open);
            if (close < 0) {
                throw new InvalidTemplateException("a { without its }");
            }
            String name = text.substring(open + 1, close);
            int segment = template.index(name);
            if (segment < 0) {
                throw new InvalidTemplateException("{" + name + "} is no variable of the path " + template
                        + DidYouMean.hint(name, template.variables()));
            }
            parts.add(new Part(name, segment));
            from = close + 1;
        }
        return new ResourceTemplate(parts, template, -1);
    }

    /** The form of the resources: its text, with the variables as the path's template writes them. */
    String form() {
        if (skipped >= 0) {
            return template.segments().stream().skip(skipped).map(Segment::form).collect(Collectors.joining("/"));
        }
        StringBuilder form = new StringBuilder();
        for (Part part : parts) {
            Segment whole = part.isVariable() ? template.segments().get(part.segment()) : null;
            form.append(
                    whole instanceof Segment.Multi several
                            ? several.form()
                            : part.isVariable() ? '{' + part.text() + '}' : part.text());
        }
        return form.toString();
    }

    /**
     * The resource for a path that fits the template. If a variable at its end matched nothing, the slash before it is
     * left out.
     */
    String of(CanonicalPath path) {
        if (skipped >= 0) {
            return path.join(skipped, path.size());
        }
        if (parts.size() == 1) {
            return value(parts.get(0), path);
        }
        StringBuilder resource = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            resource.append(value(parts.get(i), path));
        }
        int last = resource.length() - 1;
        boolean emptyEnd = parts.get(parts.size() - 1).isVariable() && last > 0 && resource.charAt(last) == '/';
        return emptyEnd ? resource.substring(0, last) : resource.toString();
    }

    private String value(Part part, CanonicalPath path) {
        if (!part.isVariable()) {
            return part.text();
        }
        String value = template.value(part.segment(), part.text(), path);
        return value == null ? "" : value;
    }
}
