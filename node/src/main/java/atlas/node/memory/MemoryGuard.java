package atlas.node.memory;

import java.lang.foreign.MemorySegment;

/** Asks the operating system to keep plaintext out of swap and core dumps, as far as it will. */
public final class MemoryGuard {
    private static final long PAGE = 4096;
    private static final int MADV_DONTDUMP = 16;
    private static final int PR_SET_DUMPABLE = 4;

    private MemoryGuard() {}

    /**
     * What was achieved for a piece of memory.
     *
     * @param locked it will not be swapped out
     * @param undumped it will not be in a core dump
     */
    public record Protection(boolean locked, boolean undumped) {}

    /** Protects the pages of a segment; asks for less when it is on the heap. */
    public static Protection protect(MemorySegment segment) {
        if (!segment.isNative() || segment.byteSize() == 0 || !LibC.usable()) {
            return new Protection(false, false);
        }
        long start = segment.address() / PAGE * PAGE;
        long end = Math.ceilDiv(segment.address() + segment.byteSize(), PAGE) * PAGE;
        MemorySegment pages = MemorySegment.ofAddress(start);
        boolean locked = LibC.mlock(pages, end - start);
        return new Protection(locked, LibC.madvise(pages, end - start, MADV_DONTDUMP));
    }

    /** Makes the whole process undumpable and closed to tracing by its own user. */
    public static boolean sealProcess() {
        return LibC.usable() && LibC.prctl(PR_SET_DUMPABLE, 0);
    }
}
