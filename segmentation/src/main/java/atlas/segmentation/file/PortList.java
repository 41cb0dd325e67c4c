package atlas.segmentation.file;

import atlas.segmentation.graph.Ports;
import java.util.Optional;

/** Ports as they are written: {@code 443} or {@code 8000-8010}. */
final class PortList {
    private PortList() {}

    static Optional<Integer> one(String text) {
        boolean digits =
                !text.isEmpty()
                        && text.length() <= 5
                        && text.charAt(0) != '0'
                        && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            return Optional.empty();
        }
        int port = Integer.parseInt(text);
        return port <= Ports.MAX ? Optional.of(port) : Optional.empty();
    }

    static Optional<Ports> run(String text) {
        int dash = text.indexOf('-');
        if (dash < 0) {
            return one(text).map(Ports::of);
        }
        Optional<Integer> first = one(text.substring(0, dash).strip());
        Optional<Integer> last = one(text.substring(dash + 1).strip());
        return first.isPresent() && last.isPresent() && first.get() <= last.get()
                ? Optional.of(new Ports(first.get(), last.get()))
                : Optional.empty();
    }
}
