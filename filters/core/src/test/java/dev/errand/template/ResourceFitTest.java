package dev.errand.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A constraint that no resource of the operation can satisfy is found, and no other one. */
class ResourceFitTest {
    private static final Map<String, ParameterPattern> PARAMETERS = Map.of(
            "order", ParameterPattern.compile("[0-9]{1,10}"),
            "name", ParameterPattern.compile("[a-z.]+"),
            "any", ParameterPattern.compile(".*"),
            "some", ParameterPattern.compileList("[0-9]+", 4));

    private static boolean never(String form, boolean folds, String constraint) throws Exception {
        return new ResourceFit(form, folds, PARAMETERS).never((JsonObject) Json.parse(constraint));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            v1/orders/{id}   | {"constraint_type":"exact","value":"{order}"}
            v1/orders/{id}   | {"constraint_type":"exact","value":"{any}"}
            v1/orders/{id}   | {"constraint_type":"exact","value":"v1/order/{order}"}
            v1/orders/{id}   | {"constraint_type":"exact","value":"/v1/orders/17"}
            v1/orders/{id}   | {"constraint_type":"exact","value":17}
            v1/orders/{id}   | {"constraint_type":"one_of","values":["17","v1/orders/17/lines"]}
            v1/orders/{id}   | {"constraint_type":"one_of","values":"{some}"}
            v1/orders/{id}   | {"constraint_type":"path_containment","root":"v2"}
            v1/orders/{id}   | {"constraint_type":"all","constraints":[{"constraint_type":"wildcard"},{"constraint_type":"exact","value":"17"}]}
            v1/orders/{id}   | {"constraint_type":"any","constraints":[{"constraint_type":"exact","value":"18"},{"constraint_type":"exact","value":"17"}]}
            v1/orders        | {"constraint_type":"exact","value":"{name}"}
            {id}             | {"constraint_type":"exact","value":"v1/orders/{order}"}
            {id}             | {"constraint_type":"range","max":50}
            {id}             | {"constraint_type":"subset","allowed":["a"]}
            data/{path*}     | {"constraint_type":"exact","value":"date/x"}
            """)
    void constraint_thatNoResourceFits_isFound(String form, String constraint) throws Exception {
        assertThat(never(form, false, constraint)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            v1/orders/{id}   | {"constraint_type":"exact","value":"v1/orders/{order}"}
            v1/orders/{id}   | {"constraint_type":"exact","value":"v1/orders/17"}
            v1/orders/{id}   | {"constraint_type":"one_of","values":["17","v1/orders/17"]}
            v1/orders/{id}   | {"constraint_type":"path_containment","root":"v1"}
            v1/orders/{id}   | {"constraint_type":"path_containment","root":"v1/{name}"}
            v1/orders/{id}   | {"constraint_type":"not_one_of","excluded":["v1/orders/17"]}
            v1/orders/{id}   | {"constraint_type":"wildcard"}
            v1/orders/{id}   | {"constraint_type":"any","constraints":[{"constraint_type":"exact","value":"18"},{"constraint_type":"wildcard"}]}
            {id}             | {"constraint_type":"exact","value":"{order}"}
            {id}             | {"constraint_type":"one_of","values":"{some}"}
            {ns}/{name}      | {"constraint_type":"exact","value":"staging/{order}"}
            data/{path*}     | {"constraint_type":"exact","value":"data"}
            data/{path+}     | {"constraint_type":"exact","value":"data/a/b"}
            {path*}          | {"constraint_type":"exact","value":"{any}"}
            {a}...{b}        | {"constraint_type":"exact","value":"x...{name}"}
            """)
    void constraint_thatSomeResourceMayFit_isNotFound(String form, String constraint) throws Exception {
        assertThat(never(form, false, constraint)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, true"})
    void spelling_isComparedAsTheServerDoes(boolean folds, boolean never) throws Exception {
        assertThat(never("v1/Orders/{id}", folds, "{\"constraint_type\":\"exact\",\"value\":\"v1/orders/17\"}"))
                .isEqualTo(never);
    }
}
