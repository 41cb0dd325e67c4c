package atlas.watch;

/** Sixty-four bits in place of a text that must not be kept: the same for the same text. */
final class Fingerprints {
    private Fingerprints() {}

    /** FNV-1a with a final mix; never 0, which means that there is none. */
    static long of(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 32;
        hash *= 0xd6e8feb86659fd93L;
        hash ^= hash >>> 32;
        return hash == 0 ? 1 : hash;
    }
}
