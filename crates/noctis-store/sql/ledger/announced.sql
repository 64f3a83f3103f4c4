-- Has the store's first retirement been announced?
SELECT EXISTS (SELECT FROM lifecycle_ledger WHERE action = 'announce');
