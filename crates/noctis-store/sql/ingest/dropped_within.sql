-- Were kills from $1 to before $2 dropped without an archive?
SELECT EXISTS (SELECT FROM dropped_ranges WHERE range_from < $2 AND range_to > $1);
