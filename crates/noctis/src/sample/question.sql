-- Who was lost in this system, and what was it worth? To run it: noctis --data-dir :folder psql
SELECT killmail_time, ship_type_name, victim_character_name, value
FROM eve.kills
WHERE solar_system_id = :system
  AND killmail_time >= ':from+00'
  AND killmail_time < ':to+00'
  AND :condition
ORDER BY killmail_time DESC;
