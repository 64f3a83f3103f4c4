-- Forgets parked inputs that are stored now.
DELETE FROM killmails_parked
WHERE parked_id = ANY ($1);
