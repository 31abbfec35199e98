package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Keys;
import dev.errand.config.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A default that the reference tells is the one that counts: a template that writes it is the template that leaves it out. */
class TemplateDefaultsTest {
    /** For each mapping the smallest template that has it; the place of the key is @. */
    private static final Map<String, String> PLACES = new LinkedHashMap<>();

    private static final String REST = "template: t\nagents: [\"spiffe://a.example/b\"]\nhumans: {issuer: i}\n";
    private static final String ALLOW = "allow: {a:b: {}}\n";

    static {
        PLACES.put("template", REST + ALLOW + "@\n");
        PLACES.put("delegation", REST + ALLOW + "delegation: {max-children: 3, @}\n");
        PLACES.put("start", REST + ALLOW + "start: {acr: a, @}\n");
        PLACES.put("standing", REST + ALLOW + "standing: {runs: 2, within: 1h, @}\n");
        PLACES.put("instruction", REST + ALLOW + "instruction: {@}\n");
        PLACES.put("streams", REST + ALLOW + "streams: {@}\n");
        PLACES.put("on-violation", REST + ALLOW + "on-violation: {@}\n");
        PLACES.put("repeated", REST + ALLOW + "on-violation: {repeated: {denials: 2, within: 1s, @}}\n");
        PLACES.put("limit", REST + ALLOW + "limits: {task: [{capacity: 2, per: 1s, @}]}\n");
        PLACES.put("ask", REST + ALLOW + "on-violation: {rule: ask}\nask: {by: {issuer: i, clients: [c]}, @}\n");
        PLACES.put("by", REST + ALLOW + "on-violation: {rule: ask}\nask: {by: {issuer: i, clients: [c], @}}\n");
        PLACES.put("list-parameter", REST + ALLOW + "parameters: {p: {list: a, @}}\n");
        PLACES.put("range", REST + "allow: {a:b: {n: {range: {min: 1, max: 3, @}}}}\n");
        PLACES.put(
                "condition",
                REST + "allow: {a:b: {ask: {unless: {n: {exact: 1, @}}}}}\nask: {by: {issuer: i, clients: [c]}}\n");
        PLACES.put(
                "offer",
                REST
                        + "allow: {a:b: {ask: {offer: {calls: 2, fixed: [n], @}}}}\nask: {by: {issuer: i, clients: [c]}}\n");
        PLACES.put("constraint", REST + "allow: {a:b: {n: {exact: 1, @}}}\n");
        PLACES.put("step-detail", REST + ALLOW + "sequence: [{a:b: {outcome: sent, @}}]\n");
        PLACES.put("absence", REST + ALLOW + "rules: [{absence: a:b, after: a:b, @}]\n");
        PLACES.put("precedence", REST + ALLOW + "rules: [{precedence: a:c, before: a:b, @}]\n");
        PLACES.put("bounded", REST + ALLOW + "rules: [{bounded: a:b, at-most: 2, @}]\n");
        PLACES.put("sum", REST + ALLOW + "rules: [{sum: a:b, of: x, at-most: 2, @}]\n");
        PLACES.put("distinct", REST + ALLOW + "rules: [{distinct: a:b, of: x, at-most: 2, @}]\n");
        PLACES.put("previous", REST + ALLOW + "rules: [{previous: a:c, before: a:b, @}]\n");
        PLACES.put("from", REST + ALLOW + "rules: [{from: {a:c: x}, to: {a:b: y}, @}]\n");
        PLACES.put("answered", REST + ALLOW + "rules: [{when: a:b, answered: a:c, where: {x: {exact: 1}}, @}]\n");
    }

    /** A key that has a default, and the mapping that it stands in. */
    record Default(Keys mapping, Keys.Key key) {
        @Override
        public String toString() {
            return mapping.name() + "." + key.name() + ": " + key.fallback();
        }
    }

    static Stream<Default> defaults() {
        List<Default> found = new ArrayList<>();
        walk(TemplateParser.KEYS, new TreeSet<>(), found);
        return found.stream();
    }

    private static void walk(Shape shape, Set<String> met, List<Default> found) {
        if (shape instanceof Keys keys && met.add(keys.name())) {
            for (Keys.Key key : keys.list()) {
                if (key.fallback() != null) {
                    found.add(new Default(keys, key));
                }
                walk(key.shape(), met, found);
            }
            keys.others().values().forEach(other -> walk(other, met, found));
        } else if (shape instanceof Shape.Items items) {
            walk(items.item(), met, found);
        } else if (shape instanceof Shape.Either either) {
            either.shapes().forEach(each -> walk(each, met, found));
        } else if (shape instanceof Shape.Later later) {
            walk(later.shape().get(), met, found);
        }
    }

    private static Template template(String text) {
        Faults faults = new Faults();
        return new TemplateParser()
                .parse("t.yaml", text, null, faults)
                .orElseThrow(() -> new AssertionError(text + faults));
    }

    /** What a template says, without its own text. */
    private static List<Object> meaning(Template template) {
        return List.of(
                template.admission(),
                template.lifetime(),
                template.delegation(),
                template.granted(Map.of()),
                template.limits(),
                template.enforced().sequence().digest(),
                template.enforced().reactions(),
                template.enforced().cut(),
                template.enforced().flow(),
                Optional.ofNullable(template.enforced().ask()),
                template.streams());
    }

    @ParameterizedTest
    @MethodSource("defaults")
    void written_isAsLeftOut(Default one) {
        String place = PLACES.get(one.mapping().name());
        assertThat(place)
                .as("add a smallest template with the mapping %s", one.mapping().name())
                .isNotNull();
        Template left = template(place.replace(", @", "").replace("@", ""));
        Template written =
                template(place.replace("@", one.key().name() + ": " + one.key().fallback()));
        assertThat(meaning(written)).isEqualTo(meaning(left));
    }

    @Test
    void another_isNotAsLeftOut() {
        String place = PLACES.get("on-violation");
        assertThat(meaning(template(place.replace("@", "sequence: deny"))))
                .isNotEqualTo(meaning(template(place.replace("@", ""))));
    }

    @Test
    void reactions_haveDefaults() {
        assertThat(defaults().map(one -> one.mapping().name() + "." + one.key().name()))
                .contains("on-violation.sequence", "on-violation.rule", "on-violation.repeated", "template.lifetime");
    }
}
