package atlas.cli;

import atlas.core.Sensitive;
import atlas.core.json.AuditJson;
import atlas.export.Export;
import atlas.export.format.ExportContent;
import atlas.export.format.ExportFormat;
import atlas.export.send.Destination;
import atlas.export.send.TlsPins;
import atlas.journal.ExporterSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Destinations as configuration or options name them, with their certificates read. */
final class ExportTargets {
    private ExportTargets() {}

    /** Files that tell who the receiver is, and who we are there. */
    record Files(Optional<Path> trust, Optional<Path> certificate, Optional<Path> key) {}

    /** The exporters of a configuration; what does not hold is a usage error that names it. */
    static List<Export> of(List<ExporterSettings> exporters) {
        return exporters.stream().map(ExportTargets::export).toList();
    }

    private static Export export(ExporterSettings given) {
        ExportFormat format = ExportFormat.valueOf(given.formatOrUsual().name());
        try {
            return new Export(
                    given.name(),
                    destination(
                            given.to(),
                            format,
                            new Files(given.trust(), given.certificate(), given.key()),
                            given.token()),
                    format,
                    ExportContent.valueOf(given.contentOrUsual().name()),
                    kinds(given.kinds()));
        } catch (IllegalArgumentException e) {
            throw Stop.usage(
                    "`journal.exporters`, `"
                            + given.name()
                            + "`: "
                            + String.valueOf(e.getMessage()));
        }
    }

    // A kind that does not exist would be an exporter that says nothing, and nobody the wiser.
    private static Set<String> kinds(Set<String> kinds) {
        for (String kind : kinds) {
            if (!AuditJson.KINDS.contains(kind)) {
                throw new IllegalArgumentException(
                        "`kinds`: there is no fact `%s`; there are %s"
                                .formatted(
                                        kind, String.join(", ", new TreeSet<>(AuditJson.KINDS))));
            }
        }
        return kinds;
    }

    /**
     * One destination.
     *
     * @throws IllegalArgumentException when it is none, or its files do not go with it
     */
    static Destination destination(
            String to, ExportFormat format, Files files, Optional<Sensitive<String>> token) {
        if (files.certificate().isPresent() != files.key().isPresent()) {
            throw new IllegalArgumentException("`certificate` and `key` go together");
        }
        Optional<TlsPins> pins =
                files.trust()
                        .map(trust ->
                                TlsPins.of(
                                        Pem.certificates(trust),
                                        files.certificate()
                                                .map(chain ->
                                                        new TlsPins.Identity(
                                                                Pem.tlsKey(
                                                                        files.key().orElseThrow()),
                                                                Pem.certificates(chain)))));
        if (pins.isEmpty() && files.certificate().isPresent()) {
            throw new IllegalArgumentException("`certificate` needs `trust`");
        }
        return Destination.parse(to, new Destination.Means(format.mediaType(), pins, token));
    }
}
