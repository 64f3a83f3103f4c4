-- The role that people and tools ask with.
CREATE ROLE noctis_read LOGIN
