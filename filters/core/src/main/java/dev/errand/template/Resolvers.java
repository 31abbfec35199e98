package dev.errand.template;

import dev.errand.config.Shape;
import dev.errand.operation.Resolver;
import dev.errand.operation.jsonrpc.JsonRpcResolver;
import dev.errand.operation.kubernetes.KubernetesResolver;
import dev.errand.operation.s3.S3Resolver;
import dev.errand.operation.template.TemplateResolver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The resolvers that a catalogue file may name. Immutable. */
public record Resolvers(List<Resolver> list) {
    /** All resolvers of the product. A further one is one more line here. */
    public static final Resolvers ALL = new Resolvers(
            List.of(new TemplateResolver(), new KubernetesResolver(), new S3Resolver(), new JsonRpcResolver()));

    public Resolvers {
        list = List.copyOf(list);
    }

    /** Their names, in the order of the list. */
    public List<String> names() {
        return list.stream().map(Resolver::name).toList();
    }

    /** The resolver of that name; null if there is none. */
    public @Nullable Resolver named(String name) {
        return list.stream()
                .filter(resolver -> resolver.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The shape of a catalogue file. */
    public Shape shape() {
        return Shape.either(list.stream().map(Resolver::keys).toArray(Shape[]::new));
    }
}
