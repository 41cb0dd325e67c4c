package atlas.control.trust;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import java.util.Optional;

/**
 * One sealed file that its owner replaces from time to time, such as keys that are turned over;
 * bound to its place, so that no other sealed file can stand in for it.
 */
public final class SealedFile {
    private final HomeDirectory home;
    private final Sealer sealer;
    private final String name;

    public SealedFile(HomeDirectory home, Sealer sealer, String name) {
        this.home = home;
        this.sealer = sealer;
        this.name = name;
    }

    /**
     * What it holds; empty when it was never written.
     *
     * @throws PieceException when it was altered or comes from elsewhere
     */
    public Optional<byte[]> read() {
        try {
            return home.read(name).map(sealed -> sealer.open(sealed, SealedPieces.place(name)));
        } catch (SealBrokenException e) {
            throw altered(home, name, e);
        }
    }

    /** Replaces what it holds, all of it or nothing. */
    public void write(byte[] secret) {
        home.write(name, sealer.seal(secret, SealedPieces.place(name)));
    }

    static PieceException altered(HomeDirectory home, String file, SealBrokenException e) {
        return new PieceException(
                "`"
                        + home.path(file)
                        + "` does not open with this home's keys: it was altered"
                        + " or comes from another home; restore the whole home from one backup",
                e);
    }
}
