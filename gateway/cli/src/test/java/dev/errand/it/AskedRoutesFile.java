package dev.errand.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/** The shipped configuration, with routes about whose requests other gateways may ask. */
final class AskedRoutesFile {
    /** The request of this operation is judged by its body. */
    static final String DISPATCH = "/ci/api/v1/repos/o/r/actions/workflows/w/dispatches";

    /** Explores documents, and starts one workflow; lies at {@code tasks/both.yaml}. */
    static final String BOTH = TestAgent.EXPLORE_TEMPLATE
            .replace("template: explore", "template: both")
            .replace(
                    "limits:",
                    "  ci:workflow.dispatch: {resource: {exact: o/r/w}, ref: {one_of: [main]}, inputs: {wildcard: true, optional: true}}\nlimits:");

    static final String START = "{\"template\":\"both\",\"parameters\":{\"project\":\"payments\"}}";

    private AskedRoutesFile() {}

    /** Each of these routes with a cluster of its own name. */
    static String with(String... routes) {
        try {
            String text = Files.readString(RunningGateway.repository().resolve("config/application.yaml"));
            for (String route : routes) {
                text = text.replace(
                        "    - id: " + route + "\n",
                        "    - id: " + route + "\n      metadata: {errand-cluster: " + route + "}\n");
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
