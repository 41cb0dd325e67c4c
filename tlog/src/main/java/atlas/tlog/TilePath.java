package atlas.tlog;

/** Names of tiles and entry bundles as C2SP tlog-tiles spells them, relative to the log. */
public final class TilePath {
    /** Hashes in a full tile, and entries in a full bundle. */
    public static final int WIDTH = 256;

    private TilePath() {}

    /** The path of a hash tile; a full one when {@code width} is 256. */
    public static String tile(int level, long index, int width) {
        return "tile/" + level + "/" + number(index) + partial(width);
    }

    /** The path of an entry bundle; a full one when {@code width} is 256. */
    public static String entries(long index, int width) {
        return "tile/entries/" + number(index) + partial(width);
    }

    /** The path of a file of kept checkpoints, which is no part of tlog-tiles. */
    public static String checkpoints(long index) {
        return "checkpoints/" + number(index);
    }

    /** How many hashes tile {@code index} of {@code level} has in a tree of {@code size}. */
    public static int width(int level, long index, long size) {
        long hashes = (size >>> (8 * level)) - index * WIDTH;
        return (int) Math.max(0, Math.min(WIDTH, hashes));
    }

    private static String partial(int width) {
        if (width < 1 || width > WIDTH) {
            throw new IllegalArgumentException("a tile has 1 to 256 hashes, not " + width);
        }
        return width == WIDTH ? "" : ".p/" + width;
    }

    /** 1234067 is {@code x001/x234/067}. */
    private static String number(long index) {
        String path = group(index % 1000);
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            path = "x" + group(rest % 1000) + "/" + path;
        }
        return path;
    }

    private static String group(long value) {
        String digits = Long.toString(value);
        return "000".substring(digits.length()) + digits;
    }
}
