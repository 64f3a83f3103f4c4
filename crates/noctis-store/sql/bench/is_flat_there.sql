-- Have the rows been copied into tables without partitions? The last index tells.
SELECT to_regclass('flat.done') IS NOT NULL;
