-- What every session of the reading role begins with; the owner, a plain role, may not say so himself.
ALTER ROLE noctis_read SET TimeZone = 'UTC';
ALTER ROLE noctis_read SET statement_timeout = '30s';
ALTER ROLE noctis_read SET default_transaction_read_only = on;
ALTER ROLE noctis_read SET enable_partitionwise_join = on;
ALTER ROLE noctis_read SET search_path = public, eve;
