package dev.errand.cli.dev;

import dev.errand.autoconfigure.SpringYaml;
import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import dev.errand.holder.AgentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A configuration directory that {@code errand init --dev} made, in its present state. It tells which claims tokens need for its
 * identity provider, its issuer and a template. Reads files; an {@link AgentException} says what is wrong with one.
 */
final class DevDirectory {
    private static final String HUMANS = "errand.trust.humans";

    private final Path directory;
    private final SpringYaml application;

    private DevDirectory(Path directory, SpringYaml application) {
        this.directory = directory;
        this.application = application;
    }

    static DevDirectory open(Path directory) {
        Faults faults = new Faults();
        SpringYaml yaml = Files.isDirectory(directory) ? SpringYaml.read(directory, faults) : null;
        if (yaml == null) {
            throw new AgentException(directory + ": "
                    + (faults.isEmpty()
                            ? "is no directory"
                            : faults.list().get(0).toString())
                    + "; name the directory that `errand init --dev` made");
        }
        return new DevDirectory(directory, yaml);
    }

    /** The gateway's identifier, the audience of an SVID. */
    String issuer() {
        return required("errand.issuer");
    }

    /** The client of the gateway's own sign-in; null if there is none. */
    @Nullable String client() {
        return value("errand.console.login.client-id");
    }

    /** The audience of a human's token that approves. */
    String approvals() {
        String own = value("errand.approvals.audience");
        return own == null ? issuer() + "/approvals" : own;
    }

    /** A member of the entry of {@code errand.trust.humans} that trusts the key of this directory. */
    String human(String member) {
        for (int i = 0; ; i++) {
            String path = HUMANS + "[" + i + "]";
            if (application.find(path) == null) {
                throw new AgentException(application.at(HUMANS) + ": no entry of " + HUMANS
                        + " trusts the dev key: write {issuer, jwks: \"file:dev/idp.jwks\", audience}");
            }
            if ("file:dev/idp.jwks".equals(value(path + ".jwks"))) {
                return required(path + "." + member);
            }
        }
    }

    /** The trust domain whose key this directory holds. */
    String trustDomain() {
        for (int i = 0; ; i++) {
            String path = "errand.trust.workloads[" + i + "]";
            if (application.find(path) == null) {
                throw new AgentException(application.at("errand.trust.workloads")
                        + ": no entry of errand.trust.workloads trusts the dev key: write"
                        + " {trust-domain, bundle: \"file:dev/bundle.json\"}");
            }
            if ("file:dev/bundle.json".equals(value(path + ".bundle"))) {
                return required(path + ".trust-domain");
            }
        }
    }

    /** The template of that name; without a name the first one in the order of the files. */
    YamlMap template(@Nullable String name) {
        List<String> names = new ArrayList<>();
        for (Path file : tasks()) {
            Faults faults = new Faults();
            YamlNode node = Yaml.read(file, "tasks/" + file.getFileName(), faults);
            YamlMap map = node == null ? null : node.map(faults);
            if (map == null) {
                throw new AgentException(faults.toString());
            }
            String own = String.valueOf(map.string("template", faults));
            if (name == null || name.equals(own)) {
                return map;
            }
            names.add(own);
        }
        throw new AgentException(directory.resolve("tasks") + ": "
                + (name == null
                        ? "there is no template"
                        : "there is no template '" + name + "'; there are " + String.join(", ", names)));
    }

    /** The first agent of the template in this trust domain. */
    String agent(YamlMap template) {
        String prefix = "spiffe://" + trustDomain() + "/";
        return strings(template.optional("agents")).stream()
                .filter(pattern -> pattern.startsWith(prefix))
                .map(pattern -> pattern.replace("*", "dev"))
                .findFirst()
                .orElseThrow(() -> new AgentException(template.at("agents") + ": the template is for no agent of "
                        + prefix + "…: add one, or name the agent by --id"));
    }

    /** The names of all templates, in the order of the files. Unreadable files are left out. */
    List<String> templates() {
        List<String> names = new ArrayList<>();
        for (Path file : tasks()) {
            YamlNode node = Yaml.read(file, "tasks/" + file.getFileName(), new Faults());
            YamlMap map = node == null ? null : node.map(new Faults());
            String name = map == null ? null : map.string("template", new Faults());
            if (name != null && !names.contains(name)) {
                names.add(name);
            }
        }
        return names;
    }

    private List<Path> tasks() {
        try {
            return Yaml.files(directory.resolve("tasks"));
        } catch (IOException e) {
            return List.of();
        }
    }

    private String required(String path) {
        String value = value(path);
        if (value == null) {
            throw new AgentException(application.at(path) + ": '" + path + "' is missing");
        }
        return value;
    }

    private @Nullable String value(String path) {
        SpringYaml.Entry entry = application.find(path);
        return entry != null && entry.value() instanceof YamlScalar scalar ? scalar.text() : null;
    }

    /** One string or a list of strings. */
    static List<String> strings(@Nullable YamlNode node) {
        if (node instanceof YamlScalar scalar) {
            return List.of(scalar.text());
        }
        List<String> strings = new ArrayList<>();
        if (node instanceof YamlList list) {
            list.items().forEach(item -> strings.addAll(strings(item)));
        }
        return strings;
    }
}
