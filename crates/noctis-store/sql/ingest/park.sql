-- Keeps an input that cannot be stored; the same bytes once.
INSERT INTO killmails_parked (digest, killmail_id, reason, detail, source, bytes)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (digest) DO NOTHING;
