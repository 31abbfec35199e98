package dev.errand.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Names of claims under {@code task-jwt.claims} as they are written, such as {@code https://example.org/role}. Spring leaves out
 * each character of a name that no property has, unless the name stands in brackets. Pure.
 */
final class ClaimNames {
    private static final Pattern CLAIM = Pattern.compile(
            "(errand\\.upstreams\\.[^.]+\\.task[-_]?jwt\\.claims)\\.([^\\[\\]]+)", Pattern.CASE_INSENSITIVE);

    private ClaimNames() {}

    /** The same properties, with the name of each claim in brackets. */
    public static PropertySource<?> bracketed(PropertySource<?> source) {
        if (!(source instanceof MapPropertySource properties)) {
            return source;
        }
        Map<String, Object> bracketed = new LinkedHashMap<>();
        properties.getSource().forEach((key, value) -> {
            Matcher claim = CLAIM.matcher(key);
            bracketed.put(claim.matches() ? claim.group(1) + '[' + claim.group(2) + ']' : key, value);
        });
        return new OriginTrackedMapPropertySource(source.getName(), bracketed);
    }
}
