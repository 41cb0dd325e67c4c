package atlas.registry.oms;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies OpenSSF Model Signing v1.0 bundles, in the order that fails closed: form, trust,
 * signature, statement, names, root digest, and then the files themselves, both ways.
 *
 * <p>Stricter than the reference: no older forms of statement, one signature, no links, a
 * certificate valid now and for code signing, and no folder the signer left out. Thread-safe.
 */
public final class OmsVerifier {
    /** Endings of names an empty, unlisted file may have: none that a program would pick up. */
    private static final Set<String> INERT =
            Set.of("bin", "dat", "gguf", "json", "jsonl", "md", "onnx", "safetensors", "txt");

    private static final int BUFFER_BYTES = 1 << 18;

    private OmsVerifier() {}

    /** The outcome of looking at a bundle alone. */
    public sealed interface Authentication {
        /** A trusted signer made it. */
        record Authentic(OmsManifest manifest) implements Authentication {}

        /** It was read, and it does not hold. */
        record NotAuthentic(String reason) implements Authentication {}

        /** Nothing can be said. */
        record Unreadable(String why) implements Authentication {}
    }

    /** Checks who signed a bundle and what it says; touches no model file. */
    public static Authentication authenticate(byte[] bundle, TrustPolicy policy) {
        try {
            if (LoggedBundle.is(bundle)) {
                return new Authentication.Authentic(LoggedBundle.manifest(bundle, policy));
            }
            OmsBundle parsed = OmsBundle.parse(bundle);
            if (!parsed.payloadType().equals(OmsStatement.PAYLOAD_TYPE)) {
                throw new Refused("the payloadType is not `" + OmsStatement.PAYLOAD_TYPE + "`");
            }
            OmsTrust.Signer signer = new OmsTrust(policy).signer(parsed);
            OmsTrust.requireSignature(parsed, signer.key());
            return new Authentication.Authentic(
                    new OmsManifest(
                            OmsStatement.parse(parsed.payload()),
                            new OmsManifest.By(signer.name(), signer.validUntil())));
        } catch (Refused e) {
            return new Authentication.NotAuthentic(e.reason());
        }
    }

    /** Checks a bundle against a folder or a single file; blocks while it reads them. */
    public static OmsVerification verify(Path model, byte[] bundle, TrustPolicy policy) {
        return switch (authenticate(bundle, policy)) {
            case Authentication.Authentic(OmsManifest manifest) ->
                    verifyFiles(onlyFile(model, manifest), manifest);
            case Authentication.NotAuthentic(String reason) ->
                    new OmsVerification.NotVerified(reason);
            case Authentication.Unreadable(String why) -> new OmsVerification.Unreadable(why);
        };
    }

    private static OmsVerification verifyFiles(Path model, OmsManifest manifest) {
        try {
            Optional<String> difference = compareNames(model, manifest);
            if (difference.isPresent()) {
                return new OmsVerification.NotVerified(difference.get());
            }
            for (String file : manifest.files()) {
                FileCheck check = manifest.check(file);
                feed(path(model, file), check);
                Optional<String> problem = check.finish();
                if (problem.isPresent()) {
                    return new OmsVerification.NotVerified(
                            "`" + OmsStatement.shown(file) + "`: " + problem.get());
                }
            }
            return new OmsVerification.Verified(
                    manifest.rootDigest(), manifest.signer(), manifest.files());
        } catch (IOException e) {
            return new OmsVerification.Unreadable("cannot read the model: " + e.getMessage());
        }
    }

    /** The file itself, when a folder holds nothing but the one file that was signed as a model. */
    private static Path onlyFile(Path model, OmsManifest manifest) {
        Path file = model.resolve(manifest.subject());
        String[] names = manifest.singleFile() ? model.toFile().list() : null;
        boolean only = names != null && names.length == 1 && names[0].equals(manifest.subject());
        return only && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? file : model;
    }

    /** The path of a file the manifest names. */
    public static Path path(Path model, String file) {
        if (Files.isDirectory(model)) {
            return model.resolve(file);
        }
        return model;
    }

    private static void feed(Path file, FileCheck check) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                check.update(ByteBuffer.wrap(buffer, 0, n));
            }
        }
    }

    /**
     * Whether a folder holds the manifest's files and no others. Returns the first difference;
     * empty when there is none.
     */
    public static Optional<String> compareNames(Path model, OmsManifest manifest)
            throws IOException {
        if (!Files.isDirectory(model)) {
            return compareSingle(model, manifest);
        }
        if (manifest.singleFile()) {
            return Optional.of("the manifest is of a single file, not of a folder");
        }
        ModelTree tree;
        try {
            tree = ModelTree.walk(model);
        } catch (Refused e) {
            return Optional.of(e.reason());
        }
        for (String file : manifest.files()) {
            if (!tree.files().containsKey(file)) {
                return Optional.of("`" + OmsStatement.shown(file) + "` is signed but missing");
            }
        }
        Set<String> listed = Set.copyOf(manifest.files());
        for (String directory : tree.directories()) {
            if (manifest.ignored().contains(directory)) {
                return Optional.of(
                        "the folder `"
                                + OmsStatement.shown(directory)
                                + "` was left out by the signer");
            }
        }
        return tree.files().entrySet().stream()
                .filter(file -> !listed.contains(file.getKey()))
                .filter(file -> !manifest.ignored().contains(file.getKey()))
                .filter(file -> !inertAndEmpty(manifest, file.getKey(), file.getValue()))
                .findFirst()
                .map(file -> "`" + OmsStatement.shown(file.getKey()) + "` is not signed");
    }

    // Shards cannot name an empty file; one that no program would pick up changes nothing.
    private static boolean inertAndEmpty(OmsManifest manifest, String file, long bytes) {
        String ending = file.substring(file.lastIndexOf('.') + 1);
        return manifest.sharded() && bytes == 0 && INERT.contains(ending);
    }

    private static Optional<String> compareSingle(Path model, OmsManifest manifest) {
        if (!Files.isRegularFile(model, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of("the model is neither a folder nor a regular file");
        }
        String name = String.valueOf(model.getFileName());
        if (manifest.singleFile() || manifest.files().equals(List.of(name))) {
            return Optional.empty();
        }
        return Optional.of("the manifest is not of the single file `" + name + "`");
    }
}
