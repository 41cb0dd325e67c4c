package atlas.control.trust;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Secrets in sealed files: made once, at first start, and only ever read after that.
 *
 * <p>A piece that is missing once the installation is established, or that does not open, is a
 * {@link PieceException}: making it anew would cut off everything it vouched for.
 */
public final class SealedPieces {
    private final HomeDirectory home;
    private final Sealer sealer;
    private final boolean established;
    private final List<String> made = new ArrayList<>();
    private final List<String> found = new ArrayList<>();

    public SealedPieces(HomeDirectory home, Sealer sealer, boolean established) {
        this.home = home;
        this.sealer = sealer;
        this.established = established;
    }

    /** The secret in a file, sealed by this class; {@code fresh} makes it at first start. */
    public byte[] secret(String file, Supplier<byte[]> fresh) {
        byte[] place = place(file);
        return opened(
                file, () -> sealer.seal(fresh.get(), place), sealed -> sealer.open(sealed, place));
    }

    /**
     * What a file holds that is written anew from time to time; empty when it was never written.
     */
    public Optional<byte[]> changing(String file) {
        return home.has(file) ? Optional.of(secret(file, () -> new byte[0])) : Optional.empty();
    }

    /** Writes such a file, in place of what it held; durable when this returns. */
    public void change(String file, byte[] secret) {
        home.write(file, sealer.seal(secret, place(file)));
    }

    /** A piece that seals and opens itself; {@code fresh} gives its sealed form. */
    public <T> T opened(String file, Supplier<byte[]> fresh, Function<byte[], T> open) {
        Optional<byte[]> sealed = home.read(file);
        if (sealed.isEmpty()) {
            require(file);
            home.write(file, fresh.get());
            made.add(file);
            sealed = home.read(file);
        } else {
            found.add(file);
        }
        try {
            return open.apply(sealed.orElseThrow());
        } catch (SealBrokenException e) {
            throw SealedFile.altered(home, file, e);
        }
    }

    /** Refuses when a piece of an established installation is not there. */
    public void require(String file) {
        if (established && !home.has(file)) {
            throw new PieceException(
                    "`"
                            + home.path(file)
                            + "` is missing; restore it from a backup of this home,"
                            + " or start a new installation in another directory with --home",
                    null);
        }
    }

    /** Files made by this start. */
    public List<String> made() {
        return List.copyOf(made);
    }

    /** Files an earlier start had made. */
    public List<String> found() {
        return List.copyOf(found);
    }

    /** A fresh secret of 256 bits, for a piece that is nothing else. */
    public static byte[] random() {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        return secret;
    }

    static byte[] place(String file) {
        return ("atlas trust root\n" + file).getBytes(StandardCharsets.UTF_8);
    }
}
