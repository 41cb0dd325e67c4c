-- The tables of a journal that several gateways share, version 1. Run once, as the database's
-- owner: psql -v ON_ERROR_STOP=1 --single-transaction -f schema.sql
--
-- Nobody who records or integrates may change or remove a row; the order is given here, by the
-- triggers, and not by those who insert.

CREATE SCHEMA atlas_journal;

CREATE TABLE atlas_journal.version (number integer PRIMARY KEY);
INSERT INTO atlas_journal.version VALUES (1);

-- A batch of sealed entries: `entries` is `u32 length, entry` as often as `count` says.
CREATE TABLE atlas_journal.batch (
    number      bigint PRIMARY KEY,
    first_index bigint NOT NULL UNIQUE,
    count       integer NOT NULL CHECK (count BETWEEN 1 AND 4096),
    emitter     bytea NOT NULL CHECK (length(emitter) = 16),
    sequence    bigint NOT NULL CHECK (sequence >= 0),
    entries     bytea NOT NULL CHECK (length(entries) <= 4194304),
    previous    bytea NOT NULL,
    hash        bytea NOT NULL,
    UNIQUE (emitter, sequence)
);
-- What is sealed does not get smaller: do not try.
ALTER TABLE atlas_journal.batch ALTER COLUMN entries SET STORAGE EXTERNAL;

-- One row for every term of office of an integrator; the last is the only one that may publish.
CREATE TABLE atlas_journal.epoch (
    number bigint PRIMARY KEY,
    holder text NOT NULL CHECK (length(holder) <= 255),
    began  timestamptz NOT NULL DEFAULT now()
);

-- Every checkpoint that was published: how many batches and entries are under it.
CREATE TABLE atlas_journal.checkpoint (
    size    bigint PRIMARY KEY CHECK (size > 0),
    batches bigint NOT NULL,
    hash    bytea NOT NULL,
    epoch   bigint NOT NULL REFERENCES atlas_journal.epoch,
    note    text NOT NULL CHECK (length(note) <= 65536)
);

-- The lock is held until the commit is durable, so nothing is ever placed after what may be lost.
CREATE FUNCTION atlas_journal.place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(1096043603, 1);
    SELECT b.number, b.first_index + b.count AS next, b.hash INTO last
        FROM atlas_journal.batch b ORDER BY b.number DESC LIMIT 1;
    NEW.number := coalesce(last.number + 1, 0);
    NEW.first_index := coalesce(last.next, 0);
    NEW.previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    NEW.hash := sha256(int8send(NEW.number) || int8send(NEW.first_index) || int4send(NEW.count)
        || NEW.emitter || int8send(NEW.sequence) || NEW.previous || sha256(NEW.entries));
    RETURN NEW;
END $$;
CREATE TRIGGER place BEFORE INSERT ON atlas_journal.batch
    FOR EACH ROW EXECUTE FUNCTION atlas_journal.place();

CREATE FUNCTION atlas_journal.elect() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1096043603, 2);
    SELECT coalesce(max(e.number), 0) + 1 INTO NEW.number FROM atlas_journal.epoch e;
    RETURN NEW;
END $$;
CREATE TRIGGER elect BEFORE INSERT ON atlas_journal.epoch
    FOR EACH ROW EXECUTE FUNCTION atlas_journal.elect();

-- The fence: whoever was succeeded publishes nothing, and nobody publishes less than before.
CREATE FUNCTION atlas_journal.fence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1096043603, 2);
    IF NEW.epoch IS DISTINCT FROM (SELECT max(e.number) FROM atlas_journal.epoch e) THEN
        RAISE EXCEPTION 'another integrator has taken over' USING ERRCODE = 'AT001';
    END IF;
    IF NEW.size <= (SELECT max(c.size) FROM atlas_journal.checkpoint c) THEN
        RAISE EXCEPTION 'a checkpoint of this size or more is published' USING ERRCODE = 'AT001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fence BEFORE INSERT ON atlas_journal.checkpoint
    FOR EACH ROW EXECUTE FUNCTION atlas_journal.fence();

-- Not even the owner changes a row by mistake; batches under a checkpoint may be removed by the
-- owner, but for the last, on which the next one builds.
CREATE FUNCTION atlas_journal.keep() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'batch' THEN
        IF OLD.number < (SELECT max(c.batches) - 1 FROM atlas_journal.checkpoint c) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the tables of a journal are only ever added to' USING ERRCODE = 'AT002';
END $$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON atlas_journal.batch
    FOR EACH ROW EXECUTE FUNCTION atlas_journal.keep();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON atlas_journal.batch
    FOR EACH STATEMENT EXECUTE FUNCTION atlas_journal.keep();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON atlas_journal.epoch
    FOR EACH STATEMENT EXECUTE FUNCTION atlas_journal.keep();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON atlas_journal.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION atlas_journal.keep();

-- Who records may add batches and see where they came to lie, not what is in them. Who integrates
-- may read batches, take office and publish. Log in as members of these.
REVOKE ALL ON SCHEMA atlas_journal FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA atlas_journal FROM PUBLIC;
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'atlas_journal_writer') THEN
        CREATE ROLE atlas_journal_writer NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'atlas_journal_integrator') THEN
        CREATE ROLE atlas_journal_integrator NOLOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA atlas_journal TO atlas_journal_writer, atlas_journal_integrator;
GRANT SELECT ON atlas_journal.version TO atlas_journal_writer, atlas_journal_integrator;
GRANT INSERT (count, emitter, sequence, entries),
      SELECT (number, first_index, count, emitter, sequence, previous, hash)
    ON atlas_journal.batch TO atlas_journal_writer;
GRANT SELECT ON atlas_journal.batch, atlas_journal.epoch, atlas_journal.checkpoint
    TO atlas_journal_integrator;
GRANT INSERT (holder) ON atlas_journal.epoch TO atlas_journal_integrator;
GRANT INSERT (size, batches, hash, epoch, note) ON atlas_journal.checkpoint
    TO atlas_journal_integrator;
