package atlas.control.link;

import atlas.control.enrol.Workload;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.TokenIssued;
import atlas.core.AuditEvent.TokenRefused;
import atlas.core.AuditLog;
import atlas.core.json.Json;
import atlas.identity.token.AtlasTokens.Issued;
import atlas.identity.token.TokenExchange.Signing;
import atlas.identity.token.TokenExchange.Signing.Answer;

/** Signs what gateways decided, within the desk's bounds; nothing leaves unless recorded before. */
public final class TokenOrders {
    private final Signing.Desk desk;
    private final AuditLog journal;

    public TokenOrders(Signing.Desk desk, AuditLog journal) {
        this.desk = desk;
        this.journal = journal;
    }

    /** The answer to one order, recorded: a token, or why there is none. */
    byte[] answer(Workload gateway, String requestId, byte[] order) {
        Signing.Judged judged = desk.answer(order);
        Actor actor = Actor.of(judged.holder(), judged.source());
        String grant = "gateway:" + gateway.name();
        return switch (judged.answer()) {
            case Answer.Signed(Issued issued) -> {
                journal.append(
                        new TokenIssued(
                                requestId,
                                actor,
                                grant,
                                issued.id(),
                                issued.audiences(),
                                issued.roles(),
                                issued.models(),
                                issued.boundTo(),
                                issued.expires()));
                yield said("token", issued.token().reveal(), "");
            }
            case Answer.Refused(String code, String message) -> {
                journal.append(new TokenRefused(requestId, actor, grant, code, message));
                yield said("refused", code, message);
            }
            case Answer.Ended(String reason) -> {
                journal.append(new TokenRefused(requestId, actor, grant, "invalid_grant", reason));
                yield said("ended", reason, "");
            }
            case Answer.Away(String what) -> throw new IllegalStateException(what);
        };
    }

    private static byte[] said(String outcome, String what, String message) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField(outcome, what);
            out.writeStringField("message", message);
            out.writeEndObject();
        });
    }
}
