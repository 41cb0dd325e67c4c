package atlas.policy;

import atlas.core.Cidr;
import atlas.core.Principal;
import atlas.policy.Circumstances.Risk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The {@code policy} section of {@code atlas.yaml}.
 *
 * @param file the policy file; followed while Atlas runs. Without it, the one last put through the
 *     control plane is in force
 * @param segments names of network segments and their address blocks, for {@code context.segment};
 *     the narrowest block that holds an address names it
 */
public record PolicyConfig(Optional<Path> file, Map<String, Set<String>> segments) {
    public PolicyConfig {
        segments = Map.copyOf(segments);
        blocks(segments);
    }

    /** No file, no segments. */
    public static PolicyConfig defaults() {
        return new PolicyConfig(Optional.empty(), Map.of());
    }

    private record Block(String segment, Cidr addresses, int prefix) {}

    /** What conditions may ask about, where {@code risk} watches over principals. */
    public Surroundings surroundings(Function<Principal, Risk> risk) {
        List<Block> blocks = blocks(segments);
        return new Surroundings() {
            @Override
            public String segmentOf(String source) {
                for (Block block : blocks) {
                    if (block.addresses.contains(source)) {
                        return block.segment;
                    }
                }
                return "";
            }

            @Override
            public Risk riskOf(Principal principal) {
                return risk.apply(principal);
            }
        };
    }

    // The narrowest first: a block within another one is named before it.
    private static List<Block> blocks(Map<String, Set<String>> segments) {
        List<Block> blocks = new ArrayList<>();
        segments.forEach((name, addresses) -> {
            for (String text : addresses) {
                Cidr cidr = Cidr.parse(text);
                String canonical = cidr.toString();
                int prefix = Integer.parseInt(canonical.substring(canonical.indexOf('/') + 1));
                for (Block other : blocks) {
                    if (other.addresses.equals(cidr) && !other.segment.equals(name)) {
                        throw new IllegalArgumentException(
                                "`%s` is in segment `%s` and in `%s`"
                                        .formatted(text, other.segment, name));
                    }
                }
                blocks.add(new Block(name, cidr, prefix));
            }
        });
        blocks.sort(Comparator.comparingInt((Block block) -> -block.prefix));
        return List.copyOf(blocks);
    }
}
