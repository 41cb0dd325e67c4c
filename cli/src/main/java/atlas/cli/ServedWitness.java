package atlas.cli;

import atlas.control.TrustRootException;
import atlas.control.WitnessConfig;
import atlas.control.WitnessHome;
import atlas.control.WitnessProcess;
import atlas.runtime.Lifecycle;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.Consumer;

/** A witness alone: its keys, its ledger and two pages. */
final class ServedWitness implements Served {
    private final Lifecycle parts;
    private final WitnessProcess witness;

    private ServedWitness(Lifecycle parts, WitnessProcess witness) {
        this.parts = parts;
        this.witness = witness;
    }

    static ServedWitness start(Path home, Settings settings, Clock clock, Consumer<String> say) {
        WitnessConfig config =
                settings.section("witness", WitnessConfig.class, WitnessConfig.defaults());
        Lifecycle parts = new Lifecycle();
        boolean started = false;
        try {
            WitnessHome opened =
                    parts.own(
                            WitnessHome.open(
                                    home, config, Installation.keeping(settings).vault(), clock));
            WitnessProcess witness = parts.own(WitnessProcess.start(opened));
            opened.verifierKeys().forEach(key -> say.accept("atlas: cosigns with " + key));
            if (config.logs().isEmpty()) {
                say.accept("atlas: knows no log yet; give their verifier keys in `witness.logs`");
            }
            started = true;
            return new ServedWitness(parts, witness);
        } catch (TrustRootException e) {
            throw Stop.unknown(String.valueOf(e.getMessage()));
        } finally {
            if (!started) {
                parts.close();
            }
        }
    }

    @Override
    public Map<String, URI> listening() {
        return Map.of("witness", UpCommand.address(witness.address().getPort()));
    }

    @Override
    public void close() {
        parts.close();
    }
}
