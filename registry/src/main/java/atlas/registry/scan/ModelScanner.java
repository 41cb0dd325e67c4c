package atlas.registry.scan;

import atlas.registry.scan.ScanReport.FileReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Admits model files by what they are: safetensors, GGUF, ONNX, JSON and text, each by a strict
 * parser of its own that must accept the whole file. Everything else is refused, and what is known
 * to be dangerous is named. Nothing is executed, unpickled or unpacked. Thread-safe.
 */
public final class ModelScanner {
    private ModelScanner() {}

    /** Looks at a whole file and throws when it is not of the format. */
    private interface Parser {
        void examine(ByteSource source, Examination out) throws IOException, Malformed;
    }

    /** How a file is to be parsed. */
    private record Choice(String format, Parser parser) {}

    /** Scans one file under its name in the model. */
    public static FileReport scan(String name, ByteSource source) throws IOException {
        Examination out = new Examination(name);
        byte[] head = new byte[(int) Math.min(ForeignFormat.HEAD_BYTES, source.length())];
        source.read(0, ByteBuffer.wrap(head));
        Optional<String> foreign = ForeignFormat.recognise(name, head);
        if (foreign.isPresent()) {
            return out.report(ForeignFormat.refuse(foreign.get(), source, out));
        }
        Optional<Choice> choice = choose(name, head);
        if (choice.isEmpty()) {
            String format = PickleReader.is(source) ? ForeignFormat.PICKLE : ScanReport.UNKNOWN;
            return out.report(ForeignFormat.refuse(format, source, out));
        }
        try {
            choice.get().parser().examine(source, out);
        } catch (Malformed e) {
            out.refuse(e.what(), e.offset());
        }
        return out.report(choice.get().format());
    }

    // The content decides; a name only says which parser has to accept it.
    private static Optional<Choice> choose(String name, byte[] head) {
        String ending = FileNames.ending(name);
        if (ending.equals("gguf") || startsWithGguf(head)) {
            return Optional.of(new Choice(GgufFile.FORMAT, GgufFile::examine));
        }
        if (ending.equals("safetensors") || looksLikeSafetensors(head)) {
            return Optional.of(new Choice(SafetensorsFile.FORMAT, SafetensorsFile::examine));
        }
        if (ending.equals("onnx")) {
            return Optional.of(new Choice(OnnxFile.FORMAT, OnnxFile::examine));
        }
        if (ending.equals("json")) {
            return Optional.of(new Choice(JsonFile.FORMAT, JsonFile::examine));
        }
        if (FileNames.isText(name)) {
            return Optional.of(new Choice(TextFile.FORMAT, TextFile::examine));
        }
        return Optional.empty();
    }

    private static boolean startsWithGguf(byte[] head) {
        return head.length >= 4
                && head[0] == 'G'
                && head[1] == 'G'
                && head[2] == 'U'
                && head[3] == 'F';
    }

    private static boolean looksLikeSafetensors(byte[] head) {
        return head.length > 9 && head[8] == '{' && head[7] == 0 && head[6] == 0 && head[5] == 0;
    }

    /** Scans a file, or every file of a folder; links are refused. */
    public static ScanReport scan(Path path) {
        try {
            if (!Files.isDirectory(path)) {
                return new ScanReport(List.of(scanFile(path, String.valueOf(path.getFileName()))));
            }
            List<Path> files;
            try (Stream<Path> walk = Files.walk(path)) {
                files =
                        walk.filter(p -> !Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS))
                                .sorted()
                                .toList();
            }
            List<FileReport> reports = new ArrayList<>();
            for (Path file : files) {
                reports.add(scanFile(file, path.relativize(file).toString()));
            }
            return ScanReport.together(reports);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read `" + path + "`", e);
        }
    }

    private static FileReport scanFile(Path file, String name) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            Examination out = new Examination(name);
            out.refuse("not a regular file", 0);
            return out.report("a link or a special file");
        }
        try (FileChannel channel =
                FileChannel.open(
                        file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            return scan(name, new ChannelSource(channel, channel.size()));
        }
    }

    /** An open file. */
    private record ChannelSource(FileChannel channel, long length) implements ByteSource {
        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            long at = position;
            while (target.hasRemaining()) {
                int n = channel.read(target, at);
                if (n < 0) {
                    throw new IOException("the file became shorter while it was read");
                }
                at += n;
            }
        }
    }
}
