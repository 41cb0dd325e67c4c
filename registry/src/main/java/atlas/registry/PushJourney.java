package atlas.registry;

import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.OpenedObject;
import atlas.core.crypto.SealedObject;
import atlas.registry.RegistryRefusal.Cause;
import atlas.registry.StoredVersion.StoredFile;
import atlas.registry.oms.FileCheck;
import atlas.registry.oms.OmsManifest;
import atlas.registry.oms.OmsVerifier;
import atlas.registry.scan.ByteSource;
import atlas.registry.scan.ModelScanner;
import atlas.registry.scan.ScanReport.FileReport;
import atlas.registry.scan.ScanReport.Verdict;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * From a folder to sealed objects: each file is read once, and the bytes that are compared with the
 * manifest are the ones that are sealed; the sealed bytes are what the scanner then looks at.
 */
final class PushJourney {
    private static final int BUFFER_BYTES = 1 << 20;

    private final Store store;
    private final ObjectSealer sealer;
    private final String tenant;
    private final Path directory;
    private final OmsManifest manifest;
    private final ModelRef ref;
    private final Consumer<Progress> progress;
    private final List<StoredFile> stored = new ArrayList<>();
    private final Map<String, String> card = new LinkedHashMap<>();
    private final Set<String> needed = new HashSet<>();
    // Admitted only as the tensor data that another file of the model refers to.
    private final Map<String, RegistryRefusal> perhapsData = new LinkedHashMap<>();
    private long doneBytes;
    private long totalBytes;

    PushJourney(Store store, ObjectSealer sealer, String tenant, Upload upload, ModelRef ref) {
        this.store = store;
        this.sealer = sealer;
        this.tenant = tenant;
        this.directory = upload.directory();
        this.manifest = upload.manifest();
        this.progress = upload.progress();
        this.totalBytes = upload.totalBytes();
        this.ref = ref;
    }

    /** A folder whose names were compared with a manifest that a trusted signer signed. */
    record Upload(
            Path directory, OmsManifest manifest, long totalBytes, Consumer<Progress> progress) {

        static Upload inspect(
                Path directory,
                String name,
                OmsManifest manifest,
                int maxFiles,
                Consumer<Progress> progress) {
            if (manifest.files().size() > maxFiles) {
                throw new RegistryRefusal(
                        Cause.QUOTA,
                        "`" + name + "` has more than " + maxFiles + " files; raise the limit");
            }
            if (!Files.isDirectory(directory)) {
                throw new RegistryRefusal(
                        Cause.INVALID, "`" + directory + "` is not a folder; push a signed folder");
            }
            try {
                Optional<String> difference = OmsVerifier.compareNames(directory, manifest);
                if (difference.isPresent()) {
                    throw new RegistryRefusal(
                            Cause.SIGNATURE, "`" + name + "` is refused: " + difference.get());
                }
                long total = 0;
                for (String file : manifest.files()) {
                    total += Files.size(directory.resolve(file));
                }
                return new Upload(directory, manifest, total, progress);
            } catch (IOException e) {
                throw new RegistryException("cannot read `" + directory + "`", e);
            }
        }
    }

    /** Seals, verifies and scans every file; on any refusal nothing stays behind. */
    void run() {
        try {
            for (String file : manifest.files()) {
                stored.add(file(file));
            }
            for (Map.Entry<String, RegistryRefusal> refused : perhapsData.entrySet()) {
                if (!needed.contains(refused.getKey())) {
                    throw refused.getValue();
                }
            }
        } catch (IOException e) {
            discard();
            throw new RegistryException("cannot store `" + ref + "`: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            discard();
            throw e;
        }
    }

    List<StoredFile> stored() {
        return stored;
    }

    Map<String, String> card() {
        return card;
    }

    /** Removes the objects of a push that did not come to its end. */
    void discard() {
        stored.forEach(file -> store.discardObject(file.object()));
        stored.clear();
    }

    private StoredFile file(String file) throws IOException {
        Path part = store.newPart();
        try {
            ObjectContext context = context(tenant, ref, manifest.rootDigest(), file);
            SealedObject sealed = seal(file, context, part);
            scan(file, context, part);
            store.keep(part, sealed.ciphertext());
            return new StoredFile(
                    new FileRecord(file, sealed.plaintextBytes(), sealed.plaintext()),
                    sealed.ciphertext(),
                    sealed.ciphertextBytes());
        } catch (IOException | RuntimeException e) {
            store.discard(part);
            throw e;
        }
    }

    static ObjectContext context(String tenant, ModelRef ref, Digest root, String file) {
        return new ObjectContext(tenant, "weights", ref.name(), ref.version(), root, file);
    }

    private SealedObject seal(String file, ObjectContext context, Path part) throws IOException {
        Path source = OmsVerifier.path(directory, file);
        FileCheck check = manifest.check(file);
        long size = Files.size(source);
        SealedObject sealed;
        try (InputStream in = Files.newInputStream(source, LinkOption.NOFOLLOW_LINKS);
                FileChannel channel = store.create(part);
                OutputStream out =
                        new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES)) {
            long before = doneBytes;
            CheckedInput checked =
                    new CheckedInput(in, check, size, read -> report(file, before + read));
            sealed = sealer.seal(context, checked, out);
            out.flush();
            channel.force(true);
        }
        doneBytes += sealed.plaintextBytes();
        Optional<String> problem = check.finish();
        if (problem.isPresent()) {
            throw new RegistryRefusal(
                    Cause.SIGNATURE, "`" + ref + "` is refused: `" + file + "`: " + problem.get());
        }
        return sealed;
    }

    private void report(String file, long done) {
        progress.accept(new Progress(file, done, totalBytes));
    }

    private void scan(String file, ObjectContext context, Path part) throws IOException {
        FileReport report;
        try (OpenedObject opened = sealer.open(context, part)) {
            report = ModelScanner.scan(file, new SealedSource(opened));
        }
        if (report.verdict() == Verdict.REFUSE) {
            String why =
                    report.findings().isEmpty() ? "" : ": " + report.findings().getFirst().what();
            RegistryRefusal refusal =
                    new RegistryRefusal(
                            Cause.CONTENT,
                            "`" + ref + "` is refused: `" + file + "` is " + report.format() + why);
            if (!report.mayBeData()) {
                throw refusal;
            }
            perhapsData.put(file, refusal);
        }
        for (String reference : report.needed()) {
            if (!manifest.files().contains(reference)) {
                throw new RegistryRefusal(
                        Cause.CONTENT,
                        "`" + ref + "` is refused: `" + file + "` needs a file that is not signed");
            }
        }
        needed.addAll(report.needed());
        report.about().forEach(card::putIfAbsent);
    }

    /** A sealed object as the scanner reads it. */
    private record SealedSource(OpenedObject opened) implements ByteSource {
        @Override
        public long length() {
            return opened.length();
        }

        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            opened.read(position, target);
        }
    }
}
