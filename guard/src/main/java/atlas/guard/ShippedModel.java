package atlas.guard;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.guard.model.Dense;
import atlas.guard.model.ModelFile;
import atlas.guard.signature.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The classifier in the jar; it is used only when its digest is the pinned one. */
record ShippedModel(ModelFile file, Digest digest) {
    private static final String MODEL = "guard-model.bin";
    private static final String PIN = "guard-model.sha256";

    static ShippedModel load(Signatures signatures) {
        Digest pinned = Digest.parse(new String(resource(PIN), StandardCharsets.US_ASCII).strip());
        return open(resource(MODEL), pinned, signatures);
    }

    /** Opens a model whose bytes have this digest, and no other. */
    static ShippedModel open(byte[] bytes, Digest pinned, Signatures signatures) {
        Digest actual = Hashes.sha256(bytes);
        if (!actual.equals(pinned)) {
            throw new GuardException(
                    "the guard model has digest `"
                            + actual
                            + "` and not the pinned one; restore the file or install again");
        }
        try {
            return new ShippedModel(ModelFile.decode(bytes, Dense.count(signatures)), actual);
        } catch (IOException e) {
            throw new GuardException("the guard model cannot be read; train it again", e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = ShippedModel.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new GuardException(
                        "the guard model `" + name + "` is missing from this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new GuardException("the guard model `" + name + "` cannot be read", e);
        }
    }
}
