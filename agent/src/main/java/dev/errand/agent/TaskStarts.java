package dev.errand.agent;

import dev.errand.agent.call.Connections;
import dev.errand.agent.call.GatewayAddress;
import dev.errand.agent.call.HeldTask;
import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Gets the token in the way that the options say. */
final class TaskStarts {
    private final AgentCommand options;
    private final StartOptions start;
    private final EventLoop loop;
    private final Signals signals;

    TaskStarts(AgentCommand options, EventLoop loop, Signals signals) {
        this.options = options;
        this.start = options.start;
        this.loop = loop;
        this.signals = signals;
    }

    /** A token and its key, and the gateway that accepts the token. */
    record Started(Connections gateway, HeldTask task) {}

    /** @param fresh a new key, perhaps still being made, for a token that has no key yet */
    Started start(CompletableFuture<AgentKey> fresh) {
        if (start.from != null) {
            return below(start.from, fresh);
        }
        Connections gateway = connections(
                GatewayAddress.parse("--gateway", options.gateway == null ? start.gateway() : options.gateway));
        return start.token != null ? given(gateway) : fromTemplate(gateway, fresh);
    }

    private Started below(String url, CompletableFuture<AgentKey> fresh) {
        Connections parent = connections(GatewayAddress.parseSecret("--from", url));
        ParentStart request = new ParentStart(
                start.allow == null ? null : Input.object("--allow", start.allow),
                start.calls,
                start.children,
                start.lifetime == null
                        ? null
                        : Input.duration("--lifetime", start.lifetime).toSeconds());
        ParentStart.Child child = request.start(parent, fresh.join());
        GatewayAddress gateway =
                GatewayAddress.parse("--gateway", options.gateway == null ? child.gateway() : options.gateway);
        Connections named = connections(gateway);
        // Proofs name the issuer that the parent's companion states. Another --issuer is an error.
        String issuer = Metadata.issuer(named, child.task().issuer());
        if (options.issuer != null && !issuer.equals(Metadata.withoutSlash(options.issuer))) {
            throw new AgentException("--issuer: the companion above says '" + issuer + "'");
        }
        return new Started(named, child.task());
    }

    private Connections connections(GatewayAddress address) {
        return new Connections(loop, address, address.tls() ? ClientTrust.context(System.getenv()) : null);
    }

    private Started fromTemplate(Connections gateway, CompletableFuture<AgentKey> fresh) {
        String standing = start.standing == null ? null : Input.file("--standing", start.standing);
        String subject = start.subjectToken == null ? standing : Input.file("--subject-token", start.subjectToken);
        String issuer = Metadata.issuer(gateway, options.issuer);
        Supplier<String> svid = () -> start.svid(() -> WorkloadApi.jwtSvid(loop, System.getenv(), issuer));
        TemplateStart request = new TemplateStart(
                start.template,
                start.parameterValues(),
                subject,
                svid,
                start.instruction(),
                start.calls,
                start.allow == null ? null : Input.object("--allow", start.allow),
                start.purpose,
                start.sequence == null ? null : Input.steps("--sequence", Input.file("--sequence", start.sequence)));
        return new Started(
                gateway,
                start.ask
                        ? request.ask(gateway, issuer, fresh.join(), signals::awaitEnd, Agent::note)
                        : request.start(gateway, issuer, fresh.join()));
    }

    private Started given(Connections gateway) {
        AgentKey key = AgentKey.read(Objects.requireNonNull(start.key));
        String token = Input.file("--token", Objects.requireNonNull(start.token));
        List<String> chain = start.chain == null
                ? List.of()
                : Stream.of(Input.file("--chain", start.chain).split(","))
                        .map(String::strip)
                        .filter(ancestor -> !ancestor.isEmpty())
                        .toList();
        return new Started(gateway, new HeldTask(key, token, chain, Metadata.issuer(gateway, options.issuer)));
    }
}
