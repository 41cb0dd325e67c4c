package atlas.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Ends what {@link LoginCommand} began. */
@Command(
        name = "logout",
        description = "Forget the sign-in of `atlas login`, and give its token back to the issuer.")
final class LogoutCommand extends AtlasCommand {
    @Override
    public Integer call() {
        try (SavedLogin saved = SavedLogin.open(shared().ca())) {
            SavedLogin.Entry entry =
                    saved.entry().orElseThrow(() -> Stop.no("nobody is signed in here"));
            // Forgotten first: what cannot be reached must not keep anybody signed in.
            saved.remove();
            ObjectNode done = Remote.object();
            done.put("event", "signed-out");
            done.put("issuer", entry.issuer());
            done.put("revoked", revoked(entry));
            terminal().object(done);
        } catch (IOException e) {
            throw Stop.unknown("cannot forget the sign-in: " + e.getMessage());
        }
        return Main.YES;
    }

    private static boolean revoked(SavedLogin.Entry entry) {
        if (entry.refresh() == null) {
            return false;
        }
        try (DeviceFlow flow =
                DeviceFlow.with(entry.issuer(), entry.clientId(), entry.authority())) {
            return flow.revoke(entry.refresh());
        } catch (Stop away) {
            return false;
        }
    }
}
