package dev.errand.task.template;

import dev.errand.config.DidYouMean;
import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import java.util.Set;
import java.util.regex.Pattern;

/** How the file of a candidate is told from that of a template: by its name, and by {@code candidate: true} in it. Pure. */
final class CandidateFile {
    private static final String KEY = "candidate";
    private static final Pattern NAME = Pattern.compile(".*\\.candidate\\.ya?ml");

    private CandidateFile() {}

    /** Whether a file of that name is a candidate's. */
    static boolean isNamed(String file) {
        return NAME.matcher(file).matches();
    }

    /** Whether the template is a candidate. Adds a fault where the file's name says otherwise. */
    static boolean check(String file, YamlMap map, Faults faults) {
        int before = faults.count();
        YamlNode node = map.optional(KEY);
        boolean candidate = map.bool(KEY, false, faults);
        if (faults.count() > before) {
            return false;
        }
        if (node != null && !candidate) {
            faults.add(node.at(), "`candidate` is true, or is left out");
        } else if (candidate && !isNamed(file)) {
            faults.add(
                    map.at(KEY),
                    "a candidate stands in a file of its own, named NAME.candidate.yaml: rename the file, or leave"
                            + " `candidate` out");
        } else if (!candidate && isNamed(file)) {
            faults.add(
                    map.at("template"),
                    "a file named *.candidate.yaml holds a candidate: write `candidate: true`, or rename the file");
        }
        return candidate;
    }

    /** Adds the fault of a candidate whose template is not there. */
    static void unknown(String file, Template template, Set<String> known, Faults faults) {
        if (Yaml.parse(file, template.text(), new Faults()) instanceof YamlMap map) {
            YamlNode name = map.optional("template");
            faults.add(
                    name == null ? map.at() : name.at(),
                    "a candidate is judged beside a template of the same name, and there is no template '"
                            + template.name() + "'" + DidYouMean.hint(template.name(), known));
        }
    }
}
