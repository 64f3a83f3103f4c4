-- Stops the server once no test process has been there for ten seconds. A test process holds lock (7331, 1) shared for
-- its life; the guard, of which lock (7331, 2) allows one, runs on in the server after the client that sent it is gone.
-- It stops the server with lock (7331, 1) in its hand, so whoever comes meanwhile notices and starts it again.
DO $$
DECLARE
    idle_rounds integer := 0;
BEGIN
    IF NOT pg_try_advisory_lock(7331, 2) THEN
        RETURN;
    END IF;
    -- At most a day.
    FOR round IN 1..172800 LOOP
        COMMIT;
        PERFORM pg_sleep(0.5);
        IF pg_try_advisory_lock(7331, 1) THEN
            idle_rounds := idle_rounds + 1;
            IF idle_rounds >= 20 THEN
                BEGIN
                    COPY (SELECT 1) TO PROGRAM 'kill -INT $(head -n 1 postmaster.pid)';
                EXCEPTION WHEN OTHERS THEN
                    -- The program need not read its line.
                    NULL;
                END;
                PERFORM pg_sleep(60);
                RETURN;
            END IF;
            PERFORM pg_advisory_unlock(7331, 1);
        ELSE
            idle_rounds := 0;
        END IF;
    END LOOP;
END
$$
