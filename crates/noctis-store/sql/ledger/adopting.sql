-- Has a taking over begun that neither came to its end nor was taken back?
SELECT COALESCE(
  (SELECT action = 'adopt_begin' FROM lifecycle_ledger
   WHERE action IN ('adopt_begin', 'adopt', 'adopt_withdraw')
   ORDER BY entry DESC LIMIT 1),
  false);
