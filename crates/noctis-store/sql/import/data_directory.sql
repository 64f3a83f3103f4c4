-- Where the server keeps its data, if it runs on this machine and may tell us; null otherwise.
SELECT CASE
  WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE')
    AND (inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr())
  THEN current_setting('data_directory')
END;
