-- Loads the table systems anew.
COPY systems (
  eve_id, name, constellation, region, security_status, constellation_id, region_id, wormhole_class)
FROM STDIN (FORMAT BINARY)
