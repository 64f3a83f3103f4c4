-- What does the ledger say of how retirement goes, and since when is there this store?
SELECT
  (SELECT max(at) FROM lifecycle_ledger WHERE action IN ('detach', 'discard'))                    AS retired_at,
  (SELECT COALESCE(sum(lock_tries), 0) FROM lifecycle_ledger)::bigint                             AS lock_tries,
  (SELECT COALESCE(max(lock_ms), 0) FROM lifecycle_ledger WHERE at > now() - interval '1 day')    AS lock_ms_max,
  (SELECT count(*) FROM lifecycle_ledger WHERE action = 'mend')                                   AS mended,
  (SELECT created_at FROM noctis_store)                                                           AS created_at;
