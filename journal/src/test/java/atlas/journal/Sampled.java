package atlas.journal;

import java.security.SecureRandom;

/**
 * Steps through something too long for every build: each build looks at one in so many, beginning
 * somewhere else each time; {@code -Datlas.every=true} at all of them.
 */
record Sampled(int first, int stride) {
    static Sampled oneIn(int many) {
        int stride = Boolean.getBoolean("atlas.every") ? 1 : many;
        return new Sampled(new SecureRandom().nextInt(stride), stride);
    }
}
