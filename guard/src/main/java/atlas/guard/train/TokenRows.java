package atlas.guard.train;

import atlas.guard.encoder.Tokens;
import atlas.guard.measure.Row;
import atlas.guard.model.Reading;
import atlas.guard.signature.Signatures;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes rows as the encoder reads them, for the program that trains it: {@code tokens.bin} has
 * every token with its letter triples, {@code rows.bin} the tokens of every view of every row. So
 * there is one tokenizer, and it is the one that serves.
 */
final class TokenRows {
    private static final int PACK = 1 << 16;

    private final Signatures signatures;
    private final Map<Long, Integer> known = new HashMap<>();
    private final List<int[]> tokens = new ArrayList<>();

    TokenRows(Signatures signatures) {
        this.signatures = signatures;
    }

    void write(List<Row> rows, Path folder) throws IOException {
        Files.createDirectories(folder);
        try (DataOutputStream out = open(folder.resolve("rows.bin"))) {
            out.writeInt(rows.size());
            for (Row row : rows) {
                List<Reading> readings = Reading.of(row.text(), signatures).readings();
                out.writeInt(readings.size());
                for (Reading reading : readings) {
                    int[] numbers = numbers(reading);
                    out.writeInt(numbers.length);
                    for (int number : numbers) {
                        out.writeInt(number);
                    }
                }
            }
        }
        try (DataOutputStream out = open(folder.resolve("tokens.bin"))) {
            out.writeInt(tokens.size());
            for (int[] token : tokens) {
                out.writeInt(token.length - 1);
                for (int part : token) {
                    out.writeInt(part);
                }
            }
        }
    }

    private static DataOutputStream open(Path file) throws IOException {
        return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), PACK));
    }

    private int[] numbers(Reading reading) {
        Tokens walk = new Tokens(reading.view());
        int[] numbers = new int[reading.view().length()];
        int[] pieces = new int[Tokens.LONGEST + 1];
        int size = 0;
        while (walk.next()) {
            int count = walk.pieces(pieces);
            int hash = walk.hash();
            long key = hash;
            for (int i = 0; i < count; i++) {
                key = key * 0x9e3779b97f4a7c15L + pieces[i];
            }
            Integer number = known.get(key);
            if (number == null) {
                number = tokens.size();
                known.put(key, number);
                int[] token = new int[count + 1];
                token[0] = hash;
                System.arraycopy(pieces, 0, token, 1, count);
                tokens.add(token);
            }
            numbers[size++] = number;
        }
        return Arrays.copyOf(numbers, size);
    }
}
