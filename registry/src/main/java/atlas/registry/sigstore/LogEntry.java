package atlas.registry.sigstore;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.Proofs;
import atlas.tlog.SignedNote;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a transparency log says about a signature, and its proof.
 *
 * @param time when the log says it took the entry; logs of the second generation do not say
 */
record LogEntry(
        byte[] logId,
        long index,
        String kind,
        String version,
        Optional<Instant> time,
        Optional<byte[]> promise,
        Optional<Inclusion> inclusion,
        byte[] body) {
    private static final byte[] LEAF = {0};

    /** An inclusion proof and the checkpoint it leads to. */
    record Inclusion(
            long index, long size, byte[] root, List<byte[]> hashes, Optional<String> checkpoint) {}

    static LogEntry parse(Fields entry) throws Unproven {
        entry.only(
                "logIndex",
                "logId",
                "kindVersion",
                "integratedTime",
                "inclusionPromise",
                "inclusionProof",
                "canonicalizedBody");
        Fields kind = entry.object("kindVersion").only("kind", "version");
        long seconds = entry.has("integratedTime") ? entry.number("integratedTime") : 0;
        return new LogEntry(
                entry.object("logId").only("keyId").base64("keyId"),
                entry.has("logIndex") ? entry.number("logIndex") : 0,
                kind.text("kind"),
                kind.text("version"),
                seconds == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds)),
                entry.has("inclusionPromise")
                        ? Optional.of(
                                entry.object("inclusionPromise")
                                        .only("signedEntryTimestamp")
                                        .base64("signedEntryTimestamp"))
                        : Optional.empty(),
                entry.has("inclusionProof")
                        ? Optional.of(inclusion(entry.object("inclusionProof")))
                        : Optional.empty(),
                entry.base64("canonicalizedBody"));
    }

    private static Inclusion inclusion(Fields proof) throws Unproven {
        proof.only("logIndex", "rootHash", "treeSize", "hashes", "checkpoint");
        return new Inclusion(
                proof.has("logIndex") ? proof.number("logIndex") : 0,
                proof.number("treeSize"),
                proof.base64("rootHash"),
                proof.base64s("hashes", 64),
                proof.has("checkpoint")
                        ? Optional.of(proof.object("checkpoint").only("envelope").text("envelope"))
                        : Optional.empty());
    }

    /**
     * Checks everything the entry brings along, and that it brings what its bundle's version
     * demands. Gives the time the log vouches for, if it vouches for one; a log that does not must
     * have been valid at the times others vouch for.
     */
    Optional<Instant> proven(TrustedRoot root, int bundleVersion, List<Instant> stamped)
            throws Unproven {
        if (bundleVersion == 1 && promise.isEmpty()) {
            throw new Unproven("a bundle of v0.1 has an inclusion promise");
        }
        if (bundleVersion > 1 && inclusion.flatMap(Inclusion::checkpoint).isEmpty()) {
            throw new Unproven("the log entry has no inclusion proof with a checkpoint");
        }
        List<TrustedRoot.Log> logs =
                root.logs().stream().filter(log -> MessageDigest.isEqual(log.id(), logId)).toList();
        Unproven why = new Unproven("the log entry is of a log the trusted root does not name");
        for (TrustedRoot.Log log : logs) {
            try {
                return proven(log, stamped);
            } catch (Unproven e) {
                why = e;
            }
        }
        throw why;
    }

    private Optional<Instant> proven(TrustedRoot.Log log, List<Instant> stamped) throws Unproven {
        if (inclusion.isPresent()) {
            requireIncluded(log, inclusion.get());
        }
        if (promise.isEmpty()) {
            if (!stamped.stream().allMatch(log.validity()::covers)) {
                throw new Unproven("the log's key was not valid when the signature was made");
            }
            return Optional.empty();
        }
        Instant promised = time.orElseThrow(() -> new Unproven("an inclusion promise has a time"));
        if (!log.validity().covers(promised)) {
            throw new Unproven("the log's key was not valid when it took the entry");
        }
        if (!Checks.verifies(log.key(), promised(promised), promise.get())) {
            throw new Unproven("the log's inclusion promise does not hold");
        }
        return Optional.of(promised);
    }

    // RFC 8785 of the entry's four fields, as the log signed them.
    private byte[] promised(Instant at) {
        return ("{\"body\":\""
                        + Base64.getEncoder().encodeToString(body)
                        + "\",\"integratedTime\":"
                        + at.getEpochSecond()
                        + ",\"logID\":\""
                        + HexFormat.of().formatHex(logId)
                        + "\",\"logIndex\":"
                        + index
                        + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void requireIncluded(TrustedRoot.Log log, Inclusion proof) throws Unproven {
        MessageDigest sha256 = Hashes.sha256();
        sha256.update(LEAF);
        Digest leaf = Digest.of(sha256.digest(body));
        List<Digest> hashes = new ArrayList<>();
        for (byte[] hash : proof.hashes()) {
            hashes.add(digest(hash));
        }
        Digest root = digest(proof.root());
        if (!Proofs.included(proof.index(), proof.size(), leaf, hashes, root)) {
            throw new Unproven("the entry is not in the log's tree: its inclusion proof is wrong");
        }
        if (proof.checkpoint().isPresent()) {
            requireCheckpoint(log, proof.checkpoint().get(), proof.size(), root);
        }
    }

    private static Digest digest(byte[] hash) throws Unproven {
        if (hash.length != Digest.BYTES) {
            throw new Unproven("a hash of the inclusion proof is not one of SHA-256");
        }
        return Digest.of(hash);
    }

    private static void requireCheckpoint(TrustedRoot.Log log, String note, long size, Digest root)
            throws Unproven {
        try {
            SignedNote signed = SignedNote.parse(note.getBytes(StandardCharsets.UTF_8));
            CheckpointText text = CheckpointText.parse(signed.text());
            if (text.size() != size || !text.root().equals(root)) {
                throw new Unproven("the checkpoint is of another tree than the inclusion proof");
            }
            byte[] id = Arrays.copyOf(log.checkpointId(), 4);
            byte[] message = signed.text().getBytes(StandardCharsets.UTF_8);
            for (SignedNote.Line line : signed.lines()) {
                byte[] bytes = line.signature();
                boolean itsOwn =
                        text.origin().equals(line.name())
                                || text.origin().startsWith(line.name() + " - ");
                if (itsOwn
                        && Arrays.equals(bytes, 0, 4, id, 0, 4)
                        && Checks.verifies(
                                log.key(), message, Arrays.copyOfRange(bytes, 4, bytes.length))) {
                    return;
                }
            }
        } catch (MalformedException e) {
            throw new Unproven("the checkpoint is malformed: " + e.getMessage());
        }
        throw new Unproven("the checkpoint is not signed by the log");
    }
}
