-- Lets one at a time load static data, and tells which build the tables hold; held to the end of the transaction.
SELECT static_data_build FROM noctis_store FOR UPDATE;
