-- Which statement does this to the databases named? (They take no parameters.)
SELECT CASE $1::text
    WHEN 'create' THEN format('CREATE DATABASE %I', $2::text)
    WHEN 'clone' THEN format('CREATE DATABASE %I TEMPLATE %I', $2::text, $3::text)
    WHEN 'close' THEN format('ALTER DATABASE %I ALLOW_CONNECTIONS false', $2::text)
    WHEN 'rename' THEN format('ALTER DATABASE %I RENAME TO %I', $2::text, $3::text)
    WHEN 'drop' THEN format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $2::text)
END
