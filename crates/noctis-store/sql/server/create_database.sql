-- The database; its owner may make schemas and trusted extensions in it.
CREATE DATABASE noctis OWNER noctis
