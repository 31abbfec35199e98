package dev.errand.pages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The paths that the gateway itself answers, as its sources write them, and the routes of the configurations that come along. */
final class Endpoints {
    private static final String OWN =
            "tasks|decisions|locks|replicas|approvals|configuration|oauth2|\\.well-known|actuator|console|problems|credentials";
    private static final Pattern LITERAL = Pattern.compile("\"(/(?:" + OWN + ")[^\"\\s]*)\"");
    private static final Pattern ROUTE = Pattern.compile("Path=/([a-z0-9]+)/\\*\\*");

    private final Set<String> paths = new TreeSet<>();
    private final Set<String> routes = new TreeSet<>();

    Endpoints() {
        // The route of `errand init --upstream`, whose name its file leaves open.
        routes.add("api");
        // Of Spring Boot.
        paths.add("/actuator/health/{part}");
        paths.add("/actuator/health");
        paths.add("/actuator/prometheus");
        // Put together from two texts.
        paths.add("/credentials/.well-known/openid-configuration");
        Reading literals = file -> {
            // "/tasks/{id:" + ID + "}/interrupt" is one path.
            Matcher literal = LITERAL.matcher(Files.readString(file).replaceAll(":\" \\+ \\w+ \\+ \"", ""));
            while (literal.find()) {
                String path = literal.group(1).replaceFirst("\\?.*", "");
                paths.add(path.endsWith("/") ? path + "{id}" : path);
            }
        };
        walk("gateway/server/src/main", literals);
        walk("gateway/cli/src/main", literals);
        walk("gateway/cli/src/main/resources", file -> routesOf(Files.readString(file)));
        walk("config", file -> routesOf(Files.readString(file)));
        walk("gateway/server/src/main/resources", file -> routesOf(Files.readString(file)));
        Block.all().forEach(block -> routesOf(block.text()));
    }

    private interface Reading {
        void read(Path file) throws IOException;
    }

    private static void walk(String folder, Reading reading) {
        try (Stream<Path> files = Files.walk(Block.REPOSITORY.resolve(folder))) {
            for (Path file : files.filter(one -> one.toString().matches(".*\\.(java|yaml)"))
                    .toList()) {
                reading.read(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void routesOf(String text) {
        Matcher route = ROUTE.matcher(text);
        while (route.find()) {
            routes.add(route.group(1));
        }
    }

    Set<String> paths() {
        return paths;
    }

    /** Whether a path is of the gateway's own and none that it answers. A path of a route is its upstream's matter. */
    boolean isMissing(String written) {
        String path = written.replaceFirst("[?#].*", "");
        if (!Pattern.compile("/(" + OWN + ")(/.*)?").matcher(path).matches()) {
            String first = path.replaceFirst("^/([^/]*).*", "$1");
            return !path.equals("/") && !routes.contains(first);
        }
        return paths.stream().noneMatch(known -> fits(known, path));
    }

    private static boolean fits(String known, String path) {
        String[] patterns = known.split("/");
        String[] segments = path.split("/");
        if (patterns.length != segments.length) {
            return false;
        }
        for (int i = 0; i < patterns.length; i++) {
            boolean open = patterns[i].startsWith("{") || segments[i].startsWith("{");
            if (!open && !patterns[i].equals(segments[i])) {
                return false;
            }
        }
        return true;
    }
}
