package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.credential.StsConfig;
import dev.errand.credential.TokenExchangeConfig;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.KeyRing;
import dev.errand.json.DidYouMean;
import dev.errand.log.proof.WitnessKey;
import dev.errand.log.proof.WitnessQuorum;
import dev.errand.task.record.TaskFormats;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.token.SpiffeId;
import dev.errand.trust.JwkSet;
import dev.errand.trust.LiveDocument;
import dev.errand.upstream.Echo;
import dev.errand.web.BodyReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the keys under {@code errand}, and the files that they name. Reads files; one thread. */
record ErrandCheck(ErrandProperties properties, FaultPlaces places) {
    private static final int MOST_WITNESSES = 16;
    private static final Duration LONGEST_DRAIN = Duration.ofMinutes(10);

    /** Issuer, keys, trust, state, sinks and credentials. */
    void entries() {
        places.at("errand.issuer", () -> IssuerName.check(properties.issuer()));
        places.at("errand.trust-domain", properties::domain);
        places.at("errand.keys", this::keys);
        places.at("errand.operator.token", this::operator);
        new OperatorsCheck(properties, places::at).entries();
        new LoginCheck(properties, places::at).entries();
        places.twice("errand.operators", properties.operators().stream().map(OperatorProperties.Named::name));
        bodies(properties.bodies());
        lateBodies(properties.bodies().deadline(), properties.server().progress());
        if (properties.mode() == ErrandProperties.Mode.OBSERVE) {
            places.warn(
                    "errand.mode",
                    "observe mode: limits, budgets, sequence, rules and flow are decided and recorded, not enforced;"
                            + " write 'mode: enforce' to enforce them");
        }
        ErrandProperties.Trust trust = properties.trust();
        for (int i = 0; i < trust.humans().size(); i++) {
            ErrandProperties.HumanIssuer human = trust.humans().get(i);
            places.at("errand.trust.humans[" + i + "]", () -> human(human));
        }
        for (int i = 0; i < trust.workloads().size(); i++) {
            ErrandProperties.Workloads workloads = trust.workloads().get(i);
            places.at("errand.trust.workloads[" + i + "]", () -> {
                String domain = workloads.trustDomain();
                if (SpiffeId.parse("spiffe://" + domain)
                        .filter(id -> id.path().isEmpty())
                        .isEmpty()) {
                    throw ConfigurationException.of("'" + domain + "' is not the name of a trust domain");
                }
                if (!workloads.bundle().equals("workload-api")) {
                    KeyDocuments.bundle(properties, workloads).close();
                }
            });
        }
        for (int i = 0; i < trust.anchors().size(); i++) {
            ErrandProperties.Anchor anchor = trust.anchors().get(i);
            places.at("errand.trust.anchors[" + i + "]", () -> anchor(anchor));
        }
        places.twice("errand.trust.humans", trust.humans().stream().map(ErrandProperties.HumanIssuer::issuer));
        places.twice("errand.trust.workloads", trust.workloads().stream().map(ErrandProperties.Workloads::trustDomain));
        places.twice("errand.trust.anchors", trust.anchors().stream().map(ErrandProperties.Anchor::issuer));
        StoreCheck.check(properties, places::at);
        places.at(
                "errand.state.format",
                () -> TaskFormats.ALL.of(properties.state().format()));
        properties.server().check(places);
        places.at("errand.drain", () -> drain(properties.drain()));
        properties.decisionService().check(places, properties::file);
        places.at(
                "errand.provenance.retain", () -> retain(properties.provenance().retain()));
        places.at("errand.provenance.archive", () -> archive(properties.provenance()));
        String served = properties.dev().upstream();
        if (served != null) {
            places.at("errand.dev.upstream", () -> DevAddress.parse(served));
        }
        sinks();
        witnesses(properties.provenance().witnesses());
        properties.upstreams().forEach((name, upstream) -> {
            if (upstream.echo() == Echo.OFF) {
                places.warn(
                        "errand.upstreams." + name + ".echo",
                        "echo: off: an answer that repeats the gateway's credential gives it to the agent; write 'headers'"
                                + " if only bodies cannot be searched");
            }
            places.at("errand.upstreams." + name, () -> CredentialConfiguration.check(properties, name, upstream));
            places.at(
                    "errand.upstreams." + name + ".authorities",
                    () -> PemAuthorities.check(properties::file, upstream.authorities()));
            StsConfig sts = upstream.sts();
            places.at(
                    "errand.upstreams." + name + ".sts.authorities",
                    () -> PemAuthorities.check(properties::file, sts == null ? null : sts.authorities()));
            TokenExchangeConfig exchange = upstream.tokenExchange();
            places.at(
                    "errand.upstreams." + name + ".token-exchange.authorities",
                    () -> PemAuthorities.check(properties::file, exchange == null ? null : exchange.authorities()));
        });
    }

    /** The log must keep ended tasks until the last would have expired: a restart reads them there. */
    private void retain(@Nullable Duration retain) {
        Duration least = properties.trust().maxLifetime().plusMinutes(5);
        if (retain != null && !retain.isZero() && retain.compareTo(least) < 0) {
            throw ConfigurationException.of("'errand.provenance.retain' must be at least " + least.toMinutes()
                    + "m, 5 minutes more than errand.trust.max-lifetime: a gateway that starts learns from the log which"
                    + " tasks have ended");
        }
    }

    /** The archive must exist: else, if it is not mounted, segments would fill the disk under it. */
    private void archive(ErrandProperties.Provenance provenance) {
        if (provenance.archive() == null) {
            return;
        }
        if (provenance.retain() == null) {
            throw ConfigurationException.of("'errand.provenance.archive' gets the segments that"
                    + " 'errand.provenance.retain' removes: write retain, such as 90d");
        }
        Path archive = properties.file(provenance.archive()).toAbsolutePath().normalize();
        Path log = properties.file(provenance.directory()).toAbsolutePath().normalize();
        if (archive.startsWith(log)) {
            throw ConfigurationException.of(
                    "'errand.provenance.archive' is within the log: name a directory beside it");
        }
        if (!Files.isDirectory(archive) || !Files.isWritable(archive)) {
            throw ConfigurationException.of("'errand.provenance.archive' is " + provenance.archive()
                    + ", which is not a directory that the gateway can write: make it, or mount it");
        }
    }

    private static void drain(Duration drain) {
        if (drain.isNegative() || drain.compareTo(LONGEST_DRAIN) > 0) {
            throw ConfigurationException.of("'errand.drain' must be at most 10m, or 0 for no drain");
        }
    }

    /** Checks each key separately, so that its fault has its place. */
    private void bodies(ErrandProperties.Bodies bodies) {
        places.at("errand.bodies.deadline", () -> new BodyReader.Bounds(bodies.deadline(), 1, 1, 1));
        Duration good = BodyReader.Bounds.DEFAULT.deadline();
        places.at("errand.bodies.at-once", () -> new BodyReader.Bounds(good, bodies.atOnce(), 1, 1));
        places.at("errand.bodies.per-task", () -> new BodyReader.Bounds(good, 1, bodies.perTask(), 1));
        places.at("errand.bodies.per-human", () -> new BodyReader.Bounds(good, 1, 1, bodies.perHuman()));
    }

    /** A body that is late gets 400 at the deadline, or is cut by the progress bound: the shorter one acts. */
    private void lateBodies(Duration deadline, Duration progress) {
        if (!progress.isZero() && deadline.compareTo(progress) >= 0) {
            places.warn(
                    "errand.bodies.deadline",
                    "'errand.bodies.deadline' (" + deadline.toMillis()
                            + "ms) should be shorter than 'errand.server.progress' ("
                            + progress.toMillis() + "ms): else a body that stops is cut without the answer"
                            + " 400. Write a shorter deadline, or a longer progress");
        }
    }

    private void operator() {
        if (!properties.operator().token().startsWith("file:")) {
            throw ConfigurationException.of("must be 'file:' and a path: no secret stands in the configuration");
        }
    }

    private void sinks() {
        SinkFactory factory = new SinkFactory(properties);
        List<SinkProperties> sinks = properties.provenance().sinks();
        for (int i = 0; i < sinks.size(); i++) {
            SinkProperties sink = sinks.get(i);
            places.at(
                    "errand.provenance.sinks[" + i + "]",
                    () -> factory.sink(sink).close());
        }
        List<EventProperties.Receiver> receivers = properties.events().receivers();
        for (int i = 0; i < receivers.size(); i++) {
            EventProperties.Receiver receiver = receivers.get(i);
            places.at("errand.events.receivers[" + i + "]", () -> factory.receiver(receiver));
        }
        if (places.faults().isEmpty()) {
            places.at(
                    "errand.provenance.sinks",
                    () -> SinkFactory.distinct(
                            sinks.stream().map(SinkFactory::name).toList()));
            places.at(
                    "errand.events.receivers",
                    () -> SinkFactory.distinct(
                            receivers.stream().map(SinkFactory::name).toList()));
        }
    }

    private void witnesses(WitnessProperties witnesses) {
        String path = "errand.provenance.witnesses";
        List<WitnessProperties.Witness> list = witnesses.list();
        for (int i = 0; i < list.size(); i++) {
            WitnessProperties.Witness witness = list.get(i);
            places.at(path + ".list[" + i + "]", () -> SinkFactory.witness(witness));
        }
        if (list.size() > MOST_WITNESSES) {
            places.at(path + ".list", () -> {
                throw ConfigurationException.of("at most " + MOST_WITNESSES + " witnesses");
            });
        }
        places.at(path + ".interval", () -> {
            if (witnesses.interval().compareTo(Duration.ofSeconds(1)) < 0
                    || witnesses.interval().compareTo(Duration.ofHours(1)) > 0) {
                throw ConfigurationException.of("'" + path + ".interval' must be 1s to 1h");
            }
        });
        places.twice(path + ".list", list.stream().map(WitnessProperties.Witness::name));
        if (!list.isEmpty() && places.faults().isEmpty()) {
            places.at(
                    path + ".quorum",
                    () -> new WitnessQuorum(
                            list.stream()
                                    .map(one -> WitnessKey.parse(one.key()))
                                    .toList(),
                            witnesses.quorum()));
        }
    }

    private void human(ErrandProperties.HumanIssuer human) {
        TrustCompiler.check(human);
        EventsCheck.rules(properties, human);
        LiveDocument<JwkSet> keys = human.jwks() == null
                ? KeyDocuments.discovered(human.issuer())
                : KeyDocuments.jwks(properties, "errand.trust.humans", human.jwks());
        keys.close();
    }

    /** A cap that names no template would refuse every root. A template whose file has a fault is not missing. */
    void caps(Policies policies) {
        Set<String> known = policies.templates().keySet();
        boolean whole = places.faults().list().stream().noneMatch(f -> f.file().startsWith("tasks/"));
        for (int i = 0; i < properties.trust().anchors().size(); i++) {
            ErrandProperties.Anchor anchor = properties.trust().anchors().get(i);
            String path = "errand.trust.anchors[" + i + "].templates";
            for (String name : anchor.templates()) {
                Template template = policies.templates().get(name);
                if (template == null && whole) {
                    places.faults()
                            .add(
                                    places.yaml().at(path),
                                    "there is no template '" + name + "' in tasks/" + DidYouMean.hint(name, known));
                } else if (template != null) {
                    consents(path, anchor, template);
                }
            }
        }
    }

    /** Warns of a template that refuses every root of the anchor. */
    private void consents(String path, ErrandProperties.Anchor anchor, Template template) {
        if (template.admission().humans().consents()) {
            places.warn(
                    path,
                    "the template '" + template.name() + "' refuses every root of '" + anchor.issuer()
                            + "', as it has 'consent': cap the anchor by a template without it");
        }
    }

    private void anchor(ErrandProperties.Anchor anchor) {
        if (anchor.issuer().equals(properties.issuer())) {
            throw ConfigurationException.of(
                    "'" + anchor.issuer() + "' is errand.issuer: our own roots are trusted by errand.keys; remove it");
        }
        List<String> humans = anchor.humans();
        if (humans != null && humans.stream().allMatch(String::isBlank)) {
            throw ConfigurationException.of("humans names no identity provider: name those whose humans the anchor may"
                    + " speak for, or leave it out for '" + anchor.issuer() + "' alone");
        }
        Duration within = anchor.registerWithin();
        if (within != null && (within.isNegative() || within.isZero())) {
            throw ConfigurationException.of("register-within must be more than 0, such as 60s");
        }
        KeyDocuments.jwks(properties, "errand.trust.anchors", anchor.jwks()).close();
    }

    private void keys() {
        Path file = properties.file(properties.keys());
        boolean alone = properties.state().isEmbedded();
        if (alone && !Files.exists(file)) {
            return;
        }
        try {
            KeyRing.load(file);
        } catch (KeyFileException e) {
            throw ConfigurationException.of(String.valueOf(e.getMessage()));
        }
    }
}
