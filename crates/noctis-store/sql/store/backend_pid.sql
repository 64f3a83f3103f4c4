-- Which server process answers this connection?
SELECT pg_backend_pid();
