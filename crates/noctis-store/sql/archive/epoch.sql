-- How often have kills moved between tables and archive? Who reads both asks before and after.
SELECT epoch FROM noctis_store;
