-- Takes away the changes of kills up to this one: they are counted as they are now.
DELETE FROM presence_changes WHERE killmail_id <= $1;
