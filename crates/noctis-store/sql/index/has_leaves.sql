-- Has any of these tables ($1) a leaf?
SELECT EXISTS (
  SELECT FROM pg_inherits i
  JOIN pg_class parent ON parent.oid = i.inhparent
  WHERE parent.relname = ANY ($1)
    AND parent.relnamespace = 'public'::regnamespace);
