package atlas.control.trust;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.KeyUsed;
import atlas.core.AuditLog;
import atlas.identity.token.AtlasTokens;
import java.util.Optional;

/** The keys that sign tokens in a sealed file; every change of them is journaled first. */
public final class SealedTokenKeys implements AtlasTokens.Keeping {
    private final SealedPieces pieces;
    private final String piece;
    private final AuditLog journal;

    public SealedTokenKeys(SealedPieces pieces, String piece, AuditLog journal) {
        this.pieces = pieces;
        this.piece = piece;
        this.journal = journal;
    }

    @Override
    public Optional<byte[]> read() {
        return pieces.changing(piece);
    }

    @Override
    public void write(byte[] keys, String change, String keyId) {
        Actor tokens = Actor.system("tokens");
        journal.append(new KeyUsed(tokens, change, keyId, 1, "token-signing", ""));
        pieces.change(piece, keys);
    }
}
