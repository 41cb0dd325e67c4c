package atlas.guard.train;

import atlas.guard.measure.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Makes pairs of documents: one harmless document with an attack put into it, and another with a
 * harmless request put into it in the same way. So the model learns the attack and not the seam.
 */
final class Twins {
    static final String SOURCE = "twins";

    private static final int LONGEST_PAYLOAD = 300;
    private static final int SHORTEST_PAYLOAD = 25;
    private static final int LONGEST_CARRIER = 1500;

    private Twins() {}

    static List<Row> of(List<Row> rows, int pairs, RandomGenerator random) {
        List<Row> carriers =
                rows.stream()
                        .filter(r -> !r.attack() && r.channel().equals("document"))
                        .filter(r -> !r.category().equals("benign-hard"))
                        .toList();
        List<Row> attacks = payloads(rows, true);
        List<Row> requests = payloads(rows, false);
        List<Row> twins = new ArrayList<>();
        if (carriers.isEmpty() || attacks.isEmpty() || requests.isEmpty()) {
            return twins;
        }
        for (int i = 0; i < pairs; i++) {
            twins.add(join(pick(carriers, random), pick(attacks, random), random));
            twins.add(join(pick(carriers, random), pick(requests, random), random));
        }
        return twins;
    }

    /** Short texts a user says; obfuscated ones have their own rows. */
    private static List<Row> payloads(List<Row> rows, boolean attack) {
        return rows.stream()
                .filter(r -> r.attack() == attack && r.channel().equals("user"))
                .filter(r -> !r.category().equals("obfuscated/encoded"))
                .filter(r -> !r.source().startsWith("synthetic-multilingual"))
                .filter(r -> r.text().length() >= SHORTEST_PAYLOAD)
                .filter(r -> r.text().length() <= LONGEST_PAYLOAD)
                .toList();
    }

    private static Row pick(List<Row> rows, RandomGenerator random) {
        return rows.get(random.nextInt(rows.size()));
    }

    private static Row join(Row carrier, Row payload, RandomGenerator random) {
        String text = carrier.text();
        if (text.length() > LONGEST_CARRIER) {
            int from = random.nextInt(text.length() - LONGEST_CARRIER);
            text = text.substring(from, from + LONGEST_CARRIER);
        }
        int seam = text.length();
        int wanted = random.nextInt(text.length() + 1);
        for (int at = wanted; at < text.length(); at++) {
            if (text.charAt(at) == '\n'
                    || (at > 0 && text.charAt(at) == ' ' && text.charAt(at - 1) == '.')) {
                seam = at;
                break;
            }
        }
        String gap = random.nextBoolean() ? "\n" : " ";
        return new Row(
                text.substring(0, seam) + gap + payload.text() + gap + text.substring(seam),
                payload.attack(),
                SOURCE + OwnRows.FROM + carrier.source() + OwnRows.FROM + payload.source(),
                payload.attack() ? "indirect-injection" : "benign",
                payload.lang(),
                "document");
    }
}
