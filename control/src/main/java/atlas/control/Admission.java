package atlas.control;

import atlas.control.ControlParts.OwnSvid;
import atlas.control.enrol.JoinToken;
import atlas.control.trust.HomeDirectory;
import atlas.core.Sensitive;
import java.util.Optional;

/** How a home came to its membership, and comes to it when it has none. */
sealed interface Admission {
    Membership first();

    Membership again(Membership kept);

    default Optional<OwnSvid> own() {
        return Optional.empty();
    }

    default void require(HomeDirectory home, boolean joined) {}

    /** With a token, once. */
    record Token(Optional<Sensitive<String>> token) implements Admission {
        @Override
        public void require(HomeDirectory home, boolean joined) {
            if (!joined && token.isEmpty()) {
                throw new TrustRootException(
                        "`"
                                + home.root()
                                + "` has not joined a control plane; get a token there with"
                                + " `atlas node join-token` and give it with --join",
                        null);
            }
        }

        @Override
        public Membership first() {
            try {
                return Joining.with(JoinToken.parse(token.orElseThrow()));
            } catch (IllegalArgumentException e) {
                throw new TrustRootException(String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public Membership again(Membership kept) {
            return kept;
        }
    }

    /** By an SVID, whenever there is nothing kept. */
    record Svid(OwnSvid svid, Membership.Place control) implements Admission {
        @Override
        public Optional<OwnSvid> own() {
            return Optional.of(svid);
        }

        @Override
        public Membership first() {
            return SvidEnrolment.with(svid, control);
        }

        @Override
        public Membership again(Membership kept) {
            String known = "/" + kept.role() + "/" + kept.name();
            if (!known.equals(svid.id().path())) {
                throw new TrustRootException(
                        "this home is of `%s`, and the SVID is of `%s`; give each its own home"
                                .formatted(known, svid.id()),
                        null);
            }
            return kept.at(control);
        }
    }
}
