package atlas.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every fact Atlas records; the list auditors read. Adding a fact means adding a record here.
 *
 * <p>Field names follow OpenTelemetry GenAI semantic conventions where they exist; the JSON form is
 * made by {@link atlas.core.json.AuditJson}.
 */
public sealed interface AuditEvent {

    /** Who did it, as far as is known. */
    record Actor(
            String principal,
            String tenant,
            String credentialKind,
            String credentialId,
            String source) {
        /** Atlas itself, acting without a caller. */
        public static Actor system(String component) {
            return new Actor("atlas:" + component, Principal.DEFAULT_TENANT, "none", "", "local");
        }

        public static Actor of(Principal principal, String source) {
            return new Actor(
                    principal.id(),
                    principal.tenant(),
                    principal.credential().kind().name().toLowerCase(java.util.Locale.ROOT),
                    principal.credential().id(),
                    source);
        }
    }

    /** A model as it was when the fact happened: version, OMS root digest, who signed it. */
    record ModelIdentity(ModelRef ref, Digest rootDigest, String signer) {}

    /**
     * What the guard looked at and what it thought; true coverage, not hoped-for coverage.
     *
     * @param coverage {@code scanned}, {@code partial} or {@code skipped}
     * @param scannedBytes UTF-8 bytes looked at, of {@code totalBytes}
     * @param detectors name and version of each detector that ran
     * @param findings what was found, without the text
     * @param unread which bytes were not looked at, of which part
     */
    record GuardReport(
            String coverage,
            long scannedBytes,
            long totalBytes,
            List<String> detectors,
            double score,
            List<Finding> findings,
            List<Unread> unread) {
        public GuardReport {
            detectors = List.copyOf(detectors);
            findings = List.copyOf(findings);
            unread = List.copyOf(unread);
        }

        /** Everything that is counted was looked at, or it is not known what was not. */
        public GuardReport(
                String coverage,
                long scannedBytes,
                long totalBytes,
                List<String> detectors,
                double score,
                List<Finding> findings) {
            this(coverage, scannedBytes, totalBytes, detectors, score, findings, List.of());
        }

        /** Nothing was there to look at, or nobody looked. */
        public static GuardReport skipped(long totalBytes) {
            return skipped(
                    totalBytes,
                    totalBytes == 0 ? List.of() : List.of(new Unread("", 0, totalBytes)));
        }

        /** Nobody looked at these parts. */
        public static GuardReport skipped(long totalBytes, List<Unread> parts) {
            return new GuardReport("skipped", 0, totalBytes, List.of(), 0, List.of(), parts);
        }
    }

    /**
     * Bytes nobody looked at, in UTF-8, of the part named by {@code where}; empty for all parts
     * together.
     *
     * @param until the byte after the last
     */
    record Unread(String where, long from, long until) {}

    /** One finding; offsets are UTF-16 units in the part named by {@code where}. */
    record Finding(String type, String rule, String where, int start, int end, double score) {}

    /**
     * A prompt or an answer as recorded. The digest is of the exact bytes; the text is present only
     * where policy records content.
     */
    record Content(String mode, long bytes, Digest sha256, Optional<Sensitive<String>> text) {
        /** The mode in which nothing but the length is recorded. */
        public static final String NONE = "none";

        /** Whether the digest means something: it is recorded in every mode but one. */
        public boolean hashed() {
            return !mode.equals(NONE);
        }
    }

    /**
     * A tool that an answer calls.
     *
     * @param argumentBytes UTF-8 bytes of the arguments as sent
     * @param arguments their digest; absent where content is not recorded at all
     */
    record ToolCall(String name, long argumentBytes, Optional<Digest> arguments) {}

    /** What was asked for. */
    record InferenceParameters(
            boolean stream,
            Optional<Long> maxTokens,
            Optional<Double> temperature,
            Optional<Long> seed,
            List<String> tools) {
        public InferenceParameters {
            tools = List.copyOf(tools);
        }
    }

    /**
     * The process began; everything after it in this emitter's counter happened in this life of it.
     */
    record ProcessStarted(String component, String version, String configDigest)
            implements AuditEvent {}

    record ProcessStopped(String component, String reason) implements AuditEvent {}

    /** A credential was presented and did not hold, or was missing. */
    record AccessRefused(
            String requestId,
            String source,
            String method,
            String path,
            String reason,
            String credentialHint)
            implements AuditEvent {}

    /**
     * Refusals beyond what is journaled one by one, counted exactly, so that nobody can flood the
     * log.
     */
    record AccessRefusals(
            java.time.Instant from,
            java.time.Instant until,
            Map<String, Long> countByReason,
            long sources)
            implements AuditEvent {
        public AccessRefusals {
            countByReason = Map.copyOf(countByReason);
        }
    }

    /**
     * Somebody signed in at the console; recorded before the session exists.
     *
     * @param actor the session's principal, its credential the session itself
     * @param method {@code api-key}, {@code oidc} or {@code saml}
     * @param provider which provider vouched; empty for a key
     * @param vouched the credential that was shown, by reference
     */
    record SessionOpened(
            String requestId,
            Actor actor,
            String method,
            String provider,
            String vouched,
            java.time.Instant ends)
            implements AuditEvent {}

    /**
     * A console session is over.
     *
     * @param actor who or what ended it
     * @param reason {@code signed_out}, {@code idle}, {@code expired}, {@code revoked}, …
     */
    record SessionEnded(Actor actor, String session, String principal, String reason)
            implements AuditEvent {}

    /** Recorded, durably, before the model sees a byte. */
    record InferenceIntent(
            String requestId,
            Actor actor,
            String operation,
            ModelIdentity model,
            String policy,
            InferenceParameters parameters,
            GuardReport promptGuard,
            Content prompt)
            implements AuditEvent {}

    /**
     * Recorded, durably, before the last byte of the answer leaves.
     *
     * @param status {@code ok}, {@code filtered}, {@code cancelled} or {@code failed}
     */
    record InferenceOutcome(
            String requestId,
            Actor actor,
            long intentIndex,
            ModelIdentity model,
            String node,
            String status,
            List<String> finishReasons,
            List<ToolCall> toolCalls,
            long inputTokens,
            long outputTokens,
            Duration timeToFirst,
            Duration duration,
            GuardReport outputGuard,
            Content answer,
            String error)
            implements AuditEvent {
        public InferenceOutcome {
            finishReasons = List.copyOf(finishReasons);
            toolCalls = List.copyOf(toolCalls);
        }
    }

    /**
     * An authenticated request was refused; {@code step} is the step of the journey that said no.
     *
     * @param policy what decided about it, as {@link InferenceIntent} has it; empty when nothing
     *     was asked to
     */
    record InferenceDenied(
            String requestId,
            Actor actor,
            String operation,
            String model,
            String step,
            String code,
            String reason,
            String policy,
            GuardReport promptGuard,
            Optional<Content> prompt)
            implements AuditEvent {
        /** A refusal before any policy was asked. */
        public InferenceDenied(
                String requestId,
                Actor actor,
                String operation,
                String model,
                String step,
                String code,
                String reason,
                GuardReport promptGuard,
                Optional<Content> prompt) {
            this(requestId, actor, operation, model, step, code, reason, "", promptGuard, prompt);
        }
    }

    /**
     * A short-lived token of ours is about to be handed out; recorded, durably, before it is.
     *
     * @param actor who asked, and the credential the token stands on
     * @param grant as the token endpoint was asked; {@code api} for the control plane's own; {@code
     *     gateway:} and a name where that gateway decided and the control plane signed
     * @param boundTo what its holder has to prove: {@code certificate}, {@code dpop}, both or
     *     {@code nothing}
     */
    record TokenIssued(
            String requestId,
            Actor actor,
            String grant,
            String tokenId,
            List<String> audiences,
            List<String> roles,
            List<String> models,
            String boundTo,
            java.time.Instant expires)
            implements AuditEvent {
        public TokenIssued {
            audiences = List.copyOf(audiences);
            roles = List.copyOf(roles);
            models = List.copyOf(models);
        }
    }

    /** Somebody known asked for a token and did not get it. */
    record TokenRefused(String requestId, Actor actor, String grant, String code, String reason)
            implements AuditEvent {}

    /**
     * An administrative act, allowed or denied; before and after are JSON texts, empty when they do
     * not apply.
     *
     * @param policy what decided, by its id and version; empty where no policy was asked, as for
     *     what an operator does on the machine itself
     */
    record AdminAct(
            String requestId,
            Actor actor,
            String action,
            String resource,
            String outcome,
            String before,
            String after,
            String policy)
            implements AuditEvent {
        /** An act no policy was asked about. */
        public AdminAct(
                String requestId,
                Actor actor,
                String action,
                String resource,
                String outcome,
                String before,
                String after) {
            this(requestId, actor, action, resource, outcome, before, after, "");
        }
    }

    /**
     * Something happened to a model: {@code pushed}, {@code approved}, {@code deployed}, {@code
     * loaded}, {@code refused}, …
     */
    record ModelChanged(
            Actor actor,
            String change,
            String model,
            String rootDigest,
            String signer,
            String detail)
            implements AuditEvent {}

    /**
     * A vector store is about to be made, changed, searched or deleted; recorded, durably, before
     * it is. Texts that a model embeds for it are recorded as inference under the same request.
     *
     * @param act {@code create}, {@code update}, {@code add}, {@code search}, {@code read}, {@code
     *     remove}, {@code delete}, or {@code erase} where a subject was erased
     * @param owner who made the store
     * @param items the items that are added, found or removed, by their ids
     * @param outcome {@code allowed}, or {@code failed} where it did not happen after all
     * @param policy what decided, as {@link InferenceIntent} has it
     * @param guard what was looked at of the texts that are added or searched for
     * @param content those texts, as far as they are recorded
     */
    record VectorsUsed(
            String requestId,
            Actor actor,
            String act,
            String store,
            String owner,
            List<String> items,
            String outcome,
            String policy,
            GuardReport guard,
            Optional<Content> content)
            implements AuditEvent {
        public VectorsUsed {
            items = List.copyOf(items);
        }
    }

    /** A key was made, used to release another, rotated or destroyed. */
    record KeyUsed(Actor actor, String act, String key, int version, String purpose, String detail)
            implements AuditEvent {}

    /**
     * Someone read the journal itself.
     *
     * @param query what was asked for; names and words searched for are blind, for this is a fact
     *     about who asked
     */
    record JournalRead(String requestId, Actor actor, String query, long entries)
            implements AuditEvent {}

    /**
     * Entries left the journal for another system.
     *
     * @param act {@code started}, {@code delivered}, {@code stopped}, or {@code removed} where
     *     retention took entries before they were delivered
     * @param exporter its name in the configuration
     * @param destination where to, without any credential
     * @param content {@code metadata}, or {@code full} where prompts and answers may go along; then
     *     {@code of} and the kinds of facts, where not all of them go
     * @param from the first entry that this is about
     * @param until the entry after the last; equal to {@code from} where none was delivered yet
     */
    record JournalExported(
            Actor actor,
            String act,
            String exporter,
            String destination,
            String format,
            String content,
            long from,
            long until)
            implements AuditEvent {}

    /**
     * The keys of a subject's entries were destroyed. Names nobody: who knows a name can ask the
     * journal whether it is this one.
     *
     * @param by who asked for it, as a pseudonym
     * @param subject whose entries, as a pseudonym
     * @param keys the names of the keys, as they stand in the entries
     */
    record SubjectErased(
            String requestId, String by, String subject, String reason, List<String> keys)
            implements AuditEvent {
        public SubjectErased {
            keys = List.copyOf(keys);
        }
    }

    /**
     * What whoever checks this log has to demand of it from here on. The one fact that is not
     * sealed: a checker has no key.
     *
     * @param verifierKey the log's, in C2SP text form
     * @param secondKey the ML-DSA-44 key that its checkpoints are signed with as well; empty for
     *     none
     * @param shared whether entries that no checkpoint covers yet are in a database
     */
    record LogChartered(String verifierKey, String secondKey, boolean shared)
            implements AuditEvent {}

    /**
     * A backup of the home was made, and its last byte is about to leave.
     *
     * @param backup the SHA-256 of everything in it before its signature: what it is called by
     * @param destination {@code api} where a caller got it, else the file on this machine
     * @param entries of the journal that are in it, the first {@code entries} of the log
     * @param recipients the ids of the keys it can be opened with
     * @param threshold how many of them it takes
     * @param contents what is in it beside what always is: {@code weights}, {@code kek}
     */
    record BackupCreated(
            String requestId,
            Actor actor,
            String backup,
            String destination,
            long bytes,
            long entries,
            List<String> recipients,
            int threshold,
            List<String> contents)
            implements AuditEvent {
        public BackupCreated {
            recipients = List.copyOf(recipients);
            contents = List.copyOf(contents);
        }
    }

    /**
     * A backup was read again, from its first byte to its last.
     *
     * @param verdict {@code holds}, {@code broken}, {@code locked} where it could not be opened, or
     *     {@code unreadable}
     * @param depth {@code signature} where no key to open it was there, else {@code contents}
     * @param entries of the journal in it that were checked
     */
    record BackupVerified(
            Actor actor, String backup, String verdict, String depth, long entries, String detail)
            implements AuditEvent {}

    /**
     * This home was made from a backup: what it recorded after that is not in this log.
     *
     * @param entries of the journal that were in the backup
     * @param known the size of the log that the restorer knew of; as large as {@code entries}, or
     *     larger where a rollback was accepted
     */
    record BackupRestored(
            Actor actor, String backup, java.time.Instant created, long entries, long known)
            implements AuditEvent {}

    /**
     * A detector spoke.
     *
     * @param tenant of the principal it is about
     */
    record AlertRaised(
            String alertId,
            String rule,
            String severity,
            String tenant,
            String principal,
            String explanation,
            List<Long> evidence)
            implements AuditEvent {
        public AlertRaised {
            evidence = List.copyOf(evidence);
        }

        /** An alert about somebody of the default tenant, or about Atlas itself. */
        public AlertRaised(
                String alertId,
                String rule,
                String severity,
                String principal,
                String explanation,
                List<Long> evidence) {
            this(
                    alertId,
                    rule,
                    severity,
                    Principal.DEFAULT_TENANT,
                    principal,
                    explanation,
                    evidence);
        }
    }
}
