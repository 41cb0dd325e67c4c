package atlas.registry.scan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Looks into a ZIP archive to say which format it is and what in it is dangerous. Archives are not
 * admitted; this only names the reason, so it reads a bounded part of each member.
 */
final class ZipReader {
    private static final int END_BYTES = 22;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int MAX_COMMENT = 65_535;
    private static final int MAX_MEMBERS = 4096;
    private static final int MAX_LOOKED_AT = 64;
    private static final int MAX_MEMBER_BYTES = 1 << 20;
    private static final int MAX_UNPACKED_BYTES = 4 << 20;
    private static final int MAX_RATIO = 100;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;

    private final ByteSource source;
    private final Examination out;
    private int budget = MAX_UNPACKED_BYTES;

    private record Member(
            String name, int flags, int method, long packed, long size, long crc, long local) {}

    private ZipReader(ByteSource source, Examination out) {
        this.source = source;
        this.out = out;
    }

    /** Adds what is wrong with the archive to the findings and gives the name of its format. */
    static String explain(ByteSource source, Examination out) throws IOException {
        ZipReader reader = new ZipReader(source, out);
        try {
            List<Member> members = reader.directory();
            reader.names(members);
            for (Member member : members.subList(0, Math.min(members.size(), MAX_LOOKED_AT))) {
                reader.member(member);
            }
            return format(members);
        } catch (Malformed e) {
            out.refuse("the archive is malformed: " + e.what(), e.offset());
            return "zip";
        }
    }

    private ByteBuffer at(long position, int bytes) throws IOException, Malformed {
        if (position < 0 || position > source.length() - bytes) {
            throw new Malformed("a part of it lies outside of the file", Math.max(0, position));
        }
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        source.read(position, buffer);
        return buffer.flip();
    }

    private List<Member> directory() throws IOException, Malformed {
        int tail = (int) Math.min(source.length(), END_BYTES + MAX_COMMENT);
        long tailStart = source.length() - tail;
        ByteBuffer last = at(tailStart, tail);
        int end = -1;
        for (int i = tail - END_BYTES; i >= 0; i--) {
            if (last.getInt(i) == 0x06054b50) {
                if (end >= 0) {
                    throw new Malformed("it has more than one end", tailStart + i);
                }
                end = i;
            }
        }
        if (end < 0) {
            throw new Malformed("it has no end", tailStart);
        }
        int comment = Short.toUnsignedInt(last.getShort(end + 20));
        if (end + END_BYTES + comment != tail || comment > 0) {
            out.refuse("bytes follow the archive's end", tailStart + end + END_BYTES);
        }
        int count = Short.toUnsignedInt(last.getShort(end + 10));
        long size = Integer.toUnsignedLong(last.getInt(end + 12));
        long start = Integer.toUnsignedLong(last.getInt(end + 16));
        if (start + size != tailStart + end) {
            throw new Malformed("its directory is not where its end says", tailStart + end);
        }
        return members(start, start + size, count);
    }

    private List<Member> members(long start, long end, int count) throws IOException, Malformed {
        List<Member> members = new ArrayList<>();
        long at = start;
        while (at < end) {
            ByteBuffer entry = at(at, CENTRAL_BYTES);
            if (entry.getInt(0) != 0x02014b50 || members.size() >= MAX_MEMBERS) {
                throw new Malformed("its directory is broken, or too long", at);
            }
            int name = Short.toUnsignedInt(entry.getShort(28));
            int extra = Short.toUnsignedInt(entry.getShort(30));
            int comment = Short.toUnsignedInt(entry.getShort(32));
            members.add(
                    new Member(
                            text(at(at + CENTRAL_BYTES, name)),
                            entry.getShort(8),
                            entry.getShort(10),
                            Integer.toUnsignedLong(entry.getInt(20)),
                            Integer.toUnsignedLong(entry.getInt(24)),
                            entry.getInt(16),
                            Integer.toUnsignedLong(entry.getInt(42))));
            at += CENTRAL_BYTES + name + extra + comment;
        }
        if (at != end || members.size() != count) {
            throw new Malformed("its directory and its end do not agree", start);
        }
        return members;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private void names(List<Member> members) {
        Set<String> seen = new HashSet<>();
        for (Member member : members) {
            String name = member.name();
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                out.refuse("two members have one name", member.local());
            }
            String bare = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
            if (!FileNames.isReference(bare)) {
                out.refuse("a member's name leads elsewhere", member.local());
            }
        }
    }

    private void member(Member member) throws IOException, Malformed {
        ByteBuffer local = at(member.local(), LOCAL_BYTES);
        int name = Short.toUnsignedInt(local.getShort(26));
        long data = member.local() + LOCAL_BYTES + name + Short.toUnsignedInt(local.getShort(28));
        boolean streamed = (member.flags() & 8) != 0;
        if (local.getInt(0) != 0x04034b50
                || !text(at(member.local() + LOCAL_BYTES, name)).equals(member.name())
                || local.getShort(6) != member.flags()
                || local.getShort(8) != member.method()
                || (!streamed && local.getInt(14) != (int) member.crc())
                || (!streamed && Integer.toUnsignedLong(local.getInt(18)) != member.packed())
                || (!streamed && Integer.toUnsignedLong(local.getInt(22)) != member.size())) {
            out.refuse("a member differs from what the directory says of it", member.local());
        }
        if ((member.flags() & 1) != 0) {
            out.refuse("a member is encrypted", member.local());
            return;
        }
        if (member.method() != STORED && member.method() != DEFLATED) {
            out.refuse("a member is packed in an unusual way", member.local());
            return;
        }
        if (member.size() / MAX_RATIO > member.packed()) {
            out.refuse("a member unpacks to more than " + MAX_RATIO + " times itself", data);
        }
        content(member, unpacked(member, data), data);
    }

    private byte[] unpacked(Member member, long data) throws IOException, Malformed {
        int most = Math.min(MAX_MEMBER_BYTES, budget);
        byte[] packed = at(data, (int) Math.min(member.packed(), most)).array();
        budget -= packed.length;
        if (member.method() == STORED) {
            return packed;
        }
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(packed);
            byte[] bytes = new byte[(int) Math.min(member.size(), Math.min(most, budget))];
            budget -= bytes.length;
            int length = 0;
            for (int n = inflater.inflate(bytes); n > 0 && length < bytes.length; ) {
                length += n;
                n = inflater.inflate(bytes, length, bytes.length - length);
            }
            return Arrays.copyOf(bytes, length);
        } catch (DataFormatException e) {
            throw new Malformed("a member cannot be unpacked", data);
        }
    }

    private void content(Member member, byte[] bytes, long data) throws IOException {
        ByteSource inner = new MemorySource(bytes);
        String where = "`" + shown(member.name()) + "` ";
        byte[] head = Arrays.copyOf(bytes, Math.min(bytes.length, ForeignFormat.HEAD_BYTES));
        String kind = ForeignFormat.recognise(member.name(), head).orElse("");
        if (kind.equals(ForeignFormat.PICKLE) || PickleReader.is(inner)) {
            PickleReader.explain(where, inner, out);
        } else if (kind.equals("numpy")) {
            ForeignFormat.numpy(where, inner, out);
        } else if (kind.equals("hdf5")) {
            out.about(member.name(), kind);
        } else if (!kind.isEmpty()) {
            out.refuse(where + "is of the format " + kind, data);
        } else if (FileNames.ending(member.name()).equals("py")) {
            out.refuse(where + "is program text", data);
        } else if (FileNames.ending(member.name()).equals("json")) {
            KerasConfig.explain(where, bytes, data, out);
        }
    }

    private static String shown(String name) {
        return name.codePoints()
                .limit(100)
                .map(c -> Character.isISOControl(c) || c == '`' ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String format(List<Member> members) {
        boolean arrays = !members.isEmpty();
        boolean pickled = false;
        boolean script = false;
        boolean keras = false;
        for (Member member : members) {
            String name = member.name();
            arrays &= name.endsWith(".npy");
            pickled |= name.endsWith("data.pkl");
            script |= name.contains("/code/");
            keras |= name.equals("model.weights.h5") || name.equals("config.json");
        }
        return script
                ? "torchscript"
                : pickled ? "pytorch" : keras ? "keras" : arrays ? "npz" : "zip";
    }
}
