package atlas.registry.scan;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.registry.scan.ScanReport.FileReport;
import atlas.registry.scan.ScanReport.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** What is not admitted is refused whatever it holds; these say that the reason is named. */
class ForeignFormatTest {
    private static final String CALL_0 = "cos\nsystem\n(S'true'\ntR.";

    private static FileReport scan(String name, byte[] bytes) throws IOException {
        FileReport report = ModelScanner.scan(name, new MemorySource(bytes));
        assertThat(report.verdict()).as(name).isEqualTo(Verdict.REFUSE);
        return report;
    }

    private static List<String> told(FileReport report) {
        return report.findings().stream().map(ScanReport.Finding::what).toList();
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] zip(Object... namesAndContents) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) namesAndContents[i]));
                zip.write((byte[]) namesAndContents[i + 1]);
            }
        }
        return out.toByteArray();
    }

    /** The ways a pickle names and calls something, by every opcode there is for it. */
    private static List<String> callers() {
        List<String> pickles = new ArrayList<>();
        pickles.add(CALL_0);
        pickles.add("(S'true'\nios\nsystem\n.");
        pickles.add("(cos\nsystem\nS'true'\no.");
        pickles.add("\u0080\2cos\nsystem\n)\u0081.");
        pickles.add("\u0080\4cos\nsystem\n)}\u0092.");
        pickles.add("\u0080\4\u008c\2os\u008c\6system\u0093\u008c\4true\u0085R.");
        pickles.add("\u0080\4\u008c\2os\u0094\u008c\6systemq\1h\0h\1\u0093)R.");
        pickles.add("Vos\np7\nVsystem\np8\n0g7\ng8\n\u0093)R.");
        pickles.add("\u0080\4\u0095\0\0\0\0\0\0\0\0cos\nsystem\n)R0N.");
        return pickles;
    }

    @Test
    void namesWhatAPickleCalls() throws IOException {
        for (String pickle : callers()) {
            FileReport report = scan("m.pkl", latin(pickle));

            assertThat(report.format()).as(pickle).isEqualTo("pickle");
            assertThat(told(report)).as(pickle).contains("it calls `os.system`");
        }
    }

    @Test
    void namesWhatElseAPickleDoes() throws IOException {
        assertThat(told(scan("m.pkl", latin("\u0080\2K\1\u0082\7."))))
                .contains("it takes an object from the registry of extensions");
        assertThat(told(scan("m.pkl", latin("\u0080\2K\1Q."))))
                .contains("it asks its loader for an object by name");
        assertThat(told(scan("m.pkl", latin(CALL_0 + "x")))).isNotEmpty();
        assertThat(told(scan("m.pkl", latin("\u0080\2]q\1."))))
                .contains("it holds data only, yet what reads it can run code; convert it");
        assertThat(told(scan("m.pkl", latin("\u0080\u0063N."))))
                .doesNotContain("it holds data only, yet what reads it can run code; convert it");
    }

    @Test
    void looksIntoArchivesWhateverTheyAreCalled() throws IOException {
        byte[] archive = zip("m/data.pkl", latin(CALL_0), "m/data/0", new byte[4]);
        for (String name : new String[] {"m.pt", "m.safetensors", "README.md", "m.json"}) {
            FileReport report = scan(name, archive);
            assertThat(report.format()).isEqualTo("pytorch");
            assertThat(told(report)).contains("`m/data.pkl` calls `os.system`");
        }
        assertThat(scan("m.pt", zip("m/code/a.py", latin("x"))).format()).isEqualTo("torchscript");
        byte[] lambda = latin("{\"config\":{\"layers\":[{\"class_name\":\"Lambda\"}]}}");
        FileReport keras = scan("m.keras", zip("config.json", lambda));
        assertThat(keras.format()).isEqualTo("keras");
        assertThat(told(keras)).anyMatch(what -> what.contains("`Lambda`"));
        assertThat(told(scan("m.zip", zip("../a", new byte[1]))))
                .contains("a member's name leads elsewhere");
        assertThat(told(scan("m.zip", zip("a", new byte[1], "A", new byte[1]))))
                .contains("two members have one name");
        assertThat(told(scan("m.zip", zip("a", new byte[1 << 20]))))
                .contains("a member unpacks to more than 100 times itself");
    }

    @Test
    void noticesWhereTheTwoHeadersOfAMemberDiffer() throws IOException {
        byte[] good = zip("abc", latin("hello hello"));
        for (int at : new int[] {6, 8, 30}) {
            byte[] lying = good.clone();
            lying[at] ^= 1;
            assertThat(told(scan("m.zip", lying)))
                    .as("byte " + at)
                    .anyMatch(what -> what.contains("differs") || what.contains("malformed"));
        }
        byte[] flags = good.clone();
        flags[6] |= 1;
        assertThat(told(scan("m.zip", flags)))
                .contains("a member differs from what the directory says of it");
    }

    @Test
    void looksIntoCompressedPicklesAndArraysOfObjects() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(latin(CALL_0));
        }
        FileReport report = scan("m.joblib", out.toByteArray());
        assertThat(report.format()).isEqualTo("gzip");
        assertThat(told(report)).contains("packed in it, a pickle calls `os.system`");

        String header =
                "\u0093NUMPY\1\0v\0{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n";
        assertThat(told(scan("m.npy", latin(header))))
                .contains("it is an array of objects: a pickle, which can run code");
        assertThat(told(scan("saved_model.pb", latin("\12\10\12\6PyFunc"))))
                .contains("it uses the operator `PyFunc`");
    }
}
