-- senmeteo, schema version 4: a partition may be known to belong to a topic of which nothing is stored yet.
-- Applied by `senmeteo to-pg` itself under an advisory lock, or by hand: psql -v ON_ERROR_STOP=1 -f sql/0004_sink_offset.sql
-- Running it twice changes nothing.
BEGIN;
SELECT pg_advisory_xact_lock(7236839, 1); -- one migration at a time ("nmg" as a number)
SET LOCAL client_min_messages = warning;

ALTER TABLE meteo.sink_offset DROP CONSTRAINT IF EXISTS sink_offset_next_offset_check;
ALTER TABLE meteo.sink_offset ADD CONSTRAINT sink_offset_next_offset_check CHECK (next_offset >= -1);
COMMENT ON COLUMN meteo.sink_offset.next_offset IS 'Where the next batch starts; -1: --new-topic was said, and nothing of the new topic is stored yet';

INSERT INTO meteo.migration (version) VALUES (4) ON CONFLICT DO NOTHING;
COMMIT;
